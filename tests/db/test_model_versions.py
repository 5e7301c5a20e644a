import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from db import Database, model_versions, ratings
from db.model_versions import UnknownModelVersion
from db.models import ModelVersion
from db.ratings import RatingCounts
from tests.db.rows import OTHER_USER, USER, add_answer, add_version


async def test_a_version_with_its_weights(database: Database) -> None:
    async with database.begin() as session:
        added = await add_version(session, b"\x00weights\xff" * 1000)
        assert not added.is_current
    async with database.read() as session:
        found = await session.get_one(ModelVersion, added.id)
        assert (found.id, found.source, found.metrics) == (
            added.id,
            "file",
            {"nats_per_symbol": 1.5},
        )
        assert await model_versions.weights(session, added.id) == b"\x00weights\xff" * 1000
        with pytest.raises(UnknownModelVersion):
            await model_versions.weights(session, 404)


async def test_the_same_weights_are_stored_once(database: Database, neighbour: Database) -> None:
    async def add(through: Database) -> int:
        async with through.begin() as session:
            return (await add_version(session)).id

    ids = await asyncio.gather(*(add(who) for who in (database, neighbour) * 3))
    assert len(set(ids)) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ModelVersion)) == 1


async def test_one_version_is_current(database: Database) -> None:
    async with database.begin() as session:
        assert await model_versions.current(session) is None
        first, second = await add_version(session, b"1"), await add_version(session, b"2")
        for version in (first, second, second, first):
            activated = await model_versions.activate(session, version.id)
            assert activated.id == version.id
            assert activated.activated_at is not None
            current = await session.scalars(select(ModelVersion.id).where(ModelVersion.is_current))
            assert current.all() == [version.id]


async def test_the_database_refuses_two_current_versions(database: Database) -> None:
    async with database.begin() as session:
        await add_version(session, b"1")
        await add_version(session, b"2")
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            await session.execute(update(ModelVersion).values(is_current=True))


async def test_activations_at_once(database: Database, neighbour: Database) -> None:
    async with database.begin() as session:
        ids = [(await add_version(session, bytes([n]))).id for n in range(6)]
        await model_versions.activate(session, ids[0])

    async def activate(through: Database, version_id: int) -> None:
        async with through.begin() as session:
            await model_versions.activate(session, version_id)

    await asyncio.gather(
        *(activate(who, i) for who, i in zip((database, neighbour) * 3, ids, strict=True))
    )
    async with database.read() as session:
        assert await model_versions.current(session) is not None


async def test_an_unknown_version_leaves_the_current_one(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        await model_versions.activate(session, version.id)
        with pytest.raises(UnknownModelVersion):
            await model_versions.activate(session, 404)
    async with database.read() as session:
        current = await model_versions.current(session)
        assert current is not None
        assert current.id == version.id


async def test_rollbacks_walk_back_to_the_first(database: Database) -> None:
    async with database.begin() as session:
        assert await model_versions.previous(session) is None
        first = await add_version(session, b"1")
        second = await add_version(session, b"2", parent_id=first.id)
        await add_version(session, b"an abandoned branch", parent_id=second.id)
        third = await add_version(session, b"3", parent_id=second.id)
        await model_versions.activate(session, third.id)

        walked = []
        while (version := await model_versions.previous(session)) is not None:
            await model_versions.activate(session, version.id)
            walked.append(version.id)
        assert walked == [second.id, first.id]


async def test_statistics_count_each_name_and_rating_once(database: Database) -> None:
    async with database.begin() as session:
        first, second, unused = [await add_version(session, bytes([n])) for n in range(3)]
        shown = await add_answer(session, "Анна", "Инна", "Жанна", version_id=first.id)
        [other] = await add_answer(session, "Прохор", user_id=OTHER_USER, version_id=second.id)
        await ratings.put(session, USER, shown[0].id, 1)
        await ratings.put(session, OTHER_USER, shown[0].id, 1)
        await ratings.put(session, USER, shown[1].id, -1)
        await ratings.put(session, USER, other.id, -1)
    async with database.read() as session:
        statistics = await model_versions.list_statistics(session)
    assert [(s.version.id, s.generations, s.ratings) for s in statistics] == [
        (first.id, 3, RatingCounts(2, 1)),
        (second.id, 1, RatingCounts(0, 1)),
        (unused.id, 0, RatingCounts(0, 0)),
    ]


async def test_a_new_database_is_little_more_than_its_model(
    database: Database, url: str, tmp_path: Path
) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL has many files")
    size = 2_000_000
    async with database.begin() as session:
        first = await add_version(session, bytes(size))
        second = await add_version(session, b"another")
    for version in (first, second, first):
        async with database.begin() as session:
            await model_versions.activate(session, version.id)
    await database.close()
    [file] = (tmp_path / "data").iterdir()
    assert size < file.stat().st_size < 1.1 * size
