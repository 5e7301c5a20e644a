"""👍 and 👎: set, changed, withdrawn; by several people, twice at once, after a restart."""

import asyncio

import pytest
from sqlalchemy import text

from bot.context import BotApplication
from bot.lifecycle import running
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, Message
from bot.settings import Settings
from bot.texts import ENGLISH, RUSSIAN
from db import ratings
from db.ratings import RatingCounts
from tests.e2e.talk import ADMIN, ANYA, BORIS, GROUP, JOHN, Talk


async def stored(bot: BotApplication) -> RatingCounts:
    """What the database says."""
    async with bot.bot_data.database.read() as session:
        return await ratings.count(session)


def data(message: Message, row: int = 0, column: int = 0) -> str:
    """The callback data of a button, which stays when its label changes."""
    return str(message.keyboard[row][column]["callback_data"])


async def test_a_rating_is_set_changed_and_withdrawn(anya: Talk, bot: BotApplication) -> None:
    reply = await anya.say("/name")

    assert (await anya.press(reply, "👍")).text == RUSSIAN.liked
    assert await stored(bot) == RatingCounts(1, 0)
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])

    assert (await anya.press(reply, "👎")).text == RUSSIAN.disliked
    assert await stored(bot) == RatingCounts(0, 1)
    await anya.buttons_become(reply, ["👍", "👎 ✓", "⭐"])

    assert (await anya.press(reply, "👎 ✓")).text == RUSSIAN.withdrawn
    assert await stored(bot) == RatingCounts(0, 0)
    await anya.buttons_become(reply, ["👍", "👎", "⭐"])


async def test_one_name_of_several_is_rated(anya: Talk, bot: BotApplication) -> None:
    reply = await anya.say("/name 3")
    await anya.press(reply, data(reply, row=1))
    name = reply.texts_of("bold")[1]
    await anya.standin.wait_for(
        lambda: anya.now(reply).button_texts[1] == [f"👍 {name} ✓", f"👎 {name}", "⭐"]
    )
    async with bot.bot_data.database.read() as session:
        assert [(r.name, r.value) for r in await ratings.export(session)] == [(name, 1)]


@pytest.mark.parametrize("chat", [None, GROUP])
async def test_a_repeated_press_changes_nothing(
    bot: BotApplication, standin: StandIn, chat: DemoGroup | None
) -> None:
    """The person did not see the confirmation, and presses what the keyboard still shows."""
    anya = Talk(standin, ANYA, chat)
    reply = await anya.say("/name")
    standin.drop_next("editMessageReplyMarkup", times=3)
    notices = await asyncio.gather(*(anya.press(reply, "👍") for _ in range(3)))
    assert {notice.text for notice in notices} == {RUSSIAN.liked}
    assert await stored(bot) == RatingCounts(1, 0)
    await anya.buttons_become(reply, ["👍 1", "👎", "↩️", "⭐"] if chat else ["👍 ✓", "👎", "⭐"])


async def test_an_update_that_comes_again_changes_nothing(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    """Even after the person has changed their mind, twice."""
    reply = await anya.say("/name")
    await anya.press(reply, "👍")
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])
    pressed = standin.updates.latest("callback_query")
    await anya.press(reply, "👍 ✓")
    await anya.buttons_become(reply, ["👍", "👎", "⭐"])
    standin.updates.repeat(pressed)
    await standin.wait_for(lambda: len(standin.calls_of("answerCallbackQuery")) == 3)
    assert await stored(bot) == RatingCounts(0, 0)
    await bot.bot_data.redraws.settled()
    assert anya.now(reply).button_texts[0] == ["👍", "👎", "⭐"]


async def test_the_keyboard_is_redrawn_though_the_notice_fails(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    reply = await anya.say("/name")
    standin.fail_next("answerCallbackQuery", times=1000)
    standin.press(ANYA, reply.id, "👍")
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])
    assert await stored(bot) == RatingCounts(1, 0)


