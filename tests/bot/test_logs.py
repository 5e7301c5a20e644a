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
        raise ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    except ValueError:
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


@pytest.fixture
def _logging_restored() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("_logging_restored")
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_requests_are_not_logged_at_all(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    configure_logging("DEBUG", log_format, [TOKEN])
    logging.getLogger("httpx").info("HTTP Request: POST https://host/bot%s/getMe", TOKEN)
    logging.getLogger("telegram.Bot").debug("Calling Bot API %s", TOKEN)
    written = capsys.readouterr().err
    assert "HTTP Request" not in written
    assert "Calling Bot API" in written
    assert TOKEN not in written
