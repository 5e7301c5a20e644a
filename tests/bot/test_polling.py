"""What is taken is confirmed when it is dealt with; a killed bot finds the rest again."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.request import BaseRequest

from bot.context import TelegramBot
from bot.health import Vitals
from bot.insistence import Insistence
from bot.polling import Polling
from bot.traffic.lanes import Lanes
from tests.simulated import simulate

HELD = 2.0


class Telegram(BaseRequest):
    """Keeps updates until a later one is asked for, and answers at once if there are any."""

    base_url = "http://telegram"
    read_timeout = None

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.polls = 0
        self._arrived = asyncio.Event()

    def send(self, number: int, **payload: Any) -> None:
        self.pending.append({"update_id": number, **payload})
        self._arrived.set()

    async def delete_webhook(self) -> bool:
        return True

    async def initialize(self) -> None:
        """It is there."""

    async def shutdown(self) -> None:
        """It stays."""

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        asked = dict(parse_qsl(urlsplit(url).query))
        self.polls += 1
        await asyncio.sleep(0.001)
        self.pending = [each for each in self.pending if each["update_id"] >= int(asked["offset"])]
        if not self.pending and int(asked["timeout"]):
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(int(asked["timeout"])):
                    await self._arrived.wait()
        return 200, json.dumps({"ok": True, "result": self.pending[:100]}).encode()

    @property
    def ids(self) -> list[int]:
        return [update["update_id"] for update in self.pending]


class Life:
    """A bot from its start until it is stopped or killed."""

    def __init__(self, telegram: Telegram, seconds: dict[int, float], places: int = 128) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.lanes = Lanes(places)
        self._seconds = seconds
        self.polling = Polling(
            cast(TelegramBot, telegram),
            telegram,
            self._take,
            Insistence(Vitals(), first_pause=1, refusals=1),
            allowed_updates=(),
            unfinished=lambda: self.lanes.unfinished(HELD),
            change=self.lanes.change,
            passes_over=lambda raw: "passed over" in raw,
        )
        self.run = asyncio.create_task(self.polling.run())

    async def _take(self, update: Update) -> None:
        await self.lanes.put(update.update_id, self._work(update.update_id), update.update_id)

    def _work(self, number: int) -> Coroutine[Any, Any, None]:
        async def work() -> None:
            self.begun.append(number)
            await asyncio.sleep(self._seconds.get(number, 0.0))
            self.done.append(number)

        return work()

    async def kill(self) -> None:
        self.run.cancel()
        await asyncio.wait({self.run})
        await self.lanes.close()


work = st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 1.5)), max_size=30)


@given(work, st.lists(st.floats(0.01, 3), min_size=1, max_size=4))
def test_kills_lose_nothing_that_takes_less_than_a_while(
    asked: Sequence[tuple[float, float]], kills: Sequence[float]
) -> None:
    """Every update is dealt with, by the bot that got it first or by a later one."""

    async def scene() -> set[int]:
        telegram, done = Telegram(), set[int]()
        seconds = {number: long for number, (_, long) in enumerate(asked, start=1)}

        async def people() -> None:
            for number, (pause, _) in enumerate(asked, start=1):
                await asyncio.sleep(pause)
                telegram.send(number)

        asking = asyncio.create_task(people())
        for alive in (*kills, 60.0):
            life = Life(telegram, seconds)
            await asyncio.sleep(alive)
            await life.kill()
            assert len(life.begun) == len(set(life.begun))  # never twice in one life
            done |= set(life.done)
        await asking
        assert telegram.pending == []
        return done

    assert simulate(scene()) == set(range(1, len(asked) + 1))


def test_of_what_waited_for_the_bot_nothing_is_lost_at_the_next_kill() -> None:
    async def scene() -> None:
        telegram = Telegram()
        for number in range(1, 61):
            telegram.send(number)
        seconds = dict.fromkeys(range(1, 61), 1.0)
        life = Life(telegram, seconds)
        await asyncio.sleep(0.5)
        await life.kill()
        assert life.done == []
        life = Life(telegram, seconds)
        await asyncio.sleep(600)
        assert sorted(life.done) == sorted(seconds)
        await life.kill()

    simulate(scene())


def test_what_takes_long_holds_up_nothing_new() -> None:
    async def scene() -> None:
        telegram = Telegram()
        life = Life(telegram, {1: 600.0})
        for number in range(1, 400):
            telegram.send(number)
        await asyncio.sleep(1)
        assert len(life.done) == 398
        assert telegram.ids[0] > 1 or len(telegram.ids) <= 120
        await asyncio.sleep(HELD)
        telegram.send(400)
        await asyncio.sleep(0.2)
        assert telegram.ids == []
        assert len(life.done) == 399
        await life.kill()

    simulate(scene())


def test_telegram_is_not_asked_without_need() -> None:
    async def scene() -> int:
        telegram = Telegram()
        life = Life(telegram, dict.fromkeys(range(1, 11), 0.02))
        for number in range(1, 11):
            telegram.send(number)
            await asyncio.sleep(1)
        await life.kill()
        return telegram.polls

    assert simulate(scene()) <= 13


def test_a_stop_confirms_what_is_done_and_leaves_what_was_cut_short() -> None:
    async def scene() -> None:
        telegram = Telegram()
        life = Life(telegram, {2: 600.0})
        for number in (1, 2, 3):
            telegram.send(number)
        await asyncio.sleep(0.5)
        await life.kill()
        await life.polling.confirm()
        assert telegram.ids == [2, 3]

    simulate(scene())


def test_what_is_passed_over_or_cannot_be_read_holds_up_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        telegram = Telegram()
        life = Life(telegram, {})
        telegram.send(1, **{"passed over": True})
        telegram.send(2, message={"text": "a secret"})
        telegram.send(3)
        await asyncio.sleep(1)
        assert life.done == [3]
        assert telegram.ids == []
        await life.kill()

    simulate(scene())
    assert "update 2 cannot be read" in caplog.text
    assert "a secret" not in caplog.text
