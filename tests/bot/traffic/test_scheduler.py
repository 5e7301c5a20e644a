"""Which updates count as asking for something, and what becomes of those that are too many."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from telegram import Update
from telegram.ext import ExtBot

from bot.traffic.limits import Asked, Limits
from bot.traffic.scheduler import Scheduler, lane_of, what_is_asked

ANYA = {"id": 1, "is_bot": False, "first_name": "Аня"}
PRIVATE = {"id": 1, "type": "private"}
GROUP = {"id": -100, "type": "supergroup", "title": "Компания"}


class Bot(ExtBot[bool]):
    """Knows its own name."""

    @property
    def username(self) -> str:
        return "imyarek_bot"


BOT = Bot("123456:test")


def update(number: int = 1, **payload: Any) -> Update:
    parsed = Update.de_json({"update_id": number, **payload}, BOT)
    assert parsed
    return parsed


def message(text: str, chat: dict[str, Any], number: int = 1) -> Update:
    body = {"message_id": 1, "date": 1, "chat": chat, "from": ANYA, "text": text}
    return update(number, message=body)


def press(data: str | None, chat: dict[str, Any]) -> Update:
    shown = {"message_id": 1, "date": 1, "chat": chat}
    query = {"id": "1", "from": ANYA, "chat_instance": "1", "data": data, "message": shown}
    return update(callback_query=query)


@pytest.mark.parametrize(
    ("asking", "asked"),
    [
        (message("Ев", PRIVATE), Asked(1, None, 10, 10)),
        (message("/name", GROUP), Asked(1, -100, 10, 10)),
        (message("/name@Imyarek_Bot Ев", GROUP), Asked(1, -100, 10, 10)),
        (message("/name@other_bot", GROUP), Asked(1, -100, 0, 0)),
        (message("who is for lunch?", GROUP), Asked(1, -100, 0, 0)),
        (press("r:1:+", GROUP), Asked(1, -100, 1, 0)),
        (press("m:1", GROUP), Asked(1, -100, 10, 10)),
        (press(None, PRIVATE), Asked(1, None, 10, 10)),
        (
            update(edited_message={"message_id": 1, "date": 1, "chat": GROUP}),
            Asked(None, -100, 0, 0),
        ),
        (
            update(inline_query={"id": "1", "from": ANYA, "query": "", "offset": ""}),
            Asked(1, None, 1, 0),
        ),
    ],
)
def test_what_an_update_asks_for(asking: Update, asked: Asked) -> None:
    assert what_is_asked(asking) == asked
    assert lane_of(asking) in (1, -100)


class House:
    """A scheduler, and who was dealt with; nothing ends before the doors open."""

    def __init__(self, limits: Limits, places: int) -> None:
        self.scheduler = Scheduler(limits, places)
        self.begun: list[int] = []
        self.doors = asyncio.Event()
        self.scheduler.update_queue.deal_with = self._deal_with

    def _deal_with(self, dealt_with: Update) -> Coroutine[Any, Any, None]:
        async def work() -> None:
            self.begun.append(dealt_with.update_id)
            await self.doors.wait()

        return work()


@pytest.mark.parametrize("group_limit", [0, 20])
async def test_without_limits_what_finds_no_place_waits_where_it_comes_from(
    group_limit: int,
) -> None:
    house = House(Limits(0, group_limit), places=4)
    queue = house.scheduler.update_queue
    for number in range(4):
        await queue.put(message("/name", PRIVATE, number))
    fifth = asyncio.create_task(queue.put(message("/name", PRIVATE, 4)))
    await asyncio.sleep(0)
    assert not fifth.done()
    house.doors.set()
    await fifth
    await queue.join()
    assert house.begun == [0, 1, 2, 3, 4]


async def test_who_gives_up_waiting_for_a_place_has_not_been_taken() -> None:
    """As a webhook does, whose sender will not wait for ever."""
    house = House(Limits(0, 0), places=1)
    queue = house.scheduler.update_queue
    await queue.put(message("/name", PRIVATE, 0))
    waiting = [asyncio.create_task(queue.put(message("/name", PRIVATE, n))) for n in (1, 2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    house.doors.set()
    await queue.put(message("/name", PRIVATE, 3))
    await queue.join()
    assert house.begun == [0, 3]


def test_from_where_nothing_is_answered_messages_need_not_be_read() -> None:
    scheduler = Scheduler(limits := Limits(1, 2))
    here, there = message("/name", PRIVATE).to_dict(), message("/name", GROUP).to_dict()
    assert not scheduler.passes_over(here)
    for _ in range(2):
        limits.ask(Asked(1, None, 10, 10))
    assert scheduler.passes_over(here)
    assert scheduler.passes_over(there)
    assert not scheduler.passes_over(there | {"message": there["message"] | {"from": {"id": 2}}})
    for strange in ({}, {"message": None}, {"message": {"chat": 1}}, press("x", PRIVATE).to_dict()):
        assert not scheduler.passes_over(strange)


async def test_join_waits_for_what_was_taken() -> None:
    house = House(Limits(0, 0), places=4)
    await house.scheduler.update_queue.put(message("/name", PRIVATE))
    joining = asyncio.create_task(house.scheduler.update_queue.join())
    await asyncio.sleep(0)
    assert not joining.done()
    house.doors.set()
    await joining


async def test_chatter_of_a_full_chat_is_passed_over_without_a_word() -> None:
    house = House(Limits(30, 20), places=6)
    for number in range(100):
        await house.scheduler.update_queue.put(message("who is for lunch?", GROUP, number))
    assert len(house.scheduler.lanes) == 3
    house.doors.set()
    await house.scheduler.lanes.idle()


async def test_the_end_cuts_short_what_waits() -> None:
    house = House(Limits(30, 20), places=6)
    for number in range(3):
        await house.scheduler.update_queue.put(message("/name", PRIVATE, number))
    await asyncio.sleep(0)
    await house.scheduler.shutdown()
    await house.scheduler.update_queue.join()
    assert house.begun == [0]
