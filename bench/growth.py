"""How the database grows in two simulated days, with the upkeep and without it; and how long
others wait for the upkeep, for /forget, and for the export of a retrain.

Every second name is a second of simulated time. People ask, rate one name of seven, and a retrain
ends every three hours in weights as large as the shipped model's.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.table import Table
from sqlalchemy import func, insert, select

from bot.retrain.retrainer import as_rating
from bot.settings import Settings
from bot.upkeep import tidy_up
from db import AsyncSession, Database, forget, model_versions, ratings, users
from db.migrate import upgrade
from db.models import Generation, ModelWeights, Rating, User
from ml.learning.ratings import write_ratings
from ml.models.checkpoint import SHIPPED_MODEL

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_HOURS = 48
_NAMES_AN_HOUR = 1800
_PEOPLE = 1000
_RATED = 1 / 7
_HOURS_A_RETRAIN = 3
_SHOWN_HOURS = 12
_SETTINGS = {"keep_versions": 5, "keep_names_days": 1}
_HOLDER_NAMES = 200_000


async def tables() -> list[Table]:
    """Growth, then who waits."""
    with tempfile.TemporaryDirectory() as folder:
        return [await _growth(Path(folder)), await _waiting(Path(folder))]


async def _growth(folder: Path) -> Table:
    table = Table(
        *("simulated hours", "names shown", "rows", "versions", "with weights", "MiB"),
        "MiB without upkeep",
        title="growth with KEEP_NAMES_DAYS=1",
    )
    kept, untidy = await _open(folder / "kept.db"), await _open(folder / "untidy.db")
    settings = Settings(**_SETTINGS, _env_file=None)  # type: ignore[arg-type, call-arg]
    for hour in range(1, _HOURS + 1):
        now = _BEGIN + timedelta(hours=hour)
        for database in (kept, untidy):
            await _an_hour(database, hour, now)
        await tidy_up(kept, settings, now=now, sleep=_at_once)
        if hour % _SHOWN_HOURS == 0:
            async with kept.read() as session:
                rows = await session.scalar(select(func.count()).select_from(Generation))
                weights = await session.scalar(select(func.count()).select_from(ModelWeights))
                versions = await model_versions.list_statistics(session)
            shown = sum(each.generations for each in versions)
            if shown != hour * _NAMES_AN_HOUR:
                raise RuntimeError(f"{shown} names are counted of {hour * _NAMES_AN_HOUR}")
            sizes = [_mebibytes(folder / name) for name in ("kept.db", "untidy.db")]
            table.add_row(
                *(str(hour), f"{shown:,}", f"{rows:,}", str(len(versions)), str(weights)),
                *(f"{size:.0f}" for size in sizes),
            )
    await kept.close()
    await untidy.close()
    return table


async def _an_hour(database: Database, hour: int, now: datetime) -> None:
    """What an hour leaves in the database."""
    chance = random.Random(hour)  # noqa: S311
    async with database.begin() as session:
        version = await model_versions.current(session)
        if version is None or hour % _HOURS_A_RETRAIN == 0:
            weights = os.urandom(SHIPPED_MODEL.stat().st_size)
            version = await model_versions.add(
                session,
                source="file" if version is None else "retrain",
                weights=weights,
                sha256=f"{hour:064}",
                metrics={},
                parent_id=version.id if version else None,
                make_current=True,
            )
        rows = [_row(chance.randrange(_PEOPLE), version.id, now) for _ in range(_NAMES_AN_HOUR)]
        await _show(session, rows, {n for n in range(len(rows)) if chance.random() < _RATED})


async def _waiting(folder: Path) -> Table:
    """How long a small write of somebody else took at most, and its median."""
    table = Table("meanwhile", "median ms", "longest ms", "in all s", title="a write of others")
    database = await _open(folder / "waiting.db")
    now = _BEGIN + timedelta(days=9)
    async with database.begin() as session:
        version = await model_versions.add(
            session, source="file", weights=b"", sha256="", metrics={}, make_current=True
        )
    for begin in range(0, _HOLDER_NAMES, 10_000):
        async with database.begin() as session:
            rows = [_row(1, version.id, _BEGIN) for _ in range(10_000)]
            await _show(session, rows, set(range(10_000)) if begin >= _HOLDER_NAMES // 2 else set())
    settings = Settings(**_SETTINGS, _env_file=None)  # type: ignore[arg-type, call-arg]

    async def export() -> None:
        async with database.read() as session:
            async for page in ratings.export_pages(session):
                some = [as_rating(rated) for rated in page]
                await asyncio.to_thread(write_ratings, some, folder / "ratings", append=True)

    async def upkeep() -> None:
        await tidy_up(database, settings, now=now, sleep=_at_once)

    for title, work in (
        ("nothing", lambda: asyncio.sleep(2)),
        ("the export of 100,000 ratings", export),
        ("the upkeep of 100,000 old names", upkeep),
        ("/forget of 100,000 rated names", lambda: forget.forget_user(database, 1)),
    ):
        waits, seconds = await _beside(database, work)
        table.add_row(
            title,
            f"{1000 * sorted(waits)[len(waits) // 2]:.1f}",
            f"{1000 * max(waits):.0f}",
            f"{seconds:.1f}",
        )
    await database.close()
    return table


async def _beside(
    database: Database, work: Callable[[], Awaitable[object]]
) -> tuple[list[float], float]:
    """How long each small write took while the work went on, and the work itself."""
    waits: list[float] = []

    async def keep_writing() -> None:
        while True:
            started = time.perf_counter()
            async with database.begin() as session:
                await users.remember(session, 2, "ru")
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.003)

    started = time.perf_counter()
    writing = asyncio.create_task(keep_writing())
    await work()
    seconds = time.perf_counter() - started
    writing.cancel()
    await asyncio.wait({writing})
    return waits, seconds


async def _open(path: Path) -> Database:
    url = f"sqlite+aiosqlite:///{path}"
    await upgrade(url)
    database = Database(url)
    async with database.begin() as session:
        await session.execute(
            insert(User),
            [{"id": n, "created_at": _BEGIN, "last_seen_at": _BEGIN} for n in range(_PEOPLE)],
        )
    return database


def _row(user_id: int, version_id: int, now: datetime) -> dict[str, object]:
    return {
        "user_id": user_id,
        "model_version_id": version_id,
        "name": "Евлампия",
        "kind": "given",
        "gender": "f",
        "origin": "russian",
        "prefix": "Ев",
        "status": "novel",
        "temperature": 0.7,
        "novel_only": False,
        "log_prob": -9.5,
        "created_at": now,
    }


async def _show(session: AsyncSession, rows: list[dict[str, object]], rated: set[int]) -> None:
    """Answers of one name each, those of these places rated."""
    first = (await session.scalar(select(func.max(Generation.id))) or 0) + 1
    numbered = [row | {"id": id_, "answer_id": id_} for id_, row in enumerate(rows, first)]
    await session.execute(insert(Generation), numbered)
    if rated:
        some = [numbered[place] for place in sorted(rated)]
        now = some[0]["created_at"]
        await session.execute(
            insert(Rating),
            [
                {"user_id": row["user_id"], "generation_id": row["id"], "value": 1}
                | {"created_at": now, "updated_at": now}
                for row in some
            ],
        )


async def _at_once(_: float) -> None:
    """Time passes in the simulation alone."""
    await asyncio.sleep(0)


def _mebibytes(path: Path) -> float:
    return path.stat().st_size / 2**20
