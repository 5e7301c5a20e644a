import asyncio

import pytest

from db import Database, favorites
from db.generations import UnknownGeneration
from tests.db.rows import OTHER_USER, USER, add_answer


async def test_keep_and_no_longer(database: Database) -> None:
    async with database.begin() as session:
        first, second = await add_answer(session, "Евлампия", "Евстолия")
        await add_answer(session, "Прохор", user_id=OTHER_USER)
    for shown in (second, first):
        async with database.begin() as session:
            assert await favorites.toggle(session, USER, shown.id) is True
    async with database.begin() as session:
        assert await favorites.toggle(session, OTHER_USER, second.id) is True

        kept = await favorites.of_user(session, USER, limit=10)
        assert [generation.name for generation in kept] == ["Евлампия", "Евстолия"]
        [last] = await favorites.of_user(session, USER, limit=1, offset=1)
        assert last.name == "Евстолия"

        assert await favorites.toggle(session, USER, second.id) is False
        [left] = await favorites.of_user(session, USER, limit=10)
        assert left.name == "Евлампия"


async def test_an_unknown_generation(database: Database) -> None:
    async with database.begin() as session:
        await add_answer(session, "Прохор")
        with pytest.raises(UnknownGeneration):
            await favorites.toggle(session, USER, 2**40)


async def test_taps_at_once(database: Database, neighbour: Database) -> None:
    async with database.begin() as session:
        [shown] = await add_answer(session, "Прохор")

    async def tap(through: Database) -> None:
        async with through.begin() as session:
            await favorites.toggle(session, USER, shown.id)

    await asyncio.gather(*(tap(who) for who in (database, neighbour) * 5))
    async with database.read() as session:
        assert len(await favorites.of_user(session, USER, limit=10)) in (0, 1)
