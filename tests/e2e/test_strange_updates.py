"""Updates that lack what ordinary ones have: the sender, the message, the data."""

from typing import Any

import pytest
from telegram import Update

from bot.context import BotApplication
from bot.playground.standin import StandIn
from db import ratings
from tests.e2e.talk import ANYA, BORIS, GROUP, Talk

GROUP_CHAT = {"id": GROUP.id, "type": "supergroup", "title": GROUP.title}
COMMAND = [{"type": "bot_command", "offset": 0, "length": 5}]


def message(**fields: Any) -> dict[str, Any]:
    """The JSON of a message in the group that says /name."""
    text = {"text": "/name Ев", "entities": COMMAND}
    return {"message_id": 1, "date": 1, "chat": GROUP_CHAT} | text | fields


async def deliver(bot: BotApplication, **payload: Any) -> None:
    """Let the bot deal with an update."""
    await bot.process_update(Update.de_json({"update_id": 1, **payload}, bot.bot))


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged about handlers that failed."""
    return [r.getMessage() for r in caplog.records if r.name == "bot.handlers.errors"]


@pytest.mark.parametrize(
    "sender",
    [
        {},
        {"sender_chat": GROUP_CHAT},
        {
            "sender_chat": GROUP_CHAT,
            "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        },
    ],
    ids=["nobody", "chat alone", "anonymous admin"],
)
async def test_nobody_in_particular_may_ask(
    bot: BotApplication, standin: StandIn, caplog: pytest.LogCaptureFixture, sender: dict[str, Any]
) -> None:
    await deliver(bot, message=message(**sender))
    assert len(standin.replies(GROUP)) == (1 if "from" in sender else 0)
    assert complaints(caplog) == []


@pytest.mark.parametrize(
    "place",
    [
        {"message": {"message_id": 2, "date": 0, "chat": GROUP_CHAT}},
        {"inline_message_id": "of-an-inline-message"},
    ],
    ids=["too old to be seen", "inline"],
)
@pytest.mark.parametrize("button", ["r:1:+", "m:1", "x", None])
async def test_a_button_without_its_message_is_pressed(
    bot: BotApplication,
    standin: StandIn,
    caplog: pytest.LogCaptureFixture,
    place: dict[str, Any],
    button: str | None,
) -> None:
    """Telegram does not show the bot the message, yet a rating counts where it was shown."""
    await Talk(standin, ANYA, GROUP).say("/name")
    press = {"id": "1", "from": BORIS.to_json() | {"is_bot": False}, "chat_instance": "1"}
    data = {"data": button} if button else {"game_short_name": "game"}
    await deliver(bot, callback_query=press | data | place)
    assert complaints(caplog) == []
    assert len(standin.calls_of("answerCallbackQuery")) == 1
    async with bot.bot_data.database.read() as session:
        likes = (await ratings.count(session)).likes
    assert likes == (1 if button == "r:1:+" and "message" in place else 0)
