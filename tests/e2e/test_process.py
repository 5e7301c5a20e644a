"""The real process: it opens, answers the health check, and leaves when asked."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.health import ailment, heartbeat_files
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.settings import Settings, SettingsError
from tests.e2e.processes import Process, start_bot
from tests.e2e.talk import ANYA, TOKEN, Talk


@pytest.fixture
async def process(
    standin: StandIn, settings: Settings, model_file: Path, tmp_path: Path
) -> AsyncIterator[Process]:
    """`python -m bot run` against the stand-in."""
    process = await start_bot(standin, settings, model_file, tmp_path)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_it_answers_and_leaves_when_asked(
    process: Process, settings: Settings, standin: StandIn
) -> None:
    anya = Talk(standin, ANYA)
    output = asyncio.create_task(process.communicate())
    standin.send_text(ANYA, "/name Ев")
    reply = await standin.wait_for(lambda: standin.replies(ANYA), timeout=60)
    await anya.press(reply[0], "👍")

    heartbeat = heartbeat_files(settings.database_url)
    assert ailment(heartbeat) is None

    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        log, _ = await output
    assert process.returncode == 0
    assert not any(file.exists() for file in heartbeat)
    text = log.decode()
    assert "Answering as" in text
    assert "Traceback" not in text


async def test_it_does_not_wait_for_telegrams_limits(settings: Settings, standin: StandIn) -> None:
    standin.fail_next("sendMessage", retry_after=600)
    async with asyncio.timeout(30):
        async with running(settings, Pace(stop=0.1)):
            standin.send_text(ANYA, "/name")
            await standin.wait_for(lambda: standin.calls_of("sendMessage"))


async def test_the_heartbeat_follows_the_bot(settings: Settings, standin: StandIn) -> None:
    heartbeat = heartbeat_files(settings.database_url)
    async with running(settings):
        await Talk(standin, ANYA).say("/name")
        assert ailment(heartbeat) is None
    assert ailment(heartbeat) == "The bot is not running here."


async def test_a_token_that_telegram_does_not_know(settings: Settings) -> None:
    stranger = StandIn("654321:somebody-else")
    await stranger.start()
    with pytest.raises(SettingsError, match=r"^BOT_TOKEN is not valid") as refusal:
        async with running(settings.model_copy(update={"bot_api_url": stranger.url})):
            pass
    await stranger.stop()
    assert TOKEN not in str(refusal.value)
    assert refusal.value.__cause__ is None
