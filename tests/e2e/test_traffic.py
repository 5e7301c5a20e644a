"""Floods, a stop in the middle of one, and Telegram's bad moments."""

from collections.abc import AsyncIterator

import pytest

from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser
from bot.settings import Settings
from bot.texts import RUSSIAN
from tests.e2e.talk import ADMIN, ANYA, BORIS, GROUP, JOHN, PEOPLE, TOKEN, Talk

CROWD = tuple(DemoUser(1000 + number, f"Person {number}") for number in range(200))


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    """Telegram, with many people in it."""
    standin = StandIn(TOKEN, [*PEOPLE, *CROWD], [GROUP])
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
def pace() -> Pace:
    """Nothing waits for Telegram's limits, nor before a new try; a slow machine may be slow."""
    return Pace(
        requests_a_second=0,
        group_requests_a_minute=0,
        chat_burst=0,
        retry_pauses=(0.0, 0.0),
        stop=60.0,
    )


async def test_somebody_else_waits_for_none_of_a_flood(
    settings: Settings, standin: StandIn, pace: Pace
) -> None:
    for _ in range(300):
        standin.send_text(ANYA, "/name", chat=GROUP)
        standin.send_text(BORIS, "/name")
        standin.send_text(BORIS, "/name")
    standin.send_text(JOHN, "/name")
    settings = settings.model_copy(update={"person_limit": 20})
    async with running(settings, pace) as bot:
        await standin.wait_for(lambda: standin.replies(JOHN))
        await bot.update_queue.join()
    # One person has half of a group's requests, and is told once that this was too much.
    in_group, in_private = standin.replies(GROUP), standin.replies(BORIS)
    assert [m.text for m in in_group if not m.keyboard] == [RUSSIAN.too_often]
    assert [m.text for m in in_private if not m.keyboard] == [RUSSIAN.too_often]
    assert len(in_group) == settings.group_limit // 2 + 1
    assert len(in_private) == settings.person_limit + 1
    assert in_group[-1].text == in_private[-1].text == RUSSIAN.too_often


async def test_a_group_of_many_has_a_limit_of_its_own(
    settings: Settings, standin: StandIn, pace: Pace
) -> None:
    async with running(settings.model_copy(update={"group_limit": 4}), pace) as bot:
        for person in (JOHN, ANYA, BORIS, ADMIN):
            standin.send_text(person, "/name", chat=GROUP)
            standin.send_text(person, "/name@imyarek_bot", chat=GROUP)
            standin.send_text(person, "/name@other_bot", chat=GROUP)
        replies = await standin.wait_for(lambda: standin.replies(GROUP)[4:])
        assert replies[0].text == RUSSIAN.group_too_often
        assert (await Talk(standin, ANYA).say("/name")).keyboard
        await bot.update_queue.join()
        assert len(standin.replies(GROUP)) == 5


async def test_buttons_are_answered_even_then(
    settings: Settings, standin: StandIn, pace: Pace
) -> None:
    anya = Talk(standin, ANYA)
    async with running(settings.model_copy(update={"person_limit": 1}), pace):
        reply = await anya.say("/name")
        for button in (RUSSIAN.more_button, "👍", "👎"):
            assert (await anya.press(reply, button)).text == RUSSIAN.too_often_notice


async def test_a_stop_drops_nothing(settings: Settings, standin: StandIn, pace: Pace) -> None:
    """Each is answered, or Telegram still has it."""
    for person in CROWD:
        standin.send_text(person, "/name")
    async with running(settings, pace):
        await standin.wait_for(lambda: standin.calls_of("sendMessage"))
    waiting = {update["message"]["from"]["id"] for update in standin.updates.pending}
    answered = {person.id for person in CROWD if standin.replies(person)}
    assert answered | waiting == {person.id for person in CROWD}


@pytest.mark.parametrize("applied", [False, True])
async def test_an_answer_that_may_be_lost_is_not_repeated_but_told(
    settings: Settings,
    standin: StandIn,
    pace: Pace,
    applied: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    standin.drop_next("sendMessage", applied=applied)
    async with running(settings, pace) as bot:
        standin.send_text(ANYA, "/name")
        await standin.wait_for(lambda: standin.calls_of("sendMessage")[1:])
        await bot.update_queue.join()
    *names, told = [message.text for message in standin.replies(ANYA)]
    assert told == RUSSIAN.answer_lost
    assert len(names) == applied
    assert not [record for record in caplog.records if record.exc_info]
    assert TOKEN not in caplog.text


async def test_what_could_not_be_told_is_told_with_the_next_answer(
    settings: Settings, standin: StandIn, pace: Pace
) -> None:
    standin.fail_next("sendMessage", times=4, code=502)  # a name, and three tries to tell
    async with running(settings, pace) as bot:
        standin.send_text(ANYA, "/name")
        await standin.wait_for(lambda: standin.calls_of("sendMessage")[3:])
        await bot.update_queue.join()
        assert standin.replies(ANYA) == []
        standin.send_text(ANYA, "/name")
        replies = await standin.wait_for(lambda: standin.replies(ANYA)[1:])
        assert [reply.text for reply in replies] == [RUSSIAN.answer_lost]


async def test_buttons_survive_a_bad_moment_of_telegram(anya: Talk, bot: BotApplication) -> None:
    reply = await anya.say("/name")
    anya.standin.drop_next("answerCallbackQuery")
    anya.standin.fail_next("answerCallbackQuery", code=502)
    anya.standin.fail_next("editMessageReplyMarkup", code=500)
    anya.standin.drop_next("editMessageReplyMarkup", applied=True)
    assert (await anya.press(reply, "👍")).text == RUSSIAN.liked
    await bot.bot_data.redraws.settled()
    assert anya.now(reply).button_texts[0] == ["👍 ✓", "👎", "⭐"]


async def test_a_held_chat_holds_up_neither_others_nor_its_own_buttons(
    settings: Settings, standin: StandIn
) -> None:
    anya, boris = Talk(standin, ANYA), Talk(standin, BORIS)
    async with running(settings, Pace(stop=0.1)):
        reply = await anya.say("/name")
        standin.fail_next("sendMessage", retry_after=40)
        standin.send_text(ANYA, "/name")
        await standin.wait_for(lambda: standin.calls_of("sendMessage")[1:])
        assert (await anya.press(reply, "👍")).text == RUSSIAN.liked
        assert (await boris.say("/name")).keyboard
        assert len(standin.replies(ANYA)) == 1
