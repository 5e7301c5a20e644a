"""Which names people like best: by the lower end of the like rate's interval."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import cast

from bot.like_rate import like_rate
from db import Database, ratings, top
from db.top import LikedName
from ml.names.decency import is_decent
from ml.names.records import Kind

LENGTH = 10

# Their votes are counted in a tenth of a second of processor time.
_MANY_RATINGS = 20_000
_SECONDS_KEPT = 60.0


def ranked(names: Iterable[LikedName]) -> list[LikedName]:
    """The best names, the best first: one 👍 alone says less than nine of ten.

    What has been found indecent since it was shown is left out.
    """
    best = sorted(names, key=lambda each: (-_certain_rate(each), -each.votes.total, each.name))
    return [each for each in best if is_decent(each.name, cast("Kind", each.kind))][:LENGTH]


def _certain_rate(name: LikedName) -> float:
    rate = like_rate(name.votes)
    return rate.low if rate else 0.0


class TopNames:
    """The best names of a chat and of all chats.

    Where there are more than ``many`` ratings, those of all chats are counted once a minute at
    most, and never twice at once.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, many: int = _MANY_RATINGS
    ) -> None:
        self._clock = clock
        self._many = many
        self._counting = asyncio.Lock()
        self._counted: list[LikedName] = []
        self._counted_at = float("-inf")

    async def of_chat(self, database: Database, chat_id: int) -> list[LikedName]:
        """The best of the names that were shown there."""
        async with database.read() as session:
            return ranked(await top.liked_names(session, limit=2 * LENGTH, chat_id=chat_id))

    async def of_all_chats(self, database: Database) -> list[LikedName]:
        """The best of all names."""
        async with self._counting:
            async with database.read() as session:
                many = (await ratings.count(session)).total > self._many
            if not many or self._clock() - self._counted_at >= _SECONDS_KEPT:
                async with database.read() as session:
                    self._counted = ranked(await top.liked_names(session, limit=2 * LENGTH))
                self._counted_at = self._clock()
            return self._counted
