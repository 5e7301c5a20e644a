import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from db import Database, ratings, users
from db.generations import UnknownGeneration
from db.models import Generation, Rating, RatingValue, User
from db.ratings import ExportedRating, GenerationRatings, RatingCounts
from db.users import Preferences
from tests.db.rows import OTHER_USER, USER, add_answer

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
async def answer(database: Database) -> list[Generation]:
    async with database.begin() as session:
        await add_answer(session, "Прохор", user_id=OTHER_USER)
        return await add_answer(session, "Евлампия", "Евстолия", prefix="Ев")


async def put(
    database: Database, user_id: int, generation_id: int, value: RatingValue | None
) -> None:
    async with database.begin() as session:
        await ratings.put(session, user_id, generation_id, value)


async def test_rate_change_withdraw(database: Database, answer: list[Generation]) -> None:
    shown = answer[0].id
    await put(database, USER, shown, 1)
    async with database.read() as session:
        first = await session.get_one(Rating, (USER, shown))
        assert await ratings.of_user(session, USER, shown) == 1

    await put(database, USER, shown, -1)
    async with database.read() as session:
        second = await session.get_one(Rating, (USER, shown))
        assert await ratings.count(session) == RatingCounts(likes=0, dislikes=1)
    assert second.created_at == first.created_at
    assert second.updated_at > first.updated_at

    await put(database, USER, shown, -1)
    async with database.read() as session:
        third = await session.get_one(Rating, (USER, shown))
    assert (third.value, third.updated_at) == (-1, second.updated_at)

    for _ in range(2):
        await put(database, USER, shown, None)
        async with database.read() as session:
            assert await ratings.count(session) == RatingCounts(likes=0, dislikes=0)
            assert await ratings.of_user(session, USER, shown) is None


async def test_what_a_persons_taste_is_known_from(database: Database) -> None:
    """One's own ratings, of given names, the last ones, unless one does not want it."""
    async with database.begin() as session:
        first, second, third = await add_answer(session, "Ада", "Ева", "Яна")
        [surname] = await add_answer(session, "Заря", version_id=first.model_version_id)
        surname.kind = "surname"
        for shown in (second, first, surname):
            await ratings.put(session, USER, shown.id, 1)
        await ratings.put(session, USER, third.id, -1)
        await users.remember(session, OTHER_USER, "ru")
        await ratings.put(session, OTHER_USER, second.id, -1)

    async def known(user_id: int, limit: int = 9) -> list[tuple[str, RatingValue]]:
        async with database.read() as session:
            return await ratings.for_taste(session, user_id, "given", limit)

    assert await known(USER) == [("Яна", -1), ("Ева", 1), ("Ада", 1)]
    assert await known(USER, limit=2) == [("Яна", -1), ("Ева", 1)]
    assert await known(OTHER_USER) == [("Ева", -1)]
    async with database.begin() as session:
        await users.put_preferences(session, USER, Preferences(by_taste=False))
    assert await known(USER) == []
    assert await known(OTHER_USER) == [("Ева", -1)]


wishes = st.lists(
    st.tuples(
        st.sampled_from([USER, OTHER_USER]), st.integers(0, 1), st.sampled_from([1, -1, None])
    ),
    max_size=12,
)


@given(wishes)
@settings(
    max_examples=25,
    deadline=None,
    # Every example empties the table first, so the database may serve them all.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_put_behaves_like_a_dictionary(
    database: Database,
    answer: list[Generation],
    wishes: list[tuple[int, int, RatingValue | None]],
) -> None:
    async with database.begin() as session:
        await session.execute(delete(Rating))
    expected: dict[tuple[int, int], int] = {}
    for user_id, position, value in wishes:
        key = (user_id, answer[position].id)
        if value is None:
            expected.pop(key, None)
        else:
            expected[key] = value
        await put(database, *key, value)

    async with database.read() as session:
        stored = {
            (r.user_id, r.generation_id): r.value for r in await session.scalars(select(Rating))
        }
        rated = await ratings.of_answer(session, answer[0].id, USER)
        total = await ratings.count(session)
    assert stored == expected
    for generation in rated:
        votes = [
            value for (_, shown), value in expected.items() if shown == generation.generation_id
        ]
        assert generation.counts == RatingCounts(votes.count(1), votes.count(-1))
        assert generation.own == expected.get((USER, generation.generation_id))
    assert total.total == len(expected)


