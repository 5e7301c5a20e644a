"""Logging to standard error, as text or JSON lines, without secrets and without people's words."""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import TypeAlias
from urllib.parse import quote

STRUCK_OUT = "[secret]"

_OURS = ("bot", "db", "ml", "migrations")
# They quote what they were sent when they cannot read it; what follows from that is logged by us.
_INDISCREET = ("telegram.request", "telegram.ext.Updater", "aiohttp.server", "aiohttp.web")

# Errors that tell what failed outside of the bot, and quote nobody: by name, for they come from
# libraries that not every program here needs.
_DISCREET = {"OperationalError", "InterfaceError", "NetworkError", "TimedOut", "RetryAfter"}

_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

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


class _DiscreetFormatter(logging.Formatter):
    """Leaves out of tracebacks, and of what asyncio says of a task, what errors may quote."""

    def __init__(self, redactor: Redactor, line: str = "{message}") -> None:
        super().__init__(line, style="{")
        self._redactor = redactor

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name is logging's
        """Where it happened and what kind of error it is."""
        return "\n".join(_lines(ei[1])) if ei[1] else ""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Of asyncio's only the first line: the others show the error."""
        record.message = said_by(record)
        return super().formatMessage(record)


def said_by(record: logging.LogRecord) -> str:
    """The message of a record, without people's words."""
    message = record.getMessage()
    return message.partition("\n")[0] if record.name == "asyncio" else message


def _lines(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """A traceback as Python prints it, but for the words of errors that may quote people."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause and id(cause) not in seen:
        yield from _lines(cause, seen | {id(error)})
        yield "\nWhich led to:\n"
    yield "Traceback (most recent call last):"
    yield from "".join(traceback.format_tb(error.__traceback__)).rstrip().splitlines()
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    first_line = str(error).partition("\n")[0]
    discreet = isinstance(error, OSError) or type(error).__name__ in _DISCREET
    yield f"{kind}: {first_line}" if discreet else f"{kind} (its words are not logged)"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _lines(part, seen | {id(error)})


class TextFormatter(_DiscreetFormatter):
    """One line a record, followed by the traceback where there is one."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(redactor, "{asctime} {levelname:<7} {name}: {message}")

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, tracebacks included, is redacted after it is formatted."""
        return self._redactor.redact(super().format(record))


class JsonFormatter(_DiscreetFormatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, ``traceback``."""

    def format(self, record: logging.LogRecord) -> str:
        """Each value is redacted before JSON escapes it."""
        values = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": said_by(record),
        }
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        redacted = {key: self._redactor.redact(value) for key, value in values.items()}
        return json.dumps(redacted, ensure_ascii=False)


def configure_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Log to standard error from now on; ``log_format`` is ``text`` or ``json``.

    ``level`` is that of our own packages; DEBUG is no way to read what people write.
    """
    redactor = Redactor(secrets)
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(redactor) if log_format == "json" else TextFormatter(redactor)
    )
    # Libraries log what people write, their names and the secret of the webhook: most of them below
    # WARNING, some above.
    least = max(logging.getLevelNamesMapping()[level], logging.WARNING)
    logging.basicConfig(level=least, handlers=[handler], force=True)
    for package in _OURS:
        logging.getLogger(package).setLevel(level)
    for library in _INDISCREET:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
