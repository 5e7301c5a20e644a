"""The database does not grow for ever, and nobody waits for that."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from bot.settings import Settings
from bot.upkeep import tidy_up
from db import Database, model_versions, users
from db.migrate import upgrade
from db.models import Generation
from tests.db.rows import OTHER_USER, USER, add_answer, add_version

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SETTINGS = Settings(keep_versions=1, keep_names_days=7, _env_file=None)  # type: ignore[call-arg]


async def test_old_weights_and_names_go_and_the_file_shrinks(tmp_path: Path) -> None:
    now = 0.0
    url = f"sqlite+aiosqlite:///{tmp_path}/imyarek.db"
    await upgrade(url)
    database = Database(url, clock=lambda: now)
    size = 1_000_000
    async with database.begin() as session:
        versions = [await add_version(session, bytes([n]) * size) for n in range(6)]
        await model_versions.activate(session, versions[-1].id)
        for _ in range(30):
            await add_answer(session, *["Нил"] * 9, version_id=versions[0].id)
        await add_answer(session, "Мир", user_id=OTHER_USER, version_id=versions[0].id)
        await session.execute(update(Generation).values(created_at=NOW - timedelta(days=8)))

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    await tidy_up(database, SETTINGS, now=NOW, sleep=sleep)

    async with database.read() as session:
        found = await model_versions.list_statistics(session)
        rows = await session.scalar(select(func.count()).where(Generation.user_id == USER))
    assert [each.has_weights for each in found] == [False] * 5 + [True]
    assert found[0].generations == 271
    assert rows == 54  # whole answers: the last 50 names, and those that came with them
    file = tmp_path / "imyarek.db"
    assert size < file.stat().st_size < 1.5 * size
    assert 30 <= now < 40
    await database.close()


async def test_a_bot_that_is_never_at_rest_is_tidied_all_the_same(database: Database) -> None:
    async with database.begin() as session:
        versions = [await add_version(session, bytes([n])) for n in range(3)]
        await model_versions.activate(session, versions[-1].id)

    async def somebody_writes(_: float) -> None:
        async with database.begin() as session:
            await users.remember(session, OTHER_USER, "ru")

    await tidy_up(database, SETTINGS, now=NOW, sleep=somebody_writes)
    async with database.read() as session:
        found = await model_versions.list_statistics(session)
    assert [each.has_weights for each in found] == [False, False, True]


async def test_rest_is_when_nobody_has_written_for_a_while(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/rest.db"
    await upgrade(url)
    now = 100.0
    database = Database(url, clock=lambda: now)
    assert database.at_rest(30)
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
        assert not database.at_rest(0)
    assert database.at_rest(0)
    now += 29
    assert not database.at_rest(30)
    now += 1
    assert database.at_rest(30)
    await database.close()
