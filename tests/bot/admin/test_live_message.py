"""A message kept up to date: every last text arrives, and never too fast."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from telegram import Chat, Message
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError, TimedOut

from bot.admin.live_message import ATTEMPTS, LiveMessage, is_settled


class FakeChat:
    """A chat whose time passes only while somebody sleeps, and that can refuse edits."""

    def __init__(self, *refusals: TelegramError) -> None:
        self.message = Message(1, datetime(2026, 1, 5, tzinfo=UTC), Chat(1, "private"))
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

    async def edit(self, message: Message, text: str) -> None:
        assert message is self.message
        self.edits.append((self.now, text))
        self.edited()
        if self.refusals:
            raise self.refusals.pop(0)

    async def send(self, text: str) -> Message:
        self.sent.append(text)
        return self.message

    def closed(self) -> LiveMessage[Message]:
        return LiveMessage(self.send, self.edit, interval=3, clock=self.clock, sleep=self.sleep)

    async def live(self) -> LiveMessage[Message]:
        live = self.closed()
        await live.open("begun")
        return live


async def test_texts_overtaken_by_newer_ones_are_never_sent() -> None:
    chat = FakeChat()
    live = await chat.live()
    for percent in range(100):
        live.show(f"{percent}%")
    await live.finish("done")

    assert chat.edits == [(3.0, "done")]


async def test_edits_keep_their_distance() -> None:
    chat = FakeChat()
    live = await chat.live()
    chat.edited = lambda: live.show(f"at {chat.now}") if chat.now < 30 else None
    await live.finish("first")

    times = [time for time, _ in chat.edits]
    assert len(times) > 5
    assert min(after - before for before, after in pairwise(times)) >= 3


async def test_an_unchanged_text_is_not_sent_again() -> None:
    chat = FakeChat()
    live = await chat.live()
    await live.finish("same")
    await live.finish("same")

    assert len(chat.edits) == 1


async def test_the_pause_that_telegram_asks_for_is_kept() -> None:
    chat = FakeChat(RetryAfter(40))
    await (await chat.live()).finish("done")

    assert chat.edits == [(3.0, "done"), (43.0, "done")]


async def test_message_is_not_modified_is_passed_over() -> None:
    chat = FakeChat(BadRequest("Message is not modified: specified new message content"))
    await (await chat.live()).finish("done")

    assert [text for _, text in chat.edits] == ["done"]
    assert chat.sent == ["begun"]


@pytest.mark.parametrize(
    "refusal", [BadRequest("Message to edit not found"), Forbidden("bot was kicked")]
)
async def test_the_last_text_of_a_lost_message_is_sent_anew(refusal: TelegramError) -> None:
    chat = FakeChat(refusal)
    live = await chat.live()
    await live.finish("half")
    live.show("more")
    await live.finish("done")

    assert len(chat.edits) == 1
    assert chat.sent[-1] == "done"


async def test_a_bad_connection_is_tried_again_but_not_for_ever() -> None:
    chat = FakeChat(*[TimedOut()] * (ATTEMPTS - 1))
    assert await (await chat.live()).finish("done")
    assert len(chat.edits) == ATTEMPTS

    chat = FakeChat(*[TimedOut()] * ATTEMPTS)
    live = await chat.live()
    assert not await live.finish("done")
    assert len(chat.edits) == ATTEMPTS
    assert await live.finish("done")
    assert len(chat.edits) == ATTEMPTS + 1


async def test_the_last_text_has_tries_of_its_own_while_telegram_is_away() -> None:
    chat = FakeChat(*[TimedOut()] * 99)
    live = await chat.live()
    chat.edited = lambda: live.show("done") if len(chat.edits) == ATTEMPTS else None
    assert not await live.finish("half")
    assert [text for _, text in chat.edits].count("done") == ATTEMPTS


@pytest.mark.parametrize(
    ("error", "settled"),
    [
        (TimedOut(), False),
        (TelegramError("Invalid server response"), False),
        (RetryAfter(99), False),
        (Forbidden("bot was kicked"), True),
        (BadRequest("Chat not found"), True),
        (ChatMigrated(-100), True),
    ],
)
async def test_a_chat_that_does_not_want_the_last_text_is_not_tried_later(
    error: TelegramError, settled: bool
) -> None:
    async def refuse() -> None:
        raise error

    assert await is_settled(refuse()) is settled


async def test_what_comes_before_the_message_waits_for_it() -> None:
    chat = FakeChat()
    live = chat.closed()
    live.show("half")
    finishing = asyncio.create_task(live.finish("done"))
    await asyncio.sleep(0)
    assert not chat.edits
    assert not chat.sent

    await live.open("begun")
    await finishing
    assert chat.sent == ["begun"]
    assert [text for _, text in chat.edits] == ["done"]


async def test_a_message_that_could_not_be_sent_is_tried_again_at_the_end() -> None:
    chat = FakeChat()
    send, failures = chat.send, [TimedOut()]

    async def fail_once(text: str) -> Message:
        if failures:
            raise failures.pop()
        return await send(text)

    live = LiveMessage(fail_once, chat.edit, interval=3, clock=chat.clock, sleep=chat.sleep)
    await live.open("begun")
    live.show("half")
    await live.finish("done")
    assert chat.edits == []
    assert chat.sent == ["done"]
