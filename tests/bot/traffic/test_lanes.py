"""Lanes: each in order, nothing lost, never too much, and always room for those who come later."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.traffic.lanes import Lanes
from tests.simulated import simulate

PLACES = 16


async def nothing() -> None:
    """Work that takes no time."""


class Log:
    """Work that tells when it begins and ends."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.ended: list[tuple[str, int]] = []
        self.at_once = 0
        self.most_at_once = 0

    async def work(self, lane: str, number: int, seconds: float) -> None:
        self.begun.append((lane, number))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(seconds)
        self.at_once -= 1
        self.ended.append((lane, number))


jobs = st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 10)), max_size=60)


@given(jobs=jobs, places=st.integers(1, 20))
def test_all_is_done_each_lane_in_order_and_never_more_than_there_are_places(
    jobs: Sequence[tuple[str, float]], places: int
) -> None:
    async def scene() -> Log:
        lanes, log = Lanes(places), Log()
        for number, (lane, seconds) in enumerate(jobs):
            await lanes.put(lane, log.work(lane, number, seconds), number)
            assert len(lanes) <= places
        await lanes.idle()
        assert len(lanes) == 0
        return log

    log = simulate(scene())
    assert sorted(number for _, number in log.ended) == list(range(len(jobs)))
    assert log.most_at_once <= places
    for lane in "abcdef":
        of_lane = [number for key, number in log.begun if key == lane]
        assert of_lane == sorted(of_lane)
        assert of_lane == [number for key, number in log.ended if key == lane]


@given(floods=st.lists(st.integers(0, 9), max_size=300))
def test_a_newcomer_finds_a_place_however_many_flood(floods: Sequence[int]) -> None:
    """Ten lanes that take whatever they have room for, and nothing ever ends."""

    async def scene() -> None:
        lanes, for_ever = Lanes(128), asyncio.Event()
        for lane in floods:
            if lanes.has_room(lane):
                await lanes.put(lane, for_ever.wait())
        assert len(lanes) < 128
        assert lanes.has_room("newcomer")
        async with asyncio.timeout(1):
            await lanes.put("newcomer", nothing())
        await lanes.close()

    simulate(scene())


async def test_lanes_do_not_wait_for_each_other() -> None:
    lanes, log, slow = Lanes(PLACES), Log(), asyncio.Event()
    await lanes.put("slow", slow.wait())
    for number in range(3):
        await lanes.put("slow", log.work("slow", number, 0))
    await lanes.put("quick", log.work("quick", 1, 0))
    await lanes.change()
    assert log.ended == [("quick", 1)]
    slow.set()
    await lanes.idle()
    assert len(log.ended) == 4


async def test_work_that_only_waits_lets_the_next_begin_and_keeps_its_place() -> None:
    lanes, log, answer = Lanes(PLACES), Log(), asyncio.Event()

    async def send() -> None:
        log.begun.append(("a", 1))
        lanes.let_next_begin()
        await answer.wait()
        lanes.let_next_begin()  # a second time: it means nothing

    await lanes.put("a", send(), 1)
    await lanes.put("a", log.work("a", 2, 0), 2)
    await lanes.put("a", log.work("a", 3, 0), 3)
    await lanes.change()
    await lanes.change()
    assert [number for _, number in log.begun] == [1, 2, 3]
    assert len(lanes) == 1
    answer.set()
    await lanes.idle()


async def test_a_full_house_makes_the_next_wait() -> None:
    lanes, leave = Lanes(2), asyncio.Event()
    await lanes.put("a", leave.wait())
    await lanes.put("b", leave.wait())
    third = asyncio.create_task(lanes.put("c", nothing()))
    await asyncio.sleep(0)
    assert not third.done()
    leave.set()
    await third
    await lanes.idle()


async def test_closing_cuts_short_what_runs_and_what_waits() -> None:
    lanes, log, never = Lanes(2), Log(), asyncio.Event()
    await lanes.put("a", never.wait(), 1)
    await lanes.put("a", log.work("a", 2, 0), 2)
    late = asyncio.create_task(lanes.put("a", log.work("a", 3, 0), 3))
    await asyncio.sleep(0)
    await lanes.close()
    await late
    await lanes.idle()
    assert log.begun == []
    assert lanes.unfinished(2) == 1


async def test_what_fails_is_logged_and_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("a bug")

    lanes, log = Lanes(PLACES), Log()
    await lanes.put("a", fail())
    await lanes.put("a", log.work("a", 1, 0))
    await lanes.idle()
    assert log.ended == [("a", 1)]
    assert "a bug" in caplog.text


def test_what_was_taken_first_and_lately_is_known_by_its_number() -> None:
    async def scene() -> None:
        lanes, leave = Lanes(PLACES), asyncio.Event()
        assert lanes.unfinished(2) is None
        await lanes.put("a", leave.wait(), 7)
        await asyncio.sleep(1.5)
        await lanes.put("b", leave.wait(), 8)
        assert lanes.unfinished(2) == 7
        await asyncio.sleep(1)
        assert lanes.unfinished(2) == 8
        leave.set()
        await lanes.idle()
        assert lanes.unfinished(2) is None

    simulate(scene())
