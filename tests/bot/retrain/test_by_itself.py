"""When the bot learns without being asked, and when it does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import model_store
from bot.retrain.by_itself import learn_by_itself, learn_if_due
from bot.retrain.retrainer import Retrainer
from db import Database, training_runs
from db.models import Generation, Rating, RatingValue, TrainingRun, utcnow
from ml.writing.generator import NameGenerator
from tests.bot.retrain import children
from tests.db.rows import USER
from tests.rated_names import LIKES_AND_DISLIKES, rate_names
from tests.tiny_model import write_tiny_model

EVERY = len(LIKES_AND_DISLIKES)
QUIET = timedelta(minutes=5)


class Bot:
    """A retrainer over a database; the end of each run is awaited before the next question."""

    def __init__(self, database: Database, generator: NameGenerator, folder: Path) -> None:
        self.database = database
        self.version = generator.version
        self.folder = folder
        self.retrainer = Retrainer(
            database,
            generator,
            min_ratings=4,
            command=children.rejected(folder),
            scratch_root=folder,
        )

    async def rate(self, number: int = EVERY) -> None:
        await rate_names(self.database, self.version, USER, LIKES_AND_DISLIKES[-number:])

    async def is_due(self, now: datetime) -> bool:
        begun = await learn_if_due(self.database, self.retrainer, every=EVERY, quiet=QUIET, now=now)
        while begun and self.retrainer.active:
            await self.retrainer.untold.wait()
            self.retrainer.untold.clear()
        return begun

    async def runs(self) -> list[TrainingRun]:
        async with self.database.read() as session:
            return await training_runs.latest(session, 9)


@pytest.fixture
async def bot(database: Database, tmp_path: Path) -> AsyncIterator[Bot]:
    path = write_tiny_model(tmp_path / "first.safetensors")
    bot = Bot(database, NameGenerator(*await model_store.open_current(database, path)), tmp_path)
    bot.retrainer.untold.clear()
    yield bot
    await bot.retrainer.close(5)


def later(minutes: float = 6) -> datetime:
    return utcnow() + timedelta(minutes=minutes)


async def test_it_learns_after_so_many_ratings_when_it_is_quiet(bot: Bot) -> None:
    assert not await bot.is_due(later())
    await bot.rate(EVERY - 1)
    assert not await bot.is_due(later())
    await bot.rate(1)
    assert not await bot.is_due(later(minutes=1))
    assert await bot.is_due(later())
    [run] = await bot.runs()
    assert (run.status, run.requested_by, run.ratings_count) == ("rejected", None, EVERY)


async def test_after_a_rejected_run_it_waits_for_as_many_ratings_again(bot: Bot) -> None:
    await bot.rate()
    assert await bot.is_due(later())
    assert not await bot.is_due(later())
    await bot.rate(EVERY - 1)
    # A changed rating is not a new one.
    async with bot.database.begin() as session:
        await session.execute(update(Rating).values(updated_at=utcnow(), value=-Rating.value))
    assert not await bot.is_due(later())
    await bot.rate(1)
    assert await bot.is_due(later())
    assert not await bot.is_due(later())


async def test_the_end_of_a_run_is_left_to_be_told_to_all_admins(bot: Bot) -> None:
    await bot.rate()
    assert await bot.is_due(later())
    async with bot.database.read() as session:
        [(run, version)] = await training_runs.untold(session)
    assert (run.chat_id, version) == (training_runs.EVERY_ADMIN, None)


async def test_a_few_people_do_not_disturb_the_quiet(bot: Bot) -> None:
    await bot.rate()
    async with bot.database.begin() as session:
        old = utcnow() - timedelta(hours=1)
        await session.execute(update(Generation).values(created_at=old))
        await session.execute(update(Rating).values(created_at=old, updated_at=old))
    await bot.rate(3)
    assert not await bot.is_due(utcnow())  # three names and three ratings
    async with bot.database.begin() as session:
        await session.execute(update(Rating).values(updated_at=old))
    assert await bot.is_due(utcnow())


async def test_a_bot_that_is_never_quiet_learns_after_a_day(bot: Bot) -> None:
    await bot.rate()
    async with bot.database.begin() as session:
        old = utcnow() - timedelta(hours=23)
        await session.execute(update(Rating).values(created_at=old))
    assert not await bot.is_due(utcnow())
    assert await bot.is_due(utcnow() + timedelta(hours=1))


async def test_one_run_at_a_time(bot: Bot) -> None:
    await bot.rate()
    async with bot.database.begin() as session:
        await training_runs.start(
            session,
            requested_by=USER,
            base_version_id=bot.version,
            ratings_count=0,
            seed=0,
            scratch="elsewhere",
        )
        await session.execute(update(TrainingRun).values(created_at=utcnow() - timedelta(days=1)))
    assert not await bot.is_due(later())


async def test_it_does_not_learn_from_too_little(bot: Bot) -> None:
    likes: list[RatingValue] = [1] * EVERY
    await rate_names(bot.database, bot.version, USER, likes)
    assert not await bot.is_due(later())
    assert await bot.runs() == []


async def test_it_looks_again_and_again(bot: Bot, database: Database) -> None:
    """Also when the database fails for a while; and not once if it is not wanted."""
    looks = 0

    async def rating_comes(seconds: float) -> None:
        nonlocal looks
        assert seconds == 60
        looks += 1
        if looks == 2:
            await bot.rate()
        if bot.retrainer.active:
            raise asyncio.CancelledError

    def now() -> datetime:
        if looks == 1:
            raise OSError("trouble")
        return later()

    begin = learn_by_itself(
        database, bot.retrainer, every=EVERY, pause=60, quiet=300, now=now, sleep=rating_comes
    )
    with pytest.raises(asyncio.CancelledError):
        await begin
    assert looks == 3
    await learn_by_itself(database, bot.retrainer, every=0, pause=60, quiet=300)
