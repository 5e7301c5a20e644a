"""No secret gets into a log line, however it got into the record."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import STRUCK_OUT, JsonFormatter, Redactor, TextFormatter, configure_logging

TOKEN = "123456:short-secret"  # noqa: S105
OTHER_TOKEN = "987654321:AAE-abcdefghijklmnopqrstuvwxyz012345"  # noqa: S105
PASSWORD = 'p@ss"word'  # noqa: S105


def failing_record() -> logging.LogRecord:
    try:
        raise ConnectionError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    except ConnectionError:
        return logging.LogRecord(
            "bot", logging.ERROR, __file__, 1, "token %s", (TOKEN,), sys.exc_info()
        )


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_messages_and_tracebacks_are_redacted(
    formatter: type[TextFormatter] | type[JsonFormatter],
) -> None:
    line = formatter(Redactor([TOKEN, PASSWORD])).format(failing_record())
    assert "short-secret" not in line
    assert line.count(STRUCK_OUT) >= 2
    assert "Traceback" in line


def test_a_json_line_is_one_object() -> None:
    line = JsonFormatter(Redactor([TOKEN])).format(failing_record())
    assert "\n" not in line
    record = json.loads(line)
    assert record.keys() == {"time", "level", "logger", "message", "traceback"}
    assert record["message"] == f"token {STRUCK_OUT}"


@pytest.mark.parametrize(
    "text",
    [
        f"/bot{TOKEN}/getMe",
        "/bot123456%3Ashort-secret/getMe",
        f"the token `{OTHER_TOKEN}` was rejected",
        f"postgresql://me:{PASSWORD}@host",
        "postgresql://me:p%40ss%22word@host",
    ],
)
def test_every_spelling_is_struck_out(text: str) -> None:
    redacted = Redactor([TOKEN, PASSWORD]).redact(text)
    assert STRUCK_OUT in redacted
    assert not any(s in redacted for s in ("short-secret", "abcdefgh", "word"))


@given(st.lists(st.text()), st.text())
def test_any_secrets_leave_texts_without_them_alone(secrets: list[str], text: str) -> None:
    redacted = Redactor(secrets).redact(text)
    assert redacted == text or any(s and s in text for s in secrets) or ":" in text or "%" in text


@pytest.mark.usefixtures("_logging_restored")
@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("level", ["DEBUG", "WARNING"])
def test_libraries_are_not_asked_what_people_write(
    capsys: pytest.CaptureFixture[str], level: str, log_format: str
) -> None:
    configure_logging(level, log_format, [TOKEN])
    logging.getLogger("httpx").info("HTTP Request: POST https://host/bot%s/getMe", TOKEN)
    logging.getLogger("telegram.Bot").debug("Calling Bot API: Здравствуйте")
    logging.getLogger("telegram.ext.Application").debug("Processing update Аня")
    logging.getLogger("aiosqlite").debug("executing INSERT Аня")
    logging.getLogger("telegram.request.BaseRequest").error("Can not load: Здравствуйте")
    logging.getLogger("asyncio").error("Never retrieved\nfuture: KeyError('Здравствуйте')")
    logging.getLogger("telegram.ext.Application").warning("No error handlers")
    logging.getLogger("bot.polling").debug("ours")
    written = capsys.readouterr().err
    assert not any(words in written for words in ("HTTP Request", "Здравствуйте", "Аня", TOKEN))
    assert "Never retrieved" in written
    assert "No error handlers" in written
    assert ("ours" in written) is (level == "DEBUG")


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_a_traceback_says_where_and_what_but_quotes_nobody(
    formatter: type[TextFormatter] | type[JsonFormatter],
) -> None:
    words = "".join(["Здрав", "ствуйте"])  # not as one in the source, which a traceback shows
    try:
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError as error:
            raise ExceptionGroup("several", [KeyError(words), TimeoutError()]) from error
    except ExceptionGroup:
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    line = formatter(Redactor([])).format(record)
    assert words not in line
    for expected in ("test_logs.py", "[Errno 111] Connection refused", "KeyError", "TimeoutError"):
        assert expected in line
