"""What it means when a call to Telegram fails, and what may be said about it."""

from datetime import timedelta

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError


def seconds_to_wait(error: RetryAfter) -> float:
    """How long Telegram wants to hear nothing."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def is_transient(error: BaseException | None) -> bool:
    """Whether a call failed for reasons of the network or of Telegram's, as may be over soon."""
    if isinstance(error, NetworkError):
        return not isinstance(error, BadRequest)
    # The latter is what the library raises itself where an answer is no JSON.
    return isinstance(error, RetryAfter) or type(error) is TelegramError


def in_words(error: BaseException | None) -> str:
    """One line about an error that `is_transient`, without the page that came with it."""
    words = str(error).partition(". Parsing the server response")[0]
    return words.splitlines()[0] if words.strip() else type(error).__name__
