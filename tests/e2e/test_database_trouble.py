"""A full disk, a read-only one, a locked database, no temporary folder: people hear one kind
sentence, the log gets one line, nothing is lost, and when the cause is gone the bot goes on.
"""

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.admin.texts import RUSSIAN as ADMIN_TEXTS
from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.retrain.process import FailureCause
from bot.settings import Settings
from bot.texts import RUSSIAN
from db import model_versions, ratings
from db.ratings import RatingCounts
from ml.models.checkpoint import model_bytes
from tests.bot.retrain import children
from tests.e2e.talk import ADMIN, ANYA, Talk
from tests.rated_names import LIKES_AND_DISLIKES, rate_names
from tests.tiny_model import tiny_model

Change = Callable[[], Awaitable[None]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"min_ratings": 4})


@pytest.fixture
def finetune_command(tmp_path: Path) -> Sequence[str]:
    return children.command(tmp_path)


@pytest.fixture
def pragma(bot: BotApplication) -> Callable[[str], Awaitable[None]]:
    """Say something to the one connection of the bot that writes."""

    async def say(statement: str) -> None:
        async with bot.bot_data.database.outside_transactions() as connection:
            await connection.execute(text(f"PRAGMA {statement}"))

    return say


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


async def counts(bot: BotApplication) -> RatingCounts:
    async with bot.bot_data.database.read() as session:
        return await ratings.count(session)


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        ("max_page_count = 1", "max_page_count = 1000000", "database or disk is full"),
        ("query_only = ON", "query_only = OFF", "attempt to write a readonly database"),
    ],
    ids=["full", "read-only"],
)
async def test_a_disk_that_takes_nothing(
    anya: Talk,
    bot: BotApplication,
    pragma: Callable[[str], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
    begin: str,
    end: str,
    reason: str,
) -> None:
    shown = await anya.say("/name")
    await anya.press(shown, "👍")
    before = await counts(bot)
    caplog.clear()
    await pragma(begin)

    # On a full disk there is room left in the pages that are there already.
    while (await anya.say("/name 10")).text != RUSSIAN.failure:
        pass
    assert (await anya.say("/help")).text != RUSSIAN.failure
    [line] = lines(caplog)
    assert reason in line.getMessage()
    assert line.exc_info is None
    assert await counts(bot) == before

    await pragma(end)
    again = await anya.say("/name 10")
    assert len(again.texts_of("bold")) == 10
    assert (await anya.press(again, again.keyboard[0][1]["callback_data"])).text == RUSSIAN.disliked
    assert await counts(bot) == RatingCounts(likes=1, dislikes=1)


async def test_a_database_that_somebody_else_keeps_locked(
    anya: Talk,
    bot: BotApplication,
    pragma: Callable[[str], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    shown = await anya.say("/name")
    await pragma("busy_timeout = 50")
    caplog.clear()
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await anya.press(shown, "👍")
        assert answer.text == RUSSIAN.failure
        assert await counts(bot) == RatingCounts(0, 0)
    [line] = lines(caplog)
    assert "database is locked" in line.getMessage()
    assert line.exc_info is None

    assert (await anya.press(shown, "👍")).text == RUSSIAN.liked
    assert await counts(bot) == RatingCounts(1, 0)


async def test_a_disk_that_is_full_when_the_new_model_is_there(
    admin: Talk, bot: BotApplication, pragma: Callable[[str], Awaitable[None]], tmp_path: Path
) -> None:
    services = bot.bot_data
    old = services.generator.version
    await rate_names(services.database, old, ADMIN.id, LIKES_AND_DISLIKES)
    learn(tmp_path)
    await pragma("max_page_count = 1")
    message = await admin.say("/retrain")
    if message.text != RUSSIAN.failure:  # the row of the run found room
        failed = ADMIN_TEXTS.causes[FailureCause.INTERNAL]
        await admin.standin.wait_for(lambda: failed in admin.now(message).text)
    assert services.generator.version == old

    await pragma("max_page_count = 1000000")
    message = await admin.say("/retrain")
    await admin.standin.wait_for(lambda: "принята" in admin.now(message).text)
    async with services.database.read() as session:
        current = await model_versions.current(session)
    assert current is not None
    assert services.generator.version == current.id != old


async def test_no_temporary_folder(
    standin: StandIn,
    settings: Settings,
    finetune_command: Sequence[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    learn(tmp_path)
    admin, anya = Talk(standin, ADMIN), Talk(standin, ANYA)
    async with running(settings, Pace(private_edits=0.01), finetune_command) as bot:
        services = bot.bot_data
        version = services.generator.version
        await rate_names(services.database, version, ADMIN.id, LIKES_AND_DISLIKES)
        shutil.rmtree(folder)
        message = await admin.say("/retrain")
        failed = ADMIN_TEXTS.causes[FailureCause.FILES]
        await standin.wait_for(lambda: failed in admin.now(message).text)
        assert (await anya.say("/name")).button_texts

        folder.mkdir()
        message = await admin.say("/retrain")
        await standin.wait_for(lambda: "принята" in admin.now(message).text)


def learn(folder: Path) -> None:
    """The child passes with a new model."""
    children.succeeding(folder, model_bytes(tiny_model(seed=5)))
