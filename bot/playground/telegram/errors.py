"""How the Bot API says no."""


class BotApiError(Exception):
    """A refusal of the Bot API: ``code`` is also the HTTP status, ``retry_after`` in seconds."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(reason: str) -> BotApiError:
    """Return the refusal that says ``Bad Request: reason``."""
    return BotApiError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after: int) -> BotApiError:
    """Return the refusal for a bot that talks too much; ``retry_after`` in seconds."""
    return BotApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)
