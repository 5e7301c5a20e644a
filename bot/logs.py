"""Logging to standard error, as text or JSON lines, with every secret struck out."""

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

STRUCK_OUT = "[secret]"

# What a bot token looks like, whoever's it is: digits, a colon (or %3A), 30 or more characters.
_ANYBODYS = r"[0-9]{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"


class Redactor:
    """Strikes secrets out of a text: the given ones, and whatever has the shape of a token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {s for secret in secrets if secret for s in (secret, quote(secret, safe=""))}
        # The longest first: one secret may contain another.
        known = [re.escape(s) for s in sorted(spellings, key=len, reverse=True)]
        self._pattern = re.compile("|".join([*known, _ANYBODYS]))

    def redact(self, text: str) -> str:
        """The text with ``[secret]`` in place of each secret."""
        return self._pattern.sub(STRUCK_OUT, text)


class TextFormatter(logging.Formatter):
    """One line a record, followed by the traceback where there is one."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, tracebacks included, is redacted after it is formatted."""
        return self._redactor.redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, ``traceback``."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Each value is redacted before JSON escapes it."""
        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        redacted = {key: self._redactor.redact(value) for key, value in values.items()}
        return json.dumps(redacted, ensure_ascii=False)


def configure_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Log to standard error from now on; ``log_format`` is ``text`` or ``json``."""
    redactor = Redactor(secrets)
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(redactor) if log_format == "json" else TextFormatter(redactor)
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The first two log the address of every request, which has the token in it, and nothing else
    # of use; the last one what it is made of.
    for name in ("httpx", "httpcore", "alembic.runtime.plugins"):
        logging.getLogger(name).setLevel(logging.WARNING)
