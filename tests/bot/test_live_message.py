"""A message kept up to date: every last text arrives, and never too fast."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError, TimedOut

from bot.live_message import ATTEMPTS, LiveMessage


class Chat:
    """A chat whose time passes only while somebody sleeps, and that can refuse edits."""

    def __init__(self, *refusals: TelegramError) -> None:
        self.now = 0.0
        self.edits: list[tuple[float, str]] = []
        self.sent: list[str] = []
        self.refusals = list(refusals)
        self.edited: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    async def edit(self, text: str) -> None:
        self.edits.append((self.now, text))
        self.edited()
        if self.refusals:
            raise self.refusals.pop(0)

    async def send(self, text: str) -> None:
        self.sent.append(text)

    def live(self) -> LiveMessage:
        return LiveMessage(self.edit, self.send, interval=3, clock=self.clock, sleep=self.sleep)


async def test_texts_overtaken_by_newer_ones_are_never_sent() -> None:
    chat = Chat()
    live = chat.live()
    for percent in range(100):
        live.show(f"{percent}%")
    await live.finish("done")

    assert chat.edits == [(3.0, "done")]


async def test_edits_keep_their_distance() -> None:
    chat = Chat()
    live = chat.live()
    chat.edited = lambda: live.show(f"at {chat.now}") if chat.now < 30 else None
    await live.finish("begun")

    times = [time for time, _ in chat.edits]
    assert len(times) > 5
    assert min(after - before for before, after in pairwise(times)) >= 3


async def test_an_unchanged_text_is_not_sent_again() -> None:
    chat = Chat()
    live = chat.live()
    await live.finish("same")
    await live.finish("same")

    assert len(chat.edits) == 1


async def test_the_pause_that_telegram_asks_for_is_kept() -> None:
    chat = Chat(RetryAfter(40))
    await chat.live().finish("done")

    assert chat.edits == [(3.0, "done"), (43.0, "done")]


async def test_message_is_not_modified_is_passed_over() -> None:
    chat = Chat(BadRequest("Message is not modified: specified new message content"))
    await chat.live().finish("done")

    assert [text for _, text in chat.edits] == ["done"]
    assert chat.sent == []


@pytest.mark.parametrize(
    "refusal", [BadRequest("Message to edit not found"), Forbidden("bot was kicked")]
)
async def test_the_last_text_of_a_lost_message_is_sent_anew(refusal: TelegramError) -> None:
    chat = Chat(refusal)
    live = chat.live()
    await live.finish("half")
    live.show("more")
    await live.finish("done")

    assert len(chat.edits) == 1
    assert chat.sent[-1] == "done"


async def test_a_bad_connection_is_tried_again_but_not_for_ever() -> None:
    chat = Chat(*[TimedOut()] * (ATTEMPTS - 1))
    await chat.live().finish("done")
    assert len(chat.edits) == ATTEMPTS

    chat = Chat(*[TimedOut()] * (ATTEMPTS + 9))
    await chat.live().finish("done")
    assert len(chat.edits) == ATTEMPTS
