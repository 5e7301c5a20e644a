"""A press counts once, and the last one decides, in whatever order they arrive."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from db import Database, generations, presses, ratings
from db.generations import UnknownGeneration
from db.models import Generation, Press, RatingValue, utcnow
from tests.db.rows import OTHER_USER, USER, add_answer

# What is wished by update 0, 1, 2 ...; indexes into it are updates as they arrive.
WISHES: list[RatingValue | None] = [1, -1, None, 1, None, -1]


@pytest.fixture
async def answer(database: Database) -> list[Generation]:
    async with database.begin() as session:
        await add_answer(session, "Прохор", user_id=OTHER_USER)
        return await add_answer(session, "Евлампия", "Евстолия")


async def press(database: Database, generation_id: int, update_id: int) -> None:
    async with database.begin() as session:
        if await presses.note(session, USER, generation_id, update_id):
            await ratings.put(session, USER, generation_id, WISHES[update_id])


@given(st.lists(st.integers(0, len(WISHES) - 1), min_size=1, max_size=10))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_the_last_press_decides_however_they_arrive(
    database: Database, answer: list[Generation], arrivals: list[int]
) -> None:
    shown = answer[0].id
    async with database.begin() as session:
        await session.execute(delete(Press))
        await ratings.put(session, USER, shown, None)
    for update_id in arrivals:
        await press(database, shown, update_id)
    async with database.read() as session:
        assert await ratings.of_user(session, USER, shown) == WISHES[max(arrivals)]


async def test_presses_at_once(
    database: Database, neighbour: Database, answer: list[Generation]
) -> None:
    shown = answer[0].id
    await asyncio.gather(
        *(
            press(through, shown, update_id)
            for update_id in range(len(WISHES))
            for through in (database, neighbour)
        )
    )
    async with database.read() as session:
        assert await ratings.of_user(session, USER, shown) == WISHES[-1]


async def test_another_person_and_another_name_are_other_presses(
    database: Database, answer: list[Generation]
) -> None:
    first, second = (generation.id for generation in answer)
    async with database.begin() as session:
        assert await presses.note(session, USER, first, 9)
        assert await presses.note(session, OTHER_USER, first, 8)
        assert await presses.note(session, USER, second, 8)
        assert not await presses.note(session, USER, first, 8)


async def test_telegram_may_number_anew_after_a_week(
    database: Database, answer: list[Generation]
) -> None:
    first, second = (generation.id for generation in answer)
    async with database.begin() as session:
        for shown in (first, second):
            await presses.note(session, USER, shown, 900)
        await session.execute(update(Press).values(pressed_at=utcnow() - timedelta(days=7)))
        assert await presses.note(session, USER, first, 5)
        assert not await presses.note(session, USER, first, 5)
        # What cannot come again is no longer kept.
        assert await session.scalar(select(func.count()).select_from(Press)) == 1


async def test_a_press_goes_with_its_name(database: Database, answer: list[Generation]) -> None:
    async with database.begin() as session:
        with pytest.raises(UnknownGeneration):
            await presses.note(session, USER, 2**40, 1)
        await presses.note(session, USER, answer[1].id, 1)
        shown = await generations.get(session, answer[1].id)
        await session.delete(shown)
        await session.flush()
        assert await session.scalar(select(func.count()).select_from(Press)) == 0
