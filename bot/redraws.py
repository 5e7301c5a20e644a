"""Redrawing messages whose state changes faster than Telegram lets them be edited."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable

from telegram.error import BadRequest, Forbidden

from bot.traffic.failures import in_words, is_transient

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0
_TRIES_OF_A_BUG = 5

Draw = Callable[[], Awaitable[object]]
Sleep = Callable[[float], Awaitable[object]]


class Redraws:
    """For each message lets one redraw run and one wait; more would have nothing to add.

    They run beside whoever asks for them: another answer does not wait for Telegram's limits on
    edits. A redraw must read the state it shows by itself, inside ``draw``. Since the waiting one
    does so only when its turn comes, the last drawing always shows the last change, however many
    people press at once and however the requests overtake each other. A redraw that fails because
    Telegram cannot be reached is done again, however long that takes: a keyboard must not lie.
    """

    def __init__(self, first_pause: float = 1.0, sleep: Sleep = asyncio.sleep) -> None:
        self._first_pause = first_pause
        self._sleep = sleep
        self._waiting: dict[Hashable, Draw] = {}
        self._drawing: dict[Hashable, asyncio.Task[None]] = {}

    def request(self, message: Hashable, draw: Draw) -> None:
        """Have ``draw`` called when no other draws this message; returns at once."""
        self._waiting[message] = draw
        if message not in self._drawing:
            self._drawing[message] = asyncio.create_task(self._draw(message))

    async def settled(self) -> None:
        """Return when every message shows what it should."""
        while self._drawing:
            await asyncio.wait(self._drawing.values())

    def close(self) -> None:
        """Give up what is under way."""
        for task in self._drawing.values():
            task.cancel()

    async def _draw(self, message: Hashable) -> None:
        pause, failures = self._first_pause, 0
        try:
            while draw := self._waiting.pop(message, None):
                try:
                    await draw()
                    pause, failures = self._first_pause, 0
                    continue
                except (BadRequest, Forbidden) as error:
                    logger.warning("A keyboard stays as it is: %s", error)
                    continue
                except Exception as error:
                    if is_transient(error):
                        logger.info("A keyboard is redrawn later: %s", in_words(error))
                    else:
                        failures += 1
                        logger.exception("A keyboard could not be redrawn")
                        if failures == _TRIES_OF_A_BUG:
                            continue
                self._waiting.setdefault(message, draw)
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            del self._drawing[message]
