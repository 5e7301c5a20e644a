"""A Telegram message that follows something as it happens, no faster than Telegram allows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.traffic.failures import in_words, seconds_to_wait

logger = logging.getLogger(__name__)

ATTEMPTS = 5  # at showing one text, when Telegram fails for reasons of its own

# What Telegram says no to will not be welcome later either.
_FOR_GOOD = (BadRequest, Forbidden, ChatMigrated)

M = TypeVar("M")


class LiveMessage(Generic[M]):
    """Shows the latest of the texts it is given; texts overtaken by newer ones are never sent.

    `send` sends a text as a new message and `edit` puts one into that message. Where the message
    is gone, the last text is sent anew. Nothing that Telegram answers is raised. `interval` is the
    seconds between two edits. `message` is one that is there already.
    """

    def __init__(
        self,
        send: Callable[[str], Awaitable[M]],
        edit: Callable[[M, str], Awaitable[object]],
        *,
        interval: float,
        message: M | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._send = send
        self._edit = edit
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._opened = asyncio.Event()
        self._message = message  # none either when it is gone
        if message is not None:
            self._opened.set()
        self._latest: str | None = None
        self._shown: str | None = None
        self._next_edit = 0.0
        self._updates: asyncio.Task[None] | None = None

    async def open(self, text: str) -> M | None:
        """Send the message, and return it; what is shown or finished before waits for this."""
        try:
            self._message = await self._send(text)
        except TelegramError as error:
            logger.warning("A message could not be sent: %s", error)
        finally:
            self._shown = text
            self._next_edit = self._clock() + self._interval
            self._opened.set()
        return self._message

    def show(self, text: str) -> None:
        """Show `text` as soon as the interval allows; returns at once."""
        self._latest = text
        if self._updates is None or self._updates.done():
            self._updates = asyncio.create_task(self._update())

    async def finish(self, text: str) -> bool:
        """Show `text`, the last one. False when it is not shown, and may be if tried later."""
        self.show(text)
        if self._updates is not None:
            await self._updates
        if self._message is None:
            return await is_settled(self._send(text))
        return self._shown == text

    async def _update(self) -> None:
        await self._opened.wait()
        failures, given_up = 0, self._shown
        while self._message and self._latest and self._latest not in (self._shown, given_up):
            await self._sleep(max(0.0, self._next_edit - self._clock()))
            text, pause = self._latest, self._interval
            try:
                await self._edit(self._message, text)
            except RetryAfter as error:
                pause = max(pause, seconds_to_wait(error))
            except _FOR_GOOD as error:
                if "not modified" in str(error).lower():
                    self._shown = text
                else:
                    self._message = None
            except TelegramError as error:
                failures += 1
                if failures == ATTEMPTS:
                    logger.warning("A message could not be edited: %s", in_words(error))
                    failures, given_up = 0, text
            else:
                self._shown = text
                failures = 0
            self._next_edit = self._clock() + pause


async def is_settled(sending: Awaitable[object]) -> bool:
    """Whether a text is sent now, or refused for good: there is no use in trying again later."""
    try:
        await sending
    except TelegramError as error:
        logger.warning("A message could not be sent: %s", in_words(error))
        return isinstance(error, _FOR_GOOD)
    return True
