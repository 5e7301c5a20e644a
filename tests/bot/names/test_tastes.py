import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.names.tastes import PersonalTastes
from db import Database, generations, ratings, users
from db.generations import NewGeneration
from db.models import ModelVersion
from db.users import Preferences

ANYA, BORIS = 11, 12
NAMES = ("Анна", "Белла", "Вера", "Галя")


@pytest.fixture
async def tastes(database: Database) -> AsyncIterator[PersonalTastes]:
    async with database.begin() as session:
        session.add(ModelVersion(id=1, source="file", sha256="", metrics={}))
    tastes = PersonalTastes(database, people=2, seconds=10, clock=lambda: clock[0])
    clock[0] = 0.0
    yield tastes
    await tastes.close()


clock = [0.0]


async def rate(database: Database, *names: str, user_id: int = ANYA) -> None:
    async with database.begin() as session:
        await users.remember(session, user_id, "ru")
        shown = await generations.add(
            session,
            user_id=user_id,
            model_version_id=1,
            names=[NewGeneration(n, "given", "f", "russian", "known", -1.0) for n in names],
            temperature=0.7,
        )
        for generation in shown:
            await ratings.put(session, user_id, generation.id, 1)


async def known(tastes: PersonalTastes, user_id: int = ANYA) -> list[str]:
    taste = await tastes.of(user_id)
    return sorted(taste.names) if taste else []


async def test_it_is_known_from_three_ratings_on(
    database: Database, tastes: PersonalTastes
) -> None:
    assert await known(tastes) == []
    for count, taste in ((1, []), (2, []), (3, ["анна", "белла", "вера"])):
        await rate(database, NAMES[count - 1])
        tastes.changed(ANYA)
        assert await known(tastes) == taste


async def test_it_is_read_once_until_it_changes_or_for_minutes(
    database: Database, tastes: PersonalTastes
) -> None:
    await rate(database, *NAMES[:3])
    first, again = await asyncio.gather(tastes.of(ANYA), tastes.of(ANYA))
    assert first is again is not None
    await rate(database, NAMES[3])  # through another bot, say
    assert await tastes.of(ANYA) is first
    clock[0] = 10.0
    assert len(await known(tastes)) == 4


async def test_a_preference_and_forgetting(database: Database, tastes: PersonalTastes) -> None:
    await rate(database, *NAMES)
    assert await known(tastes)
    for on, taste in ((False, 0), (True, 4)):
        async with database.begin() as session:
            await users.put_preferences(session, ANYA, Preferences(by_taste=on))
        tastes.changed(ANYA)
        assert len(await known(tastes)) == taste
    async with database.begin() as session:
        for generation in await generations.of_answer(session, 1):
            await ratings.put(session, ANYA, generation.id, None)
    tastes.forget(ANYA)
    assert await known(tastes) == []


async def test_it_remembers_few_people(database: Database, tastes: PersonalTastes) -> None:
    await rate(database, *NAMES)
    first = await tastes.of(ANYA)
    for stranger in (BORIS, 13):
        assert await known(tastes, stranger) == []
    again = await tastes.of(ANYA)
    assert again is not first
    assert again is not None


async def test_nobody_is_learnt_who_did_not_ask(database: Database, tastes: PersonalTastes) -> None:
    tastes.changed(ANYA)
    await rate(database, *NAMES)
    assert len(await known(tastes)) == 4


async def test_what_failed_is_tried_again(database: Database, tastes: PersonalTastes) -> None:
    await rate(database, *NAMES)
    for before, after in (("ratings", "lost"), ("lost", "ratings")):
        async with database.begin() as session:
            await session.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
        if after == "lost":
            with pytest.raises(SQLAlchemyError):
                await tastes.of(ANYA)
    assert len(await known(tastes)) == 4


async def test_it_is_closed_while_it_learns(database: Database, tastes: PersonalTastes) -> None:
    await rate(database, *NAMES)
    asked = asyncio.create_task(tastes.of(ANYA))
    await asyncio.sleep(0)
    await tastes.close()
    with pytest.raises(asyncio.CancelledError):
        await asked
