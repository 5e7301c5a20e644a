"""Getting updates on Telegram's bad days, and ending on one."""

import asyncio

import pytest

from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.settings import Settings, SettingsError
from tests.e2e.talk import ANYA, TOKEN, Talk

QUICK = Pace(first_pause=0.001, stop=0.5)


@pytest.fixture
def pace() -> Pace:
    return QUICK


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (401, "Unauthorized"),
        (404, "Not Found"),
        (409, "Conflict: terminated by other getUpdates request"),
        (500, "Internal Server Error"),
        (502, "Bad Gateway"),
    ],
)
async def test_a_stray_refusal_leaves_nobody_deaf(
    anya: Talk, standin: StandIn, code: int, description: str
) -> None:
    await anya.say("/name")
    standin.fail_next("getUpdates", times=3, code=code, description=description)
    await anya.say("/name")  # ends the poll that waits
    assert (await anya.say("/name Ев")).text.startswith("Ев")
    assert [call.error.code for call in standin.calls_of("getUpdates") if call.error] == [code] * 3


async def test_a_revoked_token_ends_the_bot(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    await anya.say("/name")
    standin.fail_next("getUpdates", times=1_000_000, code=401, description="Unauthorized")
    standin.send_text(ANYA, "/name")  # ends the poll that waits
    with pytest.raises(SettingsError, match=r"^BOT_TOKEN is no longer valid: .*\.$") as ended:
        async with asyncio.timeout(30):
            await bot.bot_data.broken
    assert TOKEN not in str(ended.value)


async def test_telegram_away_at_the_start_is_waited_for(
    settings: Settings, standin: StandIn
) -> None:
    """And while the former webhook is removed, which comes next."""
    standin.drop_next("getMe", times=8)
    standin.fail_next("deleteWebhook", times=8, code=502, description="Bad Gateway")
    async with running(settings, QUICK):
        assert (await Talk(standin, ANYA).say("/name Ев")).text.startswith("Ев")
    assert len(standin.calls_of("getMe")) == 9


async def test_updates_are_confirmed_at_the_end(settings: Settings, standin: StandIn) -> None:
    async with running(settings, QUICK):
        await Talk(standin, ANYA).say("/name")
    assert not standin.updates.pending
