"""A Telegram message that follows something as it happens, no faster than Telegram allows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

logger = logging.getLogger(__name__)

# Telegram allows one message a second in a chat and twenty a minute in a group; half of the
# latter is left to the answers to everybody else there.
PRIVATE_INTERVAL = 3.0  # seconds between two edits
GROUP_INTERVAL = 6.0

ATTEMPTS = 5  # at showing one text, when Telegram fails for reasons of its own


class LiveMessage:
    """Shows the latest of the texts it is given; texts overtaken by newer ones are never sent.

    `edit` puts a text into the message, `resend` sends one as a new message: where the first is
    gone, the last text still arrives. Nothing Telegram answers is raised.
    """

    def __init__(
        self,
        edit: Callable[[str], Awaitable[object]],
        resend: Callable[[str], Awaitable[object]],
        *,
        interval: float = PRIVATE_INTERVAL,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._edit = edit
        self._resend = resend
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._latest: str | None = None
        self._shown: str | None = None
        self._gone = False
        self._next_edit = clock() + interval  # the message itself has only just been sent
        self._updates: asyncio.Task[None] | None = None

    def show(self, text: str) -> None:
        """Show `text` as soon as the interval allows; returns at once."""
        self._latest = text
        if self._updates is None or self._updates.done():
            self._updates = asyncio.create_task(self._update())

    async def finish(self, text: str) -> None:
        """Show `text`, the last one, and return when it is shown or cannot be."""
        self.show(text)
        if self._updates is not None:
            await self._updates
        if self._gone:
            try:
                await self._resend(text)
            except TelegramError as error:
                logger.warning("The last state of a message could not be sent: %s", error)

    async def _update(self) -> None:
        failures = 0
        while self._latest is not None and self._latest != self._shown and not self._gone:
            await self._sleep(max(0.0, self._next_edit - self._clock()))
            text = self._latest
            pause = self._interval
            try:
                await self._edit(text)
            except RetryAfter as error:
                pause = max(pause, _seconds(error.retry_after))
            except (BadRequest, Forbidden) as error:
                if "not modified" in str(error).lower():
                    self._shown = text
                else:
                    self._gone = True
            except TelegramError as error:
                failures += 1
                if failures == ATTEMPTS:
                    logger.warning("A message could not be edited: %s", error)
                    self._shown = text
            else:
                self._shown = text
                failures = 0
            self._next_edit = self._clock() + pause


def _seconds(pause: int | timedelta) -> float:
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
