import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import cast

import pytest

from bot.context import Services
from bot.names.invent import Asker, invent
from bot.names.seen import REMEMBERED_NAMES, SeenNames
from bot.names.tastes import PersonalTastes
from bot.sampling import Sampling
from db import Database, generations, ratings
from db.forget import forget_user
from db.models import Generation, ModelVersion, User
from ml.writing.generator import Answer, NameGenerator, NameRequest, SampledName
from tests.tiny_model import tiny_model

ANYA = Asker(11, "ru", 1)
ANY = NameRequest()
NAMES = ("Анна", "Белла", "Вера", "Галя", "Дина")


class Five(NameGenerator):
    """Knows five names, and tells those first that come first; writes nothing ahead."""

    def generate(self, request: NameRequest, *, seed: int | None = None) -> Answer:
        new = [name for name in NAMES if name not in request.exclude]
        names = [*new, *sorted(request.exclude)][: request.count]
        return Answer([SampledName(name, "f", "known", -1.0) for name in names], self.version)

    def stream(
        self, request: NameRequest, batch: int, *, seed: int | None = None
    ) -> Iterator[Answer]:
        while True:
            yield Answer([], self.version)


@asynccontextmanager
async def started(
    database: Database, generator: NameGenerator | None = None
) -> AsyncIterator[Services]:
    """What a bot on this database invents with."""
    sampling = Sampling(generator or Five(tiny_model(), version=1))
    tastes = PersonalTastes(database, seed=0)
    services = SimpleNamespace(
        database=database, sampling=sampling, tastes=tastes, seen=SeenNames()
    )
    yield cast("Services", services)
    sampling.close()
    await tastes.close()


@pytest.fixture
async def services(database: Database) -> AsyncIterator[Services]:
    async with database.begin() as session:
        session.add(ModelVersion(id=1, source="file", sha256="", metrics={}))
    async with started(database) as services:
        yield services


async def invented(services: Services, request: NameRequest = ANY) -> list[str]:
    return [generation.name for generation in await invent(services, ANYA, request)]


async def test_what_was_seen_lately_is_not_shown_again_as_long_as_there_is_more(
    services: Services,
) -> None:
    assert await invented(services) == ["Анна"]
    assert await invented(services, NameRequest(count=2)) == ["Белла", "Вера"]
    assert await invented(services) == ["Галя"]
    assert await invented(services) == ["Дина"]
    assert await invented(services) == ["Анна"]
    async with services.database.read() as session:
        names = await generations.recent_names(session, ANYA.user_id, 9)
        assert names == ["Анна", "Дина", "Галя", "Вера", "Белла", "Анна"]


async def test_a_bot_knows_what_another_one_showed(services: Services, database: Database) -> None:
    """After a restart as well as beside it."""
    async with started(database) as other:
        assert await invented(services) == ["Анна"]
        assert await invented(other) == ["Белла"]
        assert await invented(services) == ["Вера"]
        assert await invented(other) == ["Галя"]


async def test_whoever_was_forgotten_begins_anew(services: Services, database: Database) -> None:
    for _ in range(2):
        assert await invented(services) == ["Анна"]
        assert await invented(services) == ["Белла"]
        await forget_user(database, ANYA.user_id)
        # Another bot forgot them: nothing tells this one.
    async with database.read() as session:
        assert await session.get(User, ANYA.user_id) is None
    assert await invented(services) == ["Анна"]
    async with database.read() as session:
        assert await session.get(User, ANYA.user_id) is not None


async def test_all_at_once(services: Services) -> None:
    answers = await asyncio.gather(*(invented(services) for _ in range(3)))
    async with services.database.read() as session:
        stored = await generations.recent_names(session, ANYA.user_id, 9)
    assert sorted(stored) == sorted(name for names in answers for name in names)
    assert len(stored) == 3


async def test_names_of_any_origin_are_not_stored(services: Services) -> None:
    with pytest.raises(ValueError, match="origin"):
        await invented(services, NameRequest(origin=None))


class Many(Five):
    """Writes names ahead: one in five begins with А."""

    def stream(
        self, request: NameRequest, batch: int, *, seed: int | None = None
    ) -> Iterator[Answer]:
        numbers = iter(range(10**6))
        while True:
            some = [f"{'АБВГД'[n % 5]}{n}" for n, _ in zip(numbers, range(batch), strict=False)]
            yield Answer([SampledName(name, "f", "known", -1.0) for name in some], self.version)


@asynccontextmanager
async def full(services: Services) -> AsyncIterator[Services]:
    """The same, with names that are written ahead."""
    async with started(services.database, Many(tiny_model(), version=1)) as services:
        services.sampling.write_ahead()
        await services.sampling.ask(lambda: None)
        yield services


async def rate(services: Services, shown: list[Generation]) -> None:
    """Anya likes what begins with А."""
    async with services.database.begin() as session:
        for generation in shown:
            liked = generation.name[0] == "А"
            await ratings.put(session, ANYA.user_id, generation.id, 1 if liked else -1)
    services.tastes.changed(ANYA.user_id)


async def test_names_are_chosen_by_what_the_person_rated(services: Services) -> None:
    async with full(services) as services:
        first = await invent(services, ANYA, NameRequest(count=10))
        assert {generation.chosen for generation in first} == {"model"}
        await rate(services, first)
        second = await invent(services, ANYA, NameRequest(count=10))
        await rate(services, second)
        lone = [(await invent(services, ANYA, ANY))[0] for _ in range(60)]
    by_taste = [generation for generation in lone if generation.chosen == "taste"]
    assert 40 < len(by_taste) < 60
    assert sum(generation.name[0] == "А" for generation in by_taste) > len(by_taste) / 2
    names = [generation.name for generation in (*first, *second, *lone)]
    assert len(set(names[-REMEMBERED_NAMES:])) == REMEMBERED_NAMES
    assert not {generation.name for generation in (*first, *second)} & set(names[20:])


async def test_ratings_of_given_names_say_nothing_of_surnames(services: Services) -> None:
    async with full(services) as services:
        await rate(services, await invent(services, ANYA, NameRequest(count=10)))
        surnames = await invent(services, ANYA, NameRequest(kind="surname", count=5))
        await rate(services, surnames)
    assert {generation.chosen for generation in surnames} == {"model"}


async def test_without_a_choice_there_is_a_name_all_the_same(services: Services) -> None:
    await rate(services, await invent(services, ANYA, NameRequest(count=3)))
    assert await invented(services) == ["Галя"]
