import asyncio

import pytest

from db import Database, favorites
from db.generations import UnknownGeneration
from tests.db.rows import OTHER_USER, USER, add_answer


async def kept_names(database: Database, user_id: int = USER, offset: int = 0) -> list[str]:
    async with database.read() as session:
        kept = await favorites.of_user(session, user_id, limit=10, offset=offset)
        return [each.generation.name for each in kept]


async def test_keep_and_no_longer(database: Database) -> None:
    async with database.begin() as session:
        first, second = await add_answer(session, "Евлампия", "Евстолия")
        await add_answer(session, "Прохор", user_id=OTHER_USER)
    for shown in (second, first):
        async with database.begin() as session:
            await favorites.put(session, USER, shown.id, kept=True)
    async with database.begin() as session:
        await favorites.put(session, OTHER_USER, second.id, kept=True)
    assert await kept_names(database) == ["Евлампия", "Евстолия"]
    assert await kept_names(database, offset=1) == ["Евстолия"]
    async with database.begin() as session:
        assert await favorites.count(session, USER) == 2
        assert await favorites.among(session, OTHER_USER, [first.id, second.id]) == {second.id}
        await favorites.put(session, USER, second.id, kept=False)
    assert await kept_names(database) == ["Евлампия"]
    assert await kept_names(database, OTHER_USER) == ["Евстолия"]


@pytest.mark.parametrize("kept", [True, False])
async def test_a_repeat_changes_nothing_and_not_the_order(database: Database, kept: bool) -> None:
    async with database.begin() as session:
        first, second = await add_answer(session, "Евлампия", "Евстолия")
    for shown in (first, second, first):
        async with database.begin() as session:
            await favorites.put(session, USER, shown.id, kept=kept)
    assert await kept_names(database) == (["Евстолия", "Евлампия"] if kept else [])


async def test_an_unknown_generation(database: Database) -> None:
    async with database.begin() as session:
        await add_answer(session, "Прохор")
        await favorites.put(session, USER, 2**40, kept=False)
        with pytest.raises(UnknownGeneration):
            await favorites.put(session, USER, 2**40, kept=True)


async def test_taps_at_once(database: Database, neighbour: Database) -> None:
    async with database.begin() as session:
        [shown] = await add_answer(session, "Прохор")

    async def tap(through: Database) -> None:
        async with through.begin() as session:
            await favorites.put(session, USER, shown.id, kept=True)

    await asyncio.gather(*(tap(who) for who in (database, neighbour) * 5))
    assert await kept_names(database) == ["Прохор"]
