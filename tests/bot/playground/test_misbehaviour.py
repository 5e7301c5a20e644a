"""A stand-in on a bad day: late, cut, refused; before or after the call was carried out."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.playground.standin import StandIn
from bot.playground.telegram.errors import BotApiError
from bot.playground.telegram.misbehaviour import TRANSIENT, BadDay, Failure
from bot.playground.telegram.types import DemoUser


async def test_a_refusal_after_the_call_was_carried_out(
    bot: Bot, standin: StandIn, anya: DemoUser
) -> None:
    standin.fail_by(lambda _: Failure(BotApiError(502, "Bad Gateway"), applied=True))
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(anya.id, "Ева")
    standin.behave()
    await bot.send_message(anya.id, "Инна")
    assert [message.text for message in standin.replies(anya)] == ["Ева", "Инна"]


@pytest.mark.parametrize("applied", [False, True])
async def test_a_web_page_instead_of_an_answer(
    bot: Bot, standin: StandIn, anya: DemoUser, applied: bool
) -> None:
    standin.fail_by(lambda _: Failure(page=True, applied=applied))
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(anya.id, "Ева")
    assert len(standin.replies(anya)) == applied


async def test_an_answer_that_never_comes(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    standin.hang_next("sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(anya.id, "Ева", read_timeout=0.05)
    assert standin.replies(anya) == []


async def test_a_late_answer_is_an_answer(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    standin.fail_by(lambda _: Failure(seconds=0.01))
    await bot.send_message(anya.id, "Ева")
    assert len(standin.replies(anya)) == 1


async def test_on_a_bad_day_every_kind_of_failure_comes_by_in_the_same_order() -> None:
    first, second = BadDay(0.5, seed=1), BadDay(0.5, seed=1)
    failures = [first("sendMessage") for _ in range(200)]
    assert failures == [second("sendMessage") for _ in range(200)]
    assert {*failures} == {None, *TRANSIENT}
    assert 80 < failures.count(None) < 120


async def test_what_is_asked_for_comes_before_the_plan(
    bot: Bot, standin: StandIn, anya: DemoUser
) -> None:
    standin.fail_by(lambda _: Failure(cut=True))
    standin.fail_next("sendMessage", code=400, description="Bad Request: asked for")
    with pytest.raises(TelegramError, match="Asked for"):
        await bot.send_message(anya.id, "Ева")


@pytest.mark.parametrize("share", [0.0, 1.0])
async def test_updates_may_come_twice(bot: Bot, standin: StandIn, share: float) -> None:
    standin.updates.repeats = lambda: bool(share)
    standin.send_text(101, "/start")
    (update,) = await bot.get_updates()
    again = await bot.get_updates(offset=update.update_id + 1)
    assert [each.update_id for each in again] == [update.update_id] * int(share)
    assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_an_update_is_repeated_when_asked(bot: Bot, standin: StandIn) -> None:
    standin.send_text(101, "/start")
    (update,) = await bot.get_updates()
    poll = asyncio.create_task(bot.get_updates(offset=update.update_id + 1, timeout=30))
    await standin.wait_for(lambda: len(standin.calls_of("getUpdates")) == 2)
    standin.updates.repeat(standin.updates.latest("message"))
    assert [each.update_id for each in await poll] == [update.update_id]
    with pytest.raises(LookupError):
        standin.updates.latest("callback_query")
