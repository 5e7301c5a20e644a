from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db import (
    Database,
    favorites,
    forget,
    generations,
    model_versions,
    ratings,
    statistics,
    training_runs,
    upkeep,
)
from db.model_versions import WeightsGone
from db.models import Generation, ModelWeights
from db.ratings import RatingCounts
from tests.db.rows import OTHER_USER, USER, add_answer, add_version

NOW = datetime(2026, 1, 31, tzinfo=UTC)


async def thin(database: Database, keep: int) -> list[int]:
    """Thin out until nothing is left to do; the versions in the order of their going."""
    gone: list[int] = []
    while True:
        async with database.begin() as session:
            removed = await upkeep.thin_weights(session, keep=keep)
        if removed is None:
            return gone
        gone.append(removed)


async def kept(database: Database) -> list[int]:
    async with database.read() as session:
        return list(
            await session.scalars(select(ModelWeights.version_id).order_by(ModelWeights.version_id))
        )


async def line_of_versions(database: Database, number: int) -> list[int]:
    """A file and retrains, each made from the one before; the last is current."""
    async with database.begin() as session:
        file = await add_version(session, b"0")
        await model_versions.activate(session, file.id)
    ids = [file.id]
    for made in range(1, number):
        async with database.begin() as session:
            run = await training_runs.start(
                session, requested_by=USER, base_version_id=ids[-1], ratings_count=2, seed=0
            )
            version = await training_runs.succeed(session, run.id, bytes([made]), f"{made:064}", {})
            ids.append(version.id)
    return ids


async def test_the_newest_the_current_its_parent_and_the_file_keep_their_weights(
    database: Database,
) -> None:
    ids = await line_of_versions(database, 8)
    async with database.begin() as session:
        await model_versions.activate(session, ids[4])

    assert await thin(database, keep=2) == [ids[1], ids[2], ids[5]]
    assert await kept(database) == [ids[0], ids[3], ids[4], ids[6], ids[7]]
    async with database.read() as session:
        versions = await model_versions.list_statistics(session)
        with pytest.raises(WeightsGone):
            await model_versions.weights(session, ids[1])
    assert [each.version.id for each in versions if not each.has_weights] == [
        ids[1],
        ids[2],
        ids[5],
    ]


async def test_what_a_run_learns_from_keeps_its_weights(database: Database) -> None:
    ids = await line_of_versions(database, 6)
    async with database.begin() as session:
        run = await training_runs.start(
            session, requested_by=USER, base_version_id=ids[2], ratings_count=2, seed=0
        )
    assert ids[2] not in await thin(database, keep=1)
    async with database.begin() as session:
        await training_runs.finish(session, run.id, "failed")
    assert await thin(database, keep=1) == [ids[2]]


async def test_weights_that_come_back_are_there_again(database: Database) -> None:
    ids = await line_of_versions(database, 6)
    await thin(database, keep=1)
    async with database.begin() as session:
        again = await model_versions.add(
            session, source="retrain", weights=bytes([2]), sha256=f"{2:064}", metrics={}
        )
        assert again.id == ids[2]
        assert await model_versions.weights(session, ids[2]) == bytes([2])


async def age(database: Database, days: dict[int, int]) -> None:
    """Make each of these generations so many days old at NOW."""
    async with database.begin() as session:
        for generation_id, number in days.items():
            await session.execute(
                update(Generation)
                .where(Generation.id == generation_id)
                .values(created_at=NOW - timedelta(days=number))
            )


async def fold(database: Database, *, days: int = 7, seen_lately: int = 1, limit: int = 100) -> int:
    after = folded = 0
    while True:
        async with database.read() as session:
            answers = await upkeep.names_to_fold(
                session,
                older_than=NOW - timedelta(days=days),
                seen_lately=seen_lately,
                after=after,
                limit=limit,
            )
        if not answers:
            return folded
        async with database.begin() as session:
            folded += await upkeep.fold_names(session, answers)
        after = answers[-1]


@pytest.mark.parametrize("limit", [1, 100])
async def test_old_names_become_counts_and_the_statistics_stay(
    database: Database, limit: int
) -> None:
    async with database.begin() as session:
        first, second = [await add_version(session, bytes([n])) for n in range(2)]
        old = await add_answer(session, "Анна", "Инна", "Жанна", version_id=first.id)
        rated = await add_answer(session, "Прохор", "Егор", version_id=first.id)
        [loved] = await add_answer(session, "Лука", version_id=second.id)
        [other] = await add_answer(session, "Фома", user_id=OTHER_USER, version_id=second.id)
        [young] = await add_answer(session, "Нил", version_id=second.id)
        [last] = await add_answer(session, "Мир", version_id=second.id)
        await ratings.put(session, USER, rated[0].id, 1)
        await favorites.put(session, USER, loved.id, kept=True)
    await age(
        database,
        {each.id: 30 for each in (*old, *rated, loved, other)} | {young.id: 6, last.id: 6},
    )
    async with database.read() as session:
        before = await model_versions.list_statistics(session)
        totals = await statistics.totals(session)

    assert await fold(database, limit=limit) == 3
    assert await fold(database, limit=limit) == 0
    async with database.read() as session:
        after = await model_versions.list_statistics(session)
        assert [(s.generations, s.ratings) for s in after] == [
            (5, RatingCounts(1, 0)),
            (4, RatingCounts(0, 0)),
        ]
        assert [(s.generations, s.ratings) for s in after] == [
            (s.generations, s.ratings) for s in before
        ]
        assert await statistics.totals(session) == totals
        left = set(await session.scalars(select(Generation.name)))
        # With its sibling, whose buttons stand under the same message; and what was seen last.
        assert left == {"Прохор", "Егор", "Лука", "Фома", "Нил", "Мир"}
        kept = await favorites.of_user(session, USER)
        assert [each.generation.name for each in kept] == ["Лука"]


async def test_what_a_person_saw_last_stays_however_old(database: Database) -> None:
    async with database.begin() as session:
        shown = [
            (await add_answer(session, name, user_id=who))[0]
            for name in ("Анна", "Инна", "Жанна", "Нина")
            for who in (USER, OTHER_USER)
        ]
    await age(database, {each.id: 300 for each in shown})

    assert await fold(database, seen_lately=2) == 4
    async with database.read() as session:
        for who in (USER, OTHER_USER):
            assert await generations.recent_names(session, who, 50) == ["Нина", "Жанна"]


async def test_the_newest_name_stays_so_that_its_id_is_not_given_again(database: Database) -> None:
    async with database.begin() as session:
        [first] = await add_answer(session, "Анна")
        [last] = await add_answer(session, "Инна")
    await age(database, {first.id: 300, last.id: 300})
    await forget.forget_user(database, USER)

    assert await fold(database) == 1
    async with database.begin() as session:
        [next_one] = await add_answer(session, "Жанна")
    assert next_one.id > last.id


async def test_a_rating_that_comes_in_between_saves_the_name(database: Database) -> None:
    async with database.begin() as session:
        [shown] = await add_answer(session, "Анна")
        await add_answer(session, "Инна")
        await ratings.put(session, USER, shown.id, 1)
        assert await upkeep.fold_names(session, [shown.id]) == 0
        assert await generations.get(session, shown.id) is not None
