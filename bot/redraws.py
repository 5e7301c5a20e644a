"""Redrawing messages whose state changes faster than Telegram lets them be edited."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakValueDictionary


class Redraws:
    """For each message lets one redraw run and one wait; more would have nothing to add.

    A redraw must read the state it shows by itself, inside ``draw``. Since the waiting one does so
    only when its turn comes, the last drawing always shows the last change, however many people
    press at once and however the requests overtake each other.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._waiting: set[Hashable] = set()

    async def run(self, message: Hashable, draw: Callable[[], Awaitable[object]]) -> None:
        """Call ``draw`` when no other draws this message, or leave it to one that waits already."""
        if message in self._waiting:
            return
        lock = self._locks.setdefault(message, asyncio.Lock())
        self._waiting.add(message)
        try:
            await lock.acquire()
        finally:
            self._waiting.discard(message)
        try:
            await draw()
        finally:
            lock.release()