async def test_in_a_group_a_button_of_its_own_takes_back(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    anya, boris = Talk(standin, ANYA, GROUP), Talk(standin, BORIS, GROUP)
    reply = await anya.say("/name 2")
    name = reply.texts_of("bold")[0]
    for person in (anya, boris, boris):
        assert (await person.press(reply, data(reply))).text == RUSSIAN.liked
        await bot.bot_data.redraws.settled()
    assert await stored(bot) == RatingCounts(2, 0)
    assert (await anya.press(reply, "↩️")).text == RUSSIAN.withdrawn
    assert await stored(bot) == RatingCounts(1, 0)
    await anya.buttons_become(reply, [f"👍 {name} 1", f"👎 {name}", "↩️", "⭐"])


async def test_everybody_in_a_group_rates_for_themselves(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    reply = await Talk(standin, ANYA, GROUP).say("/name")
    people = [Talk(standin, person, GROUP) for person in (ANYA, BORIS, ADMIN, JOHN)]
    notices = await asyncio.gather(
        *(person.press(reply, data(reply, column=int(i == 3))) for i, person in enumerate(people))
    )
    assert [n.text for n in notices] == [
        RUSSIAN.liked,
        RUSSIAN.liked,
        RUSSIAN.liked,
        ENGLISH.disliked,
    ]
    assert await stored(bot) == RatingCounts(3, 1)
    await bot.update_queue.join()
    await bot.bot_data.redraws.settled()
    assert anya.now(reply).button_texts[0] == ["👍 3", "👎 1", "↩️", "⭐"]
    assert anya.now(reply).button_texts[1][0] == RUSSIAN.more_button


async def test_buttons_work_after_a_restart(settings: Settings, standin: StandIn) -> None:
    anya = Talk(standin, ANYA)
    async with running(settings):
        reply = await anya.say("/name Ев 2")
        await anya.press(reply, data(reply))
    async with running(settings) as bot:
        await anya.press(reply, data(reply, row=1, column=1))
        assert await stored(bot) == RatingCounts(1, 1)
        await anya.press(reply, RUSSIAN.more_button)
        replies = await standin.wait_for(lambda: standin.replies(ANYA)[1:])
        assert len(replies[0].texts_of("bold")) == 2
        assert replies[0].text.startswith("Ев")


async def test_a_press_while_the_bot_is_away_is_not_lost(
    settings: Settings, standin: StandIn
) -> None:
    anya = Talk(standin, ANYA)
    async with running(settings):
        reply = await anya.say("/name")
    query = standin.press(ANYA, reply.id, data(reply))
    async with running(settings) as bot:
        await standin.wait_for(lambda: query.answer)
        assert await stored(bot) == RatingCounts(1, 0)


@pytest.mark.parametrize(
    "garbage",
    ["r:99999:+", "r:1:x", "r:1:+:", "m:99999", "o:0", "x", "r:99999999999999999999:+", "📎", " "],
)
async def test_foreign_and_vanished_buttons_get_one_kind_answer(
    anya: Talk, bot: BotApplication, garbage: str
) -> None:
    reply = await anya.say("/name")
    reply.keyboard[0][0]["callback_data"] = garbage
    answer = await anya.press(reply, garbage)
    assert answer.text in (RUSSIAN.name_gone, RUSSIAN.unknown_button)
    await bot.update_queue.join()
    assert len(anya.standin.calls_of("answerCallbackQuery")) == 1
    assert await stored(bot) == RatingCounts(0, 0)


async def test_forget_removes_ratings_and_rating_again_works(
    anya: Talk, bot: BotApplication
) -> None:
    reply = await anya.say("/name")
    thumbs_up, thumbs_down = data(reply), data(reply, column=1)
    await anya.press(reply, thumbs_up)
    assert (await anya.say("/forget")).text == RUSSIAN.forgotten
    assert await stored(bot) == RatingCounts(0, 0)
    await anya.press(reply, thumbs_down)
    assert await stored(bot) == RatingCounts(0, 1)


async def test_a_deleted_message_can_still_be_rated(anya: Talk, bot: BotApplication) -> None:
    """The press is on its way when the message goes."""
    reply = await anya.say("/name")
    anya.standin.fail_next(
        "editMessageReplyMarkup", code=400, description="Bad Request: message to edit not found"
    )
    await anya.press(reply, data(reply))
    await bot.bot_data.redraws.settled()
    assert await stored(bot) == RatingCounts(1, 0)


async def test_telegrams_request_to_wait_is_honoured(anya: Talk) -> None:
    reply = await anya.say("/name")
    anya.standin.fail_next("editMessageReplyMarkup", retry_after=1)
    await anya.press(reply, data(reply))
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])


async def test_a_failure_is_told_once_and_logged_without_words(
    anya: Talk, bot: BotApplication, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await anya.say("/name")
    async with bot.bot_data.database.begin() as session:
        await session.execute(text("ALTER TABLE users RENAME TO lost"))
    answer = await anya.press(reply, data(reply))
    assert answer.text == RUSSIAN.failure
    assert (await anya.say("/name Евфросиния")).text == RUSSIAN.failure
    await bot.update_queue.join()
    assert len(anya.standin.calls_of("answerCallbackQuery")) == 1
    assert len(anya.standin.replies(ANYA)) == 2
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 2
    assert all("update" in record.getMessage() for record in errors)
    assert "Евфросиния" not in caplog.text
