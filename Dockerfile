# docker build -t imyarek .
# PyPI's torch brings GPU libraries of several GB that the bot has no use for. For an image of a
# tenth of the size pass the index of PyTorch's CPU builds, as its installation page names it:
#   docker build --build-arg PIP_EXTRA_INDEX_URL=... -t imyarek .
FROM python:3.11-slim AS build
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/imyarek
ENV PATH=/opt/imyarek/bin:$PATH
COPY constraints.txt ./
RUN pip install torch==2.13.0 -c constraints.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY db db
COPY migrations migrations
COPY ml ml
RUN pip install '.[postgres]' -c constraints.txt

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
