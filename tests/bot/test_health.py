"""The heartbeat."""

import asyncio
import os
import time
from itertools import count
from pathlib import Path

from bot.health import STALE_SECONDS, ailment, heartbeat_file, keep_beating


async def test_it_beats_while_alive_and_is_gone_afterwards(tmp_path: Path) -> None:
    file, beats, enough = tmp_path / "heartbeat", count(), asyncio.Event()

    def is_alive() -> bool:
        if next(beats) == 2:
            enough.set()
        return True

    assert ailment(file) == "The bot is not running here."
    beating = asyncio.create_task(keep_beating(file, is_alive, 0))
    await enough.wait()
    assert ailment(file) is None
    beating.cancel()
    await asyncio.wait({beating})
    assert not file.exists()


async def test_a_bot_that_hangs_does_not_beat(tmp_path: Path) -> None:
    file, asked = tmp_path / "heartbeat", asyncio.Event()
    asks = count()

    def is_alive() -> bool:
        if next(asks) == 2:
            asked.set()
        return False

    beating = asyncio.create_task(keep_beating(file, is_alive, 0))
    await asked.wait()
    assert not file.exists()
    beating.cancel()
    await asyncio.wait({beating})


def test_an_old_heartbeat_tells_of_a_bot_that_hangs(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    file.touch()
    assert ailment(file) is None
    long_ago = time.time() - STALE_SECONDS - 60
    os.utime(file, (long_ago, long_ago))
    assert "120 seconds" in (ailment(file) or "")


def test_two_bots_have_two_heartbeats() -> None:
    assert heartbeat_file("sqlite+aiosqlite:///a") != heartbeat_file("sqlite+aiosqlite:///b")
