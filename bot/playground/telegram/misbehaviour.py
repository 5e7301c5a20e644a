"""How calls of the Bot API fail, one by one or by chance, so that bots can be tried against it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.playground.telegram.errors import BotApiError, too_many_requests


@dataclass(frozen=True)
class Failure:
    """What goes wrong with a call: it is refused with an ``error``, or ``cut``, or just late.

    With ``page`` a proxy on the way answers, with a web page and as if all were well.

    With ``applied`` that happens after the call was carried out, otherwise it never is (but for a
    call that is only late). ``seconds`` pass before anything.
    """

    error: BotApiError | None = None
    cut: bool = False
    page: bool = False
    applied: bool = False
    seconds: float = 0.0


@dataclass
class Fault:
    """The next ``times`` calls of ``method`` (``*``: of any) fail so."""

    method: str
    failure: Failure
    times: int = 1


CUT = Failure(cut=True)
SERVER_ERROR = Failure(BotApiError(500, "Internal Server Error"))
BAD_GATEWAY = Failure(BotApiError(502, "Bad Gateway"))
PAGE = Failure(page=True)
FLOOD = Failure(too_many_requests(1))
TRANSIENT = (
    FLOOD,
    SERVER_ERROR,
    replace(SERVER_ERROR, applied=True),
    BAD_GATEWAY,
    replace(BAD_GATEWAY, applied=True),
    CUT,
    replace(CUT, applied=True),
    PAGE,
    replace(PAGE, applied=True),
    Failure(seconds=0.1),
)

Plan = Callable[[str], Failure | None]


class BadDay:
    """A plan by which a share of all calls fails in one way of several, drawn from a seed."""

    def __init__(self, share: float, seed: int, failures: Sequence[Failure] = TRANSIENT) -> None:
        self._share = share
        self._failures = failures
        self._random = random.Random(seed)  # noqa: S311 - nothing to guess

    def __call__(self, method: str) -> Failure | None:
        """How this call fails, if it does."""
        if self._random.random() >= self._share:
            return None
        failure = self._random.choice(self._failures)
        # Floods are of messages; here one would keep all updates away for a second.
        return CUT if failure is FLOOD and method == "getUpdates" else failure
