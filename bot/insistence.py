"""Calls to Telegram that must succeed in the end: the first one, the webhook, the next updates."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.health import Vitals
from bot.traffic.failures import in_words, seconds_to_wait

logger = logging.getLogger(__name__)

T = TypeVar("T")

_LONGEST_PAUSE = 30.0
_REMINDED_EVERY = 60.0  # seconds between two lines of the log about the same trouble
_PASSING = 3.0  # seconds of trouble that nobody need know of


class TokenRefused(Exception):
    """Telegram has said again and again that it does not know the token."""


class TriesExhausted(Exception):
    """The last try failed as well; the message says how."""


@dataclass(slots=True)
class Insistence:
    """Makes calls again with growing pauses, says so in the log, and notes how it stands.

    ``refusals`` is how often in a row Telegram may refuse the token (401, 404): it does so now and
    then to one that is good. ``tries`` is None for any number. The clock never jumps.
    """

    vitals: Vitals
    first_pause: float
    refusals: int
    tries: int | None = None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    _troubled_since: float | None = field(default=None, init=False)
    _silent_until: float = field(default=0.0, init=False)

    async def call(self, make: Callable[[], Awaitable[T]], *, refusable: bool = False) -> T:
        """The result of the first call that succeeds.

        Raises:
            BadRequest: Telegram will never do this; only if the call is ``refusable``.
            TokenRefused: the token is no longer valid.
            TriesExhausted: there are no more tries.
        """
        pause, refused, tries = self.first_pause, 0, 0
        while True:
            tries += 1
            wait = pause
            try:
                result = await make()
            except InvalidToken:
                # The words of the error are left out: they quote the token.
                refused += 1
                self._trouble("it does not know the token", at_once=True)
                if refused == self.refusals:
                    raise TokenRefused from None
            except RetryAfter as error:
                refused, wait = 0, max(pause, seconds_to_wait(error))
                self._trouble(f"it wants to be left alone for {wait:.0f} s")
            except TelegramError as error:
                if refusable and isinstance(error, BadRequest):
                    raise
                refused = 0
                self._trouble(_in_words(error), at_once=isinstance(error, Conflict))
                if tries == self.tries:
                    raise TriesExhausted(str(error)) from None
            else:
                self._success()
                return result
            await self.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _trouble(self, problem: str, *, at_once: bool = False) -> None:
        self.vitals.telegram.failed(problem)
        now = self.clock()
        if self._troubled_since is None:
            self._troubled_since = now
        if now < self._silent_until or not (at_once or now >= self._troubled_since + _PASSING):
            return
        self._silent_until = now + _REMINDED_EVERY
        logger.warning("Telegram does not serve the bot, which tries again: %s", problem)

    def _success(self) -> None:
        self.vitals.telegram.worked()
        if self._troubled_since is None:
            return
        if (lasted := self.clock() - self._troubled_since) >= _PASSING:
            logger.info("Telegram is back after %.0f s", lasted)
        self._troubled_since = None


def _in_words(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        return f"another program fetches the updates of this bot ({error.message})"
    if isinstance(error, BadRequest):
        return "it finds the request bad"  # it may quote what people write
    return in_words(error)
