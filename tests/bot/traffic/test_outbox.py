"""What goes out keeps Telegram's limits, holds up no other chat, is tried again where it may be."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.pace import DEFAULT_PACE, Pace
from bot.traffic.outbox import MAY_ARRIVE_TWICE, Outbox, Window
from tests.simulated import simulate

ANYA, BORIS, GROUP = 1, 2, -100
LATENCY = 0.05
REFUSED = NetworkError("connection refused")  # never sent

Refusal = TelegramError | None


@dataclass
class Telegram:
    """Answers after a while, or refuses; remembers when what reached it."""

    pace: Pace = DEFAULT_PACE
    refusals: list[Refusal] = field(default_factory=list)
    latency: float = LATENCY
    got: list[tuple[float, int | None, Any]] = field(default_factory=list)
    waits: int = 0

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.pace, lambda error: error is REFUSED, self._count)
        self._numbers = count()

    def _count(self) -> None:
        self.waits += 1

    async def call(
        self,
        chat: int | None,
        what: Any = None,
        endpoint: str = "sendMessage",
        may_arrive_twice: bool | None = None,
    ) -> Any:
        async def post() -> bool:
            self.got.append((asyncio.get_running_loop().time(), chat, what))
            refusal = self.refusals.pop(0) if self.refusals else None
            await asyncio.sleep(self.latency)
            if refusal:
                raise refusal
            return True

        data = {} if chat is None else {"chat_id": chat}
        return await self.outbox.process_request(post, (), {}, endpoint, data, may_arrive_twice)

    async def all(self, *calls: Any) -> None:
        await asyncio.gather(*calls)

    def times(self, chat: int | None) -> list[float]:
        return [time for time, to, _ in self.got if to == chat]

    def said(self, chat: int) -> list[Any]:
        return [what for _, to, what in self.got if to == chat]


def most_within(times: Sequence[float], seconds: float) -> int:
    return max((sum(t <= time < t + seconds for time in times) for t in times), default=0)


chats = st.sampled_from([1, 2, 3, 4, -100, -200])
asked = st.lists(st.tuples(chats, st.floats(0, 5)), max_size=150)


@given(asked)
def test_limits_hold_nothing_is_lost_and_each_chat_is_in_order(
    asked: Sequence[tuple[int, float]],
) -> None:
    telegram = Telegram()

    async def ask(number: int, chat: int, at: float) -> None:
        await asyncio.sleep(at)
        wanted.append((chat, number))
        await telegram.call(chat, number)

    async def scene() -> None:
        await asyncio.gather(*(ask(number, *each) for number, each in enumerate(asked)))

    wanted: list[tuple[int, int]] = []
    simulate(scene())
    assert most_within([time for time, _, _ in telegram.got], 1.0) <= 30
    for chat in {chat for chat, _ in asked}:
        assert telegram.said(chat) == [number for to, number in wanted if to == chat]
        limit, seconds = (20, 20) if chat > 0 else (20, 60)
        assert most_within(telegram.times(chat), seconds) <= limit


def test_somebody_else_waits_for_no_flood() -> None:
    async def scene() -> float:
        flood = [telegram.call(chat) for chat in (ANYA, GROUP, -200) for _ in range(100)]
        flooding = asyncio.gather(*flood)
        await asyncio.sleep(0.1)
        asked_at = asyncio.get_running_loop().time()
        await telegram.call(BORIS)
        flooding.cancel()
        return telegram.times(BORIS)[0] - asked_at

    telegram = Telegram()
    assert simulate(scene()) < 0.4


def test_a_429_holds_its_chat_and_no_other() -> None:
    async def scene() -> None:
        await telegram.all(telegram.call(ANYA, 1), telegram.call(ANYA, 2), telegram.call(BORIS))

    telegram = Telegram(refusals=[RetryAfter(30)])
    simulate(scene())
    assert telegram.said(ANYA) == [1, 1, 2]  # in order
    first, second, _ = telegram.times(ANYA)
    assert second >= first + 30
    assert telegram.times(BORIS)[0] < 1
    assert telegram.waits == 2


def test_where_telegram_wants_long_silence_nothing_waits() -> None:
    async def scene() -> None:
        for _ in range(100):
            with pytest.raises(RetryAfter):
                await telegram.call(ANYA)
        assert ANYA in telegram.outbox.lost
        await telegram.call(BORIS)
        await asyncio.sleep(600)
        await telegram.call(ANYA)

    telegram = Telegram(refusals=[RetryAfter(timedelta(minutes=10))])
    simulate(scene())
    assert len(telegram.times(ANYA)) == 2


def test_a_429_again_and_again_is_given_up() -> None:
    async def scene() -> None:
        with pytest.raises(RetryAfter):
            await telegram.call(ANYA)

    telegram = Telegram(refusals=[RetryAfter(1)] * 9)
    simulate(scene())
    assert len(telegram.got) == 4


def test_answers_to_people_precede_progress_bars() -> None:
    async def scene() -> None:
        await telegram.all(
            *[telegram.call(chat, "progress", "editMessageText") for chat in range(1, 30)],
            *[telegram.call(chat, "answer") for chat in range(100, 120)],
        )

    telegram = Telegram()
    simulate(scene())
    kinds = [what for _, _, what in telegram.got]
    assert kinds[10:30] == ["answer"] * 20


def test_answers_to_buttons_are_not_limited() -> None:
    async def scene() -> None:
        flood = [telegram.call(ANYA) for _ in range(30)]
        presses = [telegram.call(None, endpoint="answerCallbackQuery") for _ in range(100)]
        await telegram.all(*flood, *presses)

    telegram = Telegram()
    simulate(scene())
    assert set(telegram.times(None)) == {0.0}


@pytest.mark.parametrize("endpoint", ["editMessageReplyMarkup", "answerCallbackQuery"])
def test_what_may_be_repeated_is_tried_again_with_growing_pauses(endpoint: str) -> None:
    async def scene() -> None:
        await telegram.call(None, endpoint=endpoint)

    telegram = Telegram(refusals=[NetworkError("Bad Gateway"), TimedOut(), TelegramError("?")])
    telegram.latency = 0
    simulate(scene())
    assert telegram.times(None) == [0.0, 0.5, 1.5, 3.5]


def test_in_the_end_it_is_given_up() -> None:
    async def scene() -> None:
        with pytest.raises(TimedOut):
            await telegram.call(ANYA, endpoint="editMessageReplyMarkup")

    telegram = Telegram(refusals=[TimedOut()] * 99)
    simulate(scene())
    assert len(telegram.got) == 1 + len(Pace().retry_pauses)
    assert ANYA not in telegram.outbox.lost  # no new message


def test_a_message_is_not_sent_twice_but_known_to_be_lost() -> None:
    async def scene() -> None:
        with pytest.raises(NetworkError):
            await telegram.call(ANYA)

    telegram = Telegram(refusals=[NetworkError("Bad Gateway")])
    simulate(scene())
    assert len(telegram.got) == 1
    assert ANYA in telegram.outbox.lost


def test_a_message_that_was_never_sent_is_tried_again() -> None:
    telegram = Telegram(refusals=[REFUSED, REFUSED])
    simulate(telegram.call(ANYA))
    assert len(telegram.got) == 3
    assert ANYA not in telegram.outbox.lost


def test_no_message_overtakes_another_one_of_its_chat() -> None:
    telegram = Telegram(refusals=[REFUSED])
    simulate(telegram.all(telegram.call(ANYA, 1), telegram.call(ANYA, 2)))
    assert telegram.said(ANYA) == [1, 1, 2]


def test_a_message_that_may_arrive_twice_is_tried_again() -> None:
    telegram = Telegram(refusals=[TimedOut()])
    simulate(telegram.call(ANYA, may_arrive_twice=MAY_ARRIVE_TWICE))
    assert len(telegram.got) == 2


@pytest.mark.parametrize("refusal", [BadRequest("chat not found"), Forbidden("blocked")])
def test_what_telegram_refuses_for_good_is_not_tried_again(refusal: TelegramError) -> None:
    async def scene() -> None:
        with pytest.raises(type(refusal)):
            await telegram.call(ANYA, endpoint="editMessageReplyMarkup")

    telegram = Telegram(refusals=[refusal])
    simulate(scene())
    assert len(telegram.got) == 1


def test_a_pause_before_a_new_try_holds_up_nobody() -> None:
    async def scene() -> None:
        await telegram.all(
            telegram.call(ANYA, "edit", "editMessageReplyMarkup"), telegram.call(ANYA, "name")
        )

    telegram = Telegram(refusals=[TimedOut()])
    simulate(scene())
    assert telegram.said(ANYA) == ["edit", "name", "edit"]


def test_before_the_end_only_what_telegram_forbade_waits() -> None:
    async def scene() -> float:
        calls = asyncio.gather(*(telegram.call(ANYA) for _ in range(60)))
        await asyncio.sleep(1)
        telegram.outbox.hurry()
        await calls
        return asyncio.get_running_loop().time()

    telegram = Telegram(latency=0.01)
    assert simulate(scene()) < 4
    assert most_within(telegram.times(ANYA), 1.0) <= 30


async def leave(telegram: Telegram, number: int) -> None:
    """Somebody whose waiting is cut short."""
    waiting = asyncio.create_task(telegram.call(ANYA, number))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def test_who_waits_no_longer_holds_up_nobody() -> None:
    async def scene() -> None:
        first = asyncio.create_task(telegram.call(ANYA, 1))
        await asyncio.sleep(0)
        await leave(telegram, 2)
        await telegram.all(first, telegram.call(ANYA, 3))

    telegram = Telegram()
    simulate(scene())
    assert telegram.said(ANYA) == [1, 3]


def test_without_limits_everything_goes_out_at_once() -> None:
    pace = Pace(requests_a_second=0, group_requests_a_minute=0, chat_burst=0)
    telegram = Telegram(pace, latency=0)
    simulate(telegram.all(*(telegram.call(chat) for chat in (ANYA, GROUP) for _ in range(100))))
    assert {time for time, _, _ in telegram.got} == {0.0}


def test_the_memory_of_lost_answers_is_bounded() -> None:
    lost = Telegram().outbox.lost
    for chat in range(5000):
        lost.note(chat)
    assert sum(chat in lost for chat in range(5000)) == 1000
    assert 4999 in lost
    lost.forget(4999)
    assert 4999 not in lost


@pytest.mark.parametrize(("limit", "opens"), [(0, 0.0), (3, 0.0), (2, 12.0)])
def test_a_window_opens_when_its_oldest_event_has_left_it(limit: int, opens: float) -> None:
    window = Window(limit, 10)
    for time in (2.0, 5.0):
        window.note(time)
    assert window.opens_at() == opens
