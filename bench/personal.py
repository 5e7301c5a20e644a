"""What a person's own ratings do for them at once, by simulated people with a hidden taste.

Each asks the bot for names one by one and rates those they are shown, some ratings a slip of the
finger; after so many the next hundred names are counted that are to their taste, and as many with
their taste switched off. The bot is the real one from `bot.names.invent` inwards: its database, its
names written ahead, its memory of what was seen.

What `ml.taste.personal` is tuned by (how bold a draw is) was chosen on other tastes than these.
"""

import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from types import SimpleNamespace
from typing import TypeAlias, cast

import numpy as np
from rich.table import Table

from bot.context import Services
from bot.names.invent import Asker, invent
from bot.names.seen import SeenNames
from bot.names.tastes import PersonalTastes
from bot.sampling import Sampling
from db import Database, ratings, users
from db.migrate import upgrade
from db.models import Generation, ModelVersion
from db.users import Preferences
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.records import fold
from ml.writing.generator import NameGenerator, NameRequest

_VOWELS = "аеиоуыэюя"
_AFTER = (10, 20, 50)  # ratings
_NEXT = 100  # names
_SLIPS = (0.0, 0.15)
_PEOPLE = 3  # of each taste
_TIMED = 100  # answers of each kind

Taste: TypeAlias = Callable[[str], bool]

TASTES: dict[str, Taste] = {
    "has «р», at most 6 letters": lambda name: "р" in name and len(name) <= 6,
    "a doubled letter or «ь»": lambda name: bool(re.search(r"(.)\1|ь", name)),
    "begins in а-и, ends in a consonant": lambda name: name[0] <= "и" and name[-1] not in _VOWELS,
    "begins in к-п, has «и»": lambda name: "к" <= name[0] <= "п" and "и" in name,
    "second letter a vowel, «и» later": lambda name: name[1] in _VOWELS and "и" in name[2:],
}

_TIMED_TASTE = "a doubled letter or «ь»"
_ONE = NameRequest()
_ASKED = {
    "/name": _ONE,
    "/name 10": NameRequest(count=10),
    "/name М": NameRequest(prefix="М"),
    "/name М 5": NameRequest(prefix="М", count=5),
    "/name at once after a 👍": _ONE,
}


async def tables() -> list[Table]:
    """Like rates, and what they cost."""
    async with _bot() as services:
        return [await _like_rates(services), await _milliseconds(services)]


@asynccontextmanager
async def _bot() -> AsyncIterator[Services]:
    """The shipped model with a database of its own, once names have been written ahead."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        await upgrade(url)
        database = Database(url)
        async with database.begin() as session:
            session.add(ModelVersion(id=1, source="file", sha256="", metrics={}))
        sampling = Sampling(NameGenerator(load_model(SHIPPED_MODEL), version=1))
        tastes = PersonalTastes(database, seed=0)
        services = SimpleNamespace(
            database=database, sampling=sampling, tastes=tastes, seen=SeenNames()
        )
        await _write_ahead(sampling)
        yield cast("Services", services)
        await tastes.close()
        sampling.close()
        await database.close()


async def _write_ahead(sampling: Sampling) -> None:
    """Let whatever is being written ahead come before what follows."""
    sampling.write_ahead()
    for _ in range(40):
        await sampling.ask(lambda: None)


class _Person:
    """Somebody with a taste, who presses the wrong button now and then."""

    def __init__(self, services: Services, taste: Taste, slips: float, number: int) -> None:
        self._services = services
        self._taste = taste
        self._slips = slips
        self._number = number
        self._rng = np.random.default_rng(number)

    async def ask(self, request: NameRequest = _ONE) -> list[Generation]:
        return await invent(self._services, Asker(self._number, "ru", self._number), request)

    def likes(self, shown: Generation) -> bool:
        return self._taste(fold(shown.name))

    async def rate(self, shown: Generation) -> None:
        liked = self.likes(shown) != (self._rng.random() < self._slips)
        async with self._services.database.begin() as session:
            await ratings.put(session, self._number, shown.id, 1 if liked else -1)
        self._services.tastes.changed(self._number)

    async def ask_and_rate(self, count: int) -> None:
        for _ in range(count):
            await self.rate((await self.ask())[0])

    async def switch(self, on: bool) -> None:
        async with self._services.database.begin() as session:
            await users.put_preferences(session, self._number, Preferences(by_taste=on))
        self._services.tastes.changed(self._number)

    async def like_rate(self) -> float:
        return fmean([self.likes((await self.ask())[0]) for _ in range(_NEXT)])


async def _like_rates(services: Services) -> Table:
    table = Table(
        *("taste", "slips", "switched off", *(f"after {count} ratings" for count in _AFTER)),
        title=f"Of the next {_NEXT} names to one's taste, and how many times as many as switched"
        f" off; {_PEOPLE} people each",
        caption="the least of the people in brackets",
    )
    numbers = iter(range(1, 10**6))
    for slips in _SLIPS:
        for title, taste in TASTES.items():
            rates: dict[int, list[float]] = {count: [] for count in (0, *_AFTER)}
            for _ in range(_PEOPLE):
                person = _Person(services, taste, slips, next(numbers))
                await _write_ahead(services.sampling)
                for before, count in pairwise((0, *_AFTER)):
                    await person.ask_and_rate(count - before)
                    rates[count].append(await person.like_rate())
                await person.switch(on=False)
                rates[0].append(await person.like_rate())
            base = fmean(rates[0])
            table.add_row(
                title,
                f"{slips:.0%}",
                f"{base:.1%}",
                *(
                    f"{fmean(rates[n]):.0%}, {fmean(rates[n]) / base:.1f}x"
                    f" ({min(rates[n]) / base:.1f}x)"
                    for n in _AFTER
                ),
            )
    return table


async def _milliseconds(services: Services) -> Table:
    """The two take turns, so that whatever else the machine does meets both."""
    table = Table(
        *("asked for", "ratings", "switched off, ms", "on, ms", "more a name, ms"),
        title=f"From a request to the stored answer, medians of {_TIMED}",
    )
    numbers = iter(range(10**6, 2 * 10**6))
    for count in (20, 200):
        people = [_Person(services, TASTES[_TIMED_TASTE], 0.0, next(numbers)) for _ in range(2)]
        for person, on in zip(people, (False, True), strict=True):
            await person.ask_and_rate(count)
            await person.switch(on)
        for title, request in _ASKED.items():
            await _write_ahead(services.sampling)
            seconds: list[list[float]] = [[], []]
            for _ in range(_TIMED):
                for person, times in zip(people, seconds, strict=True):
                    if "👍" in title:
                        await person.ask_and_rate(1)
                    started = time.perf_counter()
                    await person.ask(request)
                    times.append(time.perf_counter() - started)
            off, by_taste = (1000 * median(times) for times in seconds)
            table.add_row(
                title,
                str(count),
                f"{off:.1f}",
                f"{by_taste:.1f}",
                f"{(by_taste - off) / request.count:.1f}",
            )
    return table
