# docker build -t imyarek .
# torch comes without GPU libraries; another one with --build-arg TORCH_INDEX=..., see README.md.
FROM python:3.11-slim AS build
ARG TORCH_INDEX
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/imyarek
ENV PATH=/opt/imyarek/bin:$PATH
# The dependencies are a layer of their own, which a change of the bot leaves as it is.
COPY pyproject.toml constraints.txt ./
COPY tools tools
RUN touch README.md LICENSE \
    && python tools/install_torch.py \
    && pip install '.[postgres]' -c constraints.txt
COPY README.md LICENSE ./
COPY bot bot
COPY db db
COPY migrations migrations
COPY ml ml
RUN pip install --no-deps .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home imyarek && install -d -o imyarek -g imyarek /imyarek/data
COPY --from=build /opt/imyarek /opt/imyarek
ENV PATH=/opt/imyarek/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    WEBHOOK_LISTEN=0.0.0.0
USER imyarek
# The default DATABASE_URL is data/imyarek.db in the working directory.
WORKDIR /imyarek
VOLUME /imyarek/data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "bot", "health"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot", "run"]
