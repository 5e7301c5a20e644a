"""Guessed ids and forged buttons: a kind answer, and nothing of other people's names."""

from typing import Any

import pytest
from sqlalchemy import update
from telegram import Update

from bot.context import BotApplication
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, DemoUser, Message
from bot.texts import RUSSIAN
from db import generations, ratings
from db.models import INLINE_CHAT, Generation
from db.ratings import RatingCounts
from tests.e2e.talk import ANYA, BORIS, GROUP, Talk


@pytest.fixture(autouse=True)
async def _shown(bot: BotApplication, standin: StandIn) -> None:
    """Generation 1 is shown to Anya in private, 2 to her in the group, 3 to Boris in private."""
    await Talk(standin, ANYA).say("/name Ев")
    await Talk(standin, ANYA, GROUP).say("/name Ев")
    await Talk(standin, BORIS).say("/name Ил")


class Client:
    """A client of Telegram's that sends what it likes under a message that it can see."""

    def __init__(self, bot: BotApplication, standin: StandIn) -> None:
        self.bot = bot
        self.standin = standin
        self.presses = 0

    async def press(self, user: DemoUser, data: str, place: dict[str, Any]) -> str:
        """Press, and return the notice."""
        self.presses += 1
        query_id = f"forged-{self.presses}"
        query = {"id": query_id, "from": user.to_json(), "chat_instance": "1", "data": data}
        payload = {"update_id": 1000 + self.presses, "callback_query": query | place}
        await self.bot.process_update(Update.de_json(payload, self.bot.bot))
        (call,) = [
            call
            for call in self.standin.calls_of("answerCallbackQuery")
            if call.params["callback_query_id"] == query_id
        ]
        return str(call.params.get("text", ""))

    def seen(self, message: Message) -> dict[str, Any]:
        """The message as Telegram shows it with a press."""
        return {"message": self.standin.state.message_json(message)}


@pytest.fixture
def client(bot: BotApplication, standin: StandIn) -> Client:
    return Client(bot, standin)


def too_old(chat: DemoUser | DemoGroup) -> dict[str, Any]:
    """A message that Telegram no longer shows, by its chat."""
    if isinstance(chat, DemoGroup):
        return {
            "message": {"message_id": 1, "date": 0, "chat": {"id": chat.id, "type": "supergroup"}}
        }
    return {"message": {"message_id": 1, "date": 0, "chat": {"id": chat.id, "type": "private"}}}


INLINE = {"inline_message_id": "of-an-inline-message"}


async def stored(bot: BotApplication) -> RatingCounts:
    async with bot.bot_data.database.read() as session:
        return await ratings.count(session)


@pytest.mark.parametrize("data", ["r:1:+", "r:1:0", "m:1", "o:1", "r:2:+", "m:2"])
@pytest.mark.parametrize("chat", [BORIS, GROUP])
async def test_the_pressed_message_shows_something_else(
    client: Client, bot: BotApplication, data: str, chat: DemoUser | DemoGroup
) -> None:
    """In the group even one's own, and what was shown there elsewhere."""
    if chat == GROUP and data[2] == "2":
        await Talk(client.standin, BORIS, GROUP).say("/name")
    shown = client.standin.replies(chat)[-1]
    before = len(client.standin.calls_of("sendMessage"))
    assert await client.press(BORIS, data, client.seen(shown)) == RUSSIAN.name_gone
    assert await stored(bot) == RatingCounts(0, 0)
    assert len(client.standin.calls_of("sendMessage")) == before


@pytest.mark.parametrize(
    ("user", "data", "place", "may"),
    [
        (ANYA, "r:1:+", too_old(ANYA), True),
        (BORIS, "r:1:+", too_old(BORIS), False),
        (BORIS, "m:1", too_old(BORIS), False),
        (BORIS, "r:2:+", too_old(GROUP), True),
        (BORIS, "m:2", too_old(GROUP), True),
        (BORIS, "r:1:+", too_old(GROUP), False),
        (BORIS, "r:3:+", too_old(GROUP), False),
        (ANYA, "r:2:+", too_old(ANYA), False),
        (ANYA, "r:1:+", INLINE, False),
        (BORIS, "r:2:+", INLINE, False),
    ],
)
async def test_the_pressed_message_is_not_shown(
    client: Client, bot: BotApplication, user: DemoUser, data: str, place: dict[str, Any], may: bool
) -> None:
    notice = await client.press(user, data, place)
    assert (notice != RUSSIAN.name_gone) is may
    assert await stored(bot) == RatingCounts(1 if may and data[0] == "r" else 0, 0)


async def test_anybody_rates_what_was_sent_inline(client: Client, bot: BotApplication) -> None:
    async with bot.bot_data.database.begin() as session:
        shown = await generations.get(session, 1)
        assert shown is not None
        shown.chat_id = INLINE_CHAT
    assert await client.press(BORIS, "r:1:+", INLINE) == RUSSIAN.liked
    assert await client.press(ANYA, "r:1:+", too_old(ANYA)) == RUSSIAN.name_gone


async def test_a_forged_keyboard_does_not_help_either(client: Client, bot: BotApplication) -> None:
    (shown,) = client.standin.replies(BORIS)
    for data in ("r:1:+", "m:1"):
        shown.keyboard[0][0]["callback_data"] = data
        assert await client.press(BORIS, data, client.seen(shown)) == RUSSIAN.name_gone
    assert await stored(bot) == RatingCounts(0, 0)


async def test_names_of_before_chats_were_noted(client: Client, bot: BotApplication) -> None:
    async with bot.bot_data.database.begin() as session:
        await session.execute(update(Generation).values(chat_id=None))
    (private,) = client.standin.replies(ANYA)
    (group,) = client.standin.replies(GROUP)
    assert await client.press(ANYA, "r:1:+", client.seen(private)) == RUSSIAN.liked
    assert await client.press(ANYA, "r:1:-", too_old(ANYA)) == RUSSIAN.disliked
    assert await client.press(BORIS, "r:2:+", client.seen(group)) == RUSSIAN.liked
    assert await client.press(BORIS, "r:2:0", too_old(GROUP)) == RUSSIAN.name_gone
    assert await client.press(BORIS, "r:1:+", too_old(BORIS)) == RUSSIAN.name_gone
    assert await stored(bot) == RatingCounts(1, 1)


async def test_after_forget_the_message_itself_still_works(
    client: Client, bot: BotApplication
) -> None:
    (shown,) = client.standin.replies(ANYA)
    await Talk(client.standin, ANYA).say("/forget")
    assert await client.press(ANYA, "r:1:+", client.seen(shown)) == RUSSIAN.liked
    assert await client.press(ANYA, "r:1:-", too_old(ANYA)) == RUSSIAN.name_gone
    assert await stored(bot) == RatingCounts(1, 0)
