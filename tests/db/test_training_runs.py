import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from db import AsyncSession, Database, model_versions, training_runs
from db.models import ModelVersion, RunStatus, TrainingRun
from db.training_runs import RunAlreadyActive, RunNotActive
from tests.db.rows import USER, add_version

SHA256 = "5" * 64


@pytest.fixture
async def base(database: Database) -> int:
    """The id of the version that serves."""
    async with database.begin() as session:
        version = await add_version(session)
        await model_versions.activate(session, version.id)
        return version.id


async def start(session: AsyncSession, base: int) -> TrainingRun:
    return await training_runs.start(
        session, requested_by=USER, base_version_id=base, ratings_count=30, seed=2**40
    )


async def state(database: Database, run_id: int) -> tuple[RunStatus, int]:
    """The status of the run and the number of versions, as another connection sees them."""
    async with database.read() as session:
        run = await session.get_one(TrainingRun, run_id)
        versions = await session.scalar(select(func.count()).select_from(ModelVersion))
        assert versions is not None
        return run.status, versions


async def test_a_successful_run(database: Database, base: int) -> None:
    async with database.begin() as session:
        run = await start(session, base)
        assert (run.status, run.started_at, run.finished_at) == ("queued", None, None)
    async with database.begin() as session:
        await training_runs.mark_running(session, run.id)
    assert await state(database, run.id) == ("running", 1)
    async with database.begin() as session:
        version = await training_runs.succeed(session, run.id, b"learnt", SHA256, {"gain": 0.5})

    async with database.read() as session:
        [done] = await training_runs.latest(session, 10)
        assert (done.status, done.metrics, done.error) == ("succeeded", {"gain": 0.5}, None)
        assert (done.requested_by, done.ratings_count, done.seed) == (USER, 30, 2**40)
        assert done.started_at is not None
        assert done.finished_at is not None
        assert done.created_at < done.started_at < done.finished_at
        current = await model_versions.current(session)
        assert current is not None
        assert current.id == version.id
        assert (current.source, current.parent_id, current.training_run_id, current.metrics) == (
            "retrain",
            base,
            run.id,
            {"gain": 0.5},
        )
        assert await model_versions.weights(session, version.id) == b"learnt"


async def test_one_run_at_a_time(database: Database, neighbour: Database, base: int) -> None:
    async def attempt(through: Database) -> bool:
        async with through.begin() as session:
            try:
                await start(session, base)
            except RunAlreadyActive:
                # The transaction is not spoilt: the bot can go on and say which run it is.
                assert len(await training_runs.latest(session, 2)) == 1
                return False
            return True

    started = await asyncio.gather(*(attempt(who) for who in (database, neighbour) * 4))
    assert started.count(True) == 1


async def test_a_queued_and_a_running_run_exclude_each_other(database: Database, base: int) -> None:
    async with database.begin() as session:
        run = await start(session, base)
        await training_runs.mark_running(session, run.id)
        with pytest.raises(RunAlreadyActive):
            await start(session, base)
        await training_runs.finish(session, run.id, "cancelled")
        assert (await start(session, base)).id != run.id


async def test_an_end_is_final(database: Database, base: int) -> None:
    async with database.begin() as session:
        run = await start(session, base)
        await training_runs.finish(session, run.id, "rejected", {"drift": 0.2}, "drift")
        for change in (
            training_runs.mark_running(session, run.id),
            training_runs.finish(session, run.id, "failed", error="late"),
            training_runs.succeed(session, run.id, b"learnt", SHA256, {}),
            training_runs.finish(session, 404, "failed"),
        ):
            with pytest.raises(RunNotActive):
                await change
        [ended] = await training_runs.latest(session, 1)
        assert (ended.status, ended.metrics, ended.error) == ("rejected", {"drift": 0.2}, "drift")
    assert await state(database, run.id) == ("rejected", 1)


async def test_success_and_cancellation_at_once(
    database: Database, neighbour: Database, base: int
) -> None:
    async with database.begin() as session:
        run = await start(session, base)

    async def succeed() -> None:
        async with database.begin() as session:
            await training_runs.succeed(session, run.id, b"learnt", SHA256, {})

    async def cancel() -> None:
        async with neighbour.begin() as session:
            await training_runs.finish(session, run.id, "cancelled")

    outcomes = await asyncio.gather(succeed(), cancel(), return_exceptions=True)
    assert sorted(map(repr, map(type, outcomes))) == sorted([repr(type(None)), repr(RunNotActive)])
    assert await state(database, run.id) in [("succeeded", 2), ("cancelled", 1)]


async def test_a_version_that_cannot_be_stored_is_no_success(database: Database, base: int) -> None:
    async with database.begin() as session:
        run = await start(session, base)
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            await training_runs.succeed(session, run.id, None, SHA256, {})  # type: ignore[arg-type]
    assert await state(database, run.id) == ("queued", 1)
    async with database.read() as session:
        current = await model_versions.current(session)
        assert current is not None
        assert current.id == base


async def test_a_full_disk_is_no_success(database: Database, base: int, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("SQLite can be told that the disk is full")
    async with database.begin() as session:
        run = await start(session, base)
        await (await session.connection()).exec_driver_sql("PRAGMA max_page_count = 40")
    with pytest.raises(DBAPIError, match="disk is full"):
        async with database.begin() as session:
            await training_runs.succeed(session, run.id, bytes(1_000_000), SHA256, {})
    assert await state(database, run.id) == ("queued", 1)
    async with database.begin() as session:
        await training_runs.finish(session, run.id, "failed", error="disk full")
    assert await state(database, run.id) == ("failed", 1)


async def test_the_same_weights_again_become_current_again(database: Database, base: int) -> None:
    """A retrain after a rollback, from the same ratings and seed, ends in the same weights."""
    versions = []
    for _ in range(2):
        async with database.begin() as session:
            run = await start(session, base)
            learnt = await training_runs.succeed(session, run.id, b"learnt", SHA256, {})
            versions.append(learnt.id)
        async with database.begin() as session:
            parent = await model_versions.previous(session)
            assert parent is not None
            assert (await model_versions.activate(session, parent.id)).id == base
    assert versions[0] == versions[1]
    assert await state(database, run.id) == ("succeeded", 2)


async def test_what_a_crash_left_behind_has_failed(database: Database, base: int) -> None:
    async with database.begin() as session:
        done = await start(session, base)
        await training_runs.finish(session, done.id, "rejected")
        left = await start(session, base)
        await training_runs.mark_running(session, left.id)
    async with database.begin() as session:
        found = await training_runs.active(session)
        assert found is not None
        assert found.id == left.id
        await training_runs.fail_interrupted(session, left.id)
    async with database.begin() as session:
        assert await training_runs.active(session) is None
        with pytest.raises(RunNotActive):
            await training_runs.fail_interrupted(session, left.id)
        newest, older = await training_runs.latest(session, 10)
        assert (newest.id, newest.status, newest.error) == (left.id, "failed", "interrupted")
        assert newest.finished_at is not None
        assert (older.id, older.status, older.error) == (done.id, "rejected", None)
        assert [run.id for run in await training_runs.latest(session, 1)] == [left.id]
        await start(session, base)
