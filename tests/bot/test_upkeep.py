"""The database does not grow for ever, and nobody waits for that."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from bot.settings import Settings
from bot.upkeep import tidy_up
from db import Database, model_versions
from db.models import Generation
from tests.db.rows import OTHER_USER, USER, add_answer, add_version

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SETTINGS = Settings(keep_versions=1, keep_names_days=7, _env_file=None)  # type: ignore[call-arg]


async def test_old_weights_and_names_go_and_the_file_shrinks(
    database: Database, tmp_path: Path
) -> None:
    size = 1_000_000
    async with database.begin() as session:
        versions = [await add_version(session, bytes([n]) * size) for n in range(6)]
        await model_versions.activate(session, versions[-1].id)
        for _ in range(30):
            await add_answer(session, *["Нил"] * 9, version_id=versions[0].id)
        await add_answer(session, "Мир", user_id=OTHER_USER, version_id=versions[0].id)
        await session.execute(update(Generation).values(created_at=NOW - timedelta(days=8)))

    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    await tidy_up(database, SETTINGS, now=NOW, sleep=sleep)

    async with database.read() as session:
        found = await model_versions.list_statistics(session)
        rows = await session.scalar(select(func.count()).where(Generation.user_id == USER))
    assert [each.has_weights for each in found] == [False] * 5 + [True]
    assert found[0].generations == 271
    assert rows == 54  # whole answers: the last 50 names, and those that came with them
    file = tmp_path / "imyarek.db"
    assert size < file.stat().st_size < 1.5 * size
    assert rests


async def test_it_waits_for_whoever_writes(database: Database) -> None:
    async with database.begin() as session:
        await add_version(session)
    assert not database.at_rest(60)
    waits = 0

    async def sleep(_: float) -> None:
        nonlocal waits
        waits += 1

    async with database.begin() as session:
        await add_answer(session, "Нил", user_id=USER)
        assert not database.at_rest(0)
    assert database.at_rest(0)
    await tidy_up(database, SETTINGS, now=NOW, sleep=sleep)
    assert waits > 10
