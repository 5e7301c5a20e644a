"""Redraws of one message: one runs, one waits, and the last change is always drawn."""

import asyncio

from bot.redraws import Redraws


async def test_the_last_change_is_drawn_and_none_more_than_needed() -> None:
    redraws, gate = Redraws(), asyncio.Event()
    state: list[int] = []
    drawn: list[int] = []

    async def draw() -> None:
        seen = state[-1]
        await gate.wait()
        drawn.append(seen)

    async with asyncio.TaskGroup() as tasks:
        for change in range(1, 6):
            state.append(change)
            tasks.create_task(redraws.run("message", draw))
            await asyncio.sleep(0)
        gate.set()
    assert drawn == [1, 5]


async def test_messages_do_not_wait_for_each_other() -> None:
    redraws, gate, done = Redraws(), asyncio.Event(), asyncio.Event()

    async def finish() -> None:
        done.set()

    blocked = asyncio.create_task(redraws.run("one", gate.wait))
    await asyncio.sleep(0)
    await redraws.run("another", finish)
    assert done.is_set()
    gate.set()
    await blocked


async def test_a_failed_or_cancelled_redraw_does_not_block_the_next() -> None:
    redraws, gate, done = Redraws(), asyncio.Event(), asyncio.Event()

    async def fail() -> None:
        await gate.wait()
        raise RuntimeError

    async def finish() -> None:
        done.set()

    failing = asyncio.create_task(redraws.run("message", fail))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(redraws.run("message", finish))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    await asyncio.wait({failing, waiting})
    assert isinstance(failing.exception(), RuntimeError)
    await redraws.run("message", finish)
    assert done.is_set()
