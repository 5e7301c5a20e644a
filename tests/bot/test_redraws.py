"""Redraws of one message: one runs, one waits, and the last change is always drawn."""

import asyncio

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.redraws import Redraws


async def at_once(_seconds: float) -> None:
    """Does not sleep."""


async def test_the_last_change_is_drawn_and_none_more_than_needed() -> None:
    redraws, gate = Redraws(), asyncio.Event()
    state: list[int] = []
    drawn: list[int] = []

    async def draw() -> None:
        seen = state[-1]
        await gate.wait()
        drawn.append(seen)

    for change in range(1, 6):
        state.append(change)
        redraws.request("message", draw)
        await asyncio.sleep(0)
    gate.set()
    await redraws.settled()
    assert drawn == [1, 5]


async def test_messages_do_not_wait_for_each_other() -> None:
    redraws, gate, done = Redraws(), asyncio.Event(), asyncio.Event()

    async def finish() -> None:
        done.set()

    redraws.request("one", gate.wait)
    redraws.request("another", finish)
    await done.wait()
    gate.set()
    await redraws.settled()


@pytest.mark.parametrize("error", [NetworkError("cut"), RetryAfter(3), RuntimeError("locked")])
async def test_what_fails_is_drawn_again_and_waits_longer_each_time(error: Exception) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    redraws, failures, drawn = Redraws(1.0, sleep), [error] * 3, asyncio.Event()

    async def draw() -> None:
        if failures:
            raise failures.pop()
        drawn.set()

    redraws.request("message", draw)
    await redraws.settled()
    assert drawn.is_set()
    assert pauses == [1.0, 2.0, 4.0]


async def test_an_answer_that_is_no_json_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    redraws, failures, drawn = Redraws(sleep=at_once), 9, asyncio.Event()

    async def draw() -> None:
        nonlocal failures
        failures -= 1
        if failures:
            raise TelegramError("Invalid server response")
        drawn.set()

    redraws.request("message", draw)
    await redraws.settled()
    assert drawn.is_set()
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_change_while_telegram_is_away_is_what_is_drawn_in_the_end() -> None:
    away, back, drawn = asyncio.Event(), asyncio.Event(), []

    async def sleep(_seconds: float) -> None:
        away.set()
        await back.wait()

    redraws = Redraws(sleep=sleep)

    async def old() -> None:
        raise NetworkError("away")

    async def new() -> None:
        drawn.append("new")

    redraws.request("message", old)
    await away.wait()
    redraws.request("message", new)
    back.set()
    await redraws.settled()
    assert drawn == ["new"]


@pytest.mark.parametrize("error", [BadRequest("no such message"), RuntimeError("a bug")])
async def test_what_cannot_be_drawn_is_given_up_and_does_not_block_the_next(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    redraws, done = Redraws(sleep=at_once), asyncio.Event()

    async def fail() -> None:
        raise error

    async def finish() -> None:
        done.set()

    redraws.request("message", fail)
    await redraws.settled()
    assert caplog.records
    redraws.request("message", finish)
    await redraws.settled()
    assert done.is_set()


async def test_closing_gives_up_what_waits() -> None:
    redraws = Redraws()
    redraws.request("message", asyncio.Event().wait)
    await asyncio.sleep(0)
    redraws.close()
    await redraws.settled()
