from collections.abc import Sequence
from hashlib import sha256

import pytest
from sqlalchemy import update

from db import AsyncSession, Database, model_versions, ratings, training_runs, trials, users
from db.models import Generation, RatingValue
from db.ratings import RatingCounts
from tests.db.rows import OTHER_USER, USER, add_answer, add_version

NOTHING = RatingCounts(0, 0)


async def learn(session: AsyncSession, weights: bytes) -> int:
    """A retrain from the current version that is accepted; the version that it makes."""
    base = await model_versions.current(session)
    assert base is not None
    run = await training_runs.start(
        session, requested_by=USER, base_version_id=base.id, ratings_count=30, seed=1
    )
    digest = sha256(weights).hexdigest()
    return (await training_runs.succeed(session, run.id, weights, digest, {})).id


async def rate(
    session: AsyncSession, version: int, values: Sequence[RatingValue | None], user: int = USER
) -> list[int]:
    """Show a name of this version for each value and give it that rating."""
    shown = await add_answer(session, *["Нил"] * len(values), version_id=version, user_id=user)
    for generation, value in zip(shown, values, strict=True):
        await ratings.put(session, user, generation.id, value)
    return [generation.id for generation in shown]


@pytest.fixture
async def first(database: Database) -> int:
    """The version from a file, which serves."""
    async with database.begin() as session:
        version = await add_version(session)
        await model_versions.activate(session, version.id)
        return version.id


async def test_nothing_is_compared_with_a_file(database: Database, first: int) -> None:
    async with database.read() as session:
        assert await trials.under_way(session) is None


async def test_counted_is_what_was_shown_while_both_wrote(database: Database, first: int) -> None:
    async with database.begin() as session:
        await rate(session, first, [1, 1, 1])
        new = await learn(session, b"new")
        trial = await trials.under_way(session)
        assert trial is not None
        assert (trial.new, trial.former) == (new, first)
        assert (trial.new_ratings, trial.former_ratings) == (NOTHING, NOTHING)

        current = await model_versions.current(session)
        assert current is not None
        assert trial.since == current.activated_at

        await rate(session, new, [1, -1, None])
        await rate(session, first, [-1, 1])
        await rate(session, new, [1])
        await rate(session, first, [-1])
        await rate(session, new, [-1, -1, -1, -1])  # the former version writes no longer
        trial = await trials.under_way(session)
        assert trial is not None
        assert trial.new_ratings == RatingCounts(likes=2, dislikes=1)
        assert trial.former_ratings == RatingCounts(likes=1, dislikes=2)


async def test_a_name_counts_once_however_many_rate_it(database: Database, first: int) -> None:
    async with database.begin() as session:
        new = await learn(session, b"new")
        liked, disputed = await rate(session, new, [1, 1])
        await rate(session, first, [1])
        for user in range(30, 40):
            await users.remember(session, user, None)
            await ratings.put(session, user, liked, 1)
        await users.remember(session, OTHER_USER, None)
        await ratings.put(session, OTHER_USER, disputed, -1)
        trial = await trials.under_way(session)
        assert trial is not None
        assert trial.new_ratings == RatingCounts(likes=1, dislikes=0)


async def test_what_a_persons_taste_chose_says_nothing_of_a_model(
    database: Database, first: int
) -> None:
    async with database.begin() as session:
        new = await learn(session, b"new")
        [chosen] = await rate(session, new, [1])
        await session.execute(
            update(Generation).where(Generation.id == chosen).values(chosen="taste")
        )
        await rate(session, new, [-1])
        await rate(session, first, [1])
        trial = await trials.under_way(session)
        assert trial is not None
        assert trial.new_ratings == RatingCounts(likes=0, dislikes=1)


async def test_each_model_is_compared_with_the_one_it_was_made_from(
    database: Database, first: int
) -> None:
    async with database.begin() as session:
        second = await learn(session, b"second")
        third = await learn(session, b"third")
        await rate(session, third, [1])
        await rate(session, first, [1])
        await rate(session, second, [-1])
        trial = await trials.under_way(session)
        assert trial is not None
        assert (trial.new, trial.former) == (third, second)
        assert trial.new_ratings == RatingCounts(1, 0)
        assert trial.former_ratings == RatingCounts(0, 1)


async def test_what_somebody_went_back_to_is_not_tried_again(
    database: Database, first: int
) -> None:
    async with database.begin() as session:
        second = await learn(session, b"second")
        third = await learn(session, b"third")
        for version in (second, first, third):
            await model_versions.activate(session, version)
            assert await trials.under_way(session) is None
        # A run that arrives at what is there already says nothing new of it either.
        assert await learn(session, b"second") == second
        assert await trials.under_way(session) is None
