"""What the bot knows of the taste of people who asked lately, so that it need not read it again."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from db import Database, ratings
from ml.taste.personal import MOST_RATINGS, PersonalTaste

logger = logging.getLogger(__name__)

# Up to 700 KB each, of those who have rated most.
_PEOPLE = 100
# Until then it may pass unnoticed what somebody rated or set through another bot on the database.
_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Known:
    since: float
    taste: asyncio.Task[PersonalTaste | None]


class PersonalTastes:
    """The tastes of people; learnt in threads, off the event loop, from their own ratings alone."""

    def __init__(
        self,
        database: Database,
        *,
        people: int = _PEOPLE,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.monotonic,
        seed: int | None = None,
    ) -> None:
        self._database = database
        self._people = people
        self._seconds = seconds
        self._clock = clock
        self._seeds = np.random.default_rng(seed)
        # By user id, in the order in which they were learnt.
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._learning: set[asyncio.Task[PersonalTaste | None]] = set()

    async def of(self, user_id: int) -> PersonalTaste | None:
        """A person's taste; None if too little is known of it, or they do not wish it to count."""
        known = self._known.get(user_id)
        if known is None or self._clock() - known.since >= self._seconds:
            known = self._learn(user_id)
        try:
            # Others may wait for the same.
            return await asyncio.shield(known.taste)
        except Exception:
            if self._known.get(user_id) is known:
                self.forget(user_id)
            raise

    def rng(self) -> np.random.Generator:
        """Chance, for one choice."""
        return np.random.default_rng(self._seeds.integers(2**63))

    def changed(self, user_id: int) -> None:
        """Learn the taste of a person anew before they ask again, if they asked lately."""
        if user_id in self._known:
            self._learn(user_id)

    def forget(self, user_id: int) -> None:
        """Remember nothing of a person."""
        self._known.pop(user_id, None)

    async def close(self) -> None:
        """Give up what is being learnt."""
        for task in self._learning:
            task.cancel()
        await asyncio.gather(*self._learning, return_exceptions=True)

    def _learn(self, user_id: int) -> _Known:
        self.forget(user_id)
        task = asyncio.create_task(self._read(user_id))
        self._learning.add(task)
        task.add_done_callback(self._learnt)
        known = self._known[user_id] = _Known(self._clock(), task)
        if len(self._known) > self._people:
            self._known.popitem(last=False)
        return known

    async def _read(self, user_id: int) -> PersonalTaste | None:
        async with self._database.read() as session:
            rated = await ratings.for_taste(session, user_id, "given", MOST_RATINGS)
        return await asyncio.to_thread(PersonalTaste.of, rated) if rated else None

    def _learnt(self, task: asyncio.Task[PersonalTaste | None]) -> None:
        self._learning.discard(task)
        # Whoever waits for it is told of it, but nobody may.
        if not task.cancelled() and (error := task.exception()):
            logger.info("A taste could not be learnt: %s", error)