@pytest.mark.parametrize("values", [(1, -1), (1, 1), (1, None)])
async def test_wishes_at_once(
    database: Database,
    neighbour: Database,
    answer: list[Generation],
    values: tuple[RatingValue | None, RatingValue | None],
) -> None:
    shown = answer[0].id
    await asyncio.gather(
        *(
            put(through, USER, shown, value)
            for _ in range(5)
            for through, value in zip((database, neighbour), values, strict=True)
        )
    )
    async with database.read() as session:
        assert await ratings.of_user(session, USER, shown) in values
        assert await session.scalar(select(func.count()).select_from(Rating)) in (0, 1)


async def test_an_unknown_generation(database: Database, answer: list[Generation]) -> None:
    async with database.begin() as session:
        with pytest.raises(UnknownGeneration):
            await ratings.put(session, USER, 2**40, 1)
        await ratings.put(session, USER, answer[0].id, 1)


async def test_a_value_other_than_a_thumb_is_refused(
    database: Database, answer: list[Generation]
) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            await session.execute(
                insert(Rating).values(user_id=USER, generation_id=answer[0].id, value=5)
            )


async def test_ratings_of_an_answer(database: Database, answer: list[Generation]) -> None:
    first, second = (generation.id for generation in answer)
    await put(database, USER, first, 1)
    await put(database, OTHER_USER, first, -1)
    async with database.read() as session:
        assert await ratings.of_answer(session, first, OTHER_USER) == [
            GenerationRatings(first, RatingCounts(1, 1), own=-1),
            GenerationRatings(second, RatingCounts(0, 0), own=None),
        ]
        assert [rated.own for rated in await ratings.of_answer(session, first)] == [None, None]
        assert await ratings.of_answer(session, 2**40) == []


async def test_export_is_complete_and_in_one_order(
    database: Database, answer: list[Generation]
) -> None:
    first, second = (generation.id for generation in answer)
    for user_id, shown, value in [
        (OTHER_USER, second, 1),
        (USER, second, -1),
        (OTHER_USER, first, 1),
    ]:
        await put(database, user_id, shown, value)  # type: ignore[arg-type]
    async with database.read() as session:
        given = {
            (rating.user_id, rating.generation_id): rating.updated_at
            for rating in await session.scalars(select(Rating))
        }
        since = {user.id: user.created_at for user in await session.scalars(select(User))}

    def exported(name: str, value: RatingValue, user: int, shown: int) -> ExportedRating:
        return ExportedRating(
            *(name, value, user, "f", "Ев", "given", "russian"),
            at=given[user, shown],
            since=since[user],
            version=answer[0].model_version_id,
            log_prob=-9.5,
            chosen="model",
        )

    expected = [
        exported("Евлампия", 1, OTHER_USER, first),
        exported("Евстолия", -1, USER, second),
        exported("Евстолия", 1, OTHER_USER, second),
    ]
    async with database.read() as session:
        assert await ratings.export(session) == expected
        pages = [page async for page in ratings.export_pages(session, at_once=2)]
        assert pages == [expected[:2], expected[2:]]

    # The same ratings after a change of mind there and back: written in another order.
    for value in (-1, 1):
        await put(database, OTHER_USER, first, value)  # type: ignore[arg-type]
    async with database.read() as session:
        again = await ratings.export(session)
    assert [dataclasses.replace(rating, at=NOW) for rating in again] == [
        dataclasses.replace(rating, at=NOW) for rating in expected
    ]
    assert again[0].at > expected[0].at
