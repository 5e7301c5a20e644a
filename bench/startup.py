"""Seconds from the start of the process until the bot answers, and the memory it then takes.

Beside it, in the same run and as often in turn, a process that only imports torch: nearly all of
the one and most of the other. Every bot starts with an empty database. Memory is what Linux calls
resident. With another checkout beside it, its `bot run` takes its turn in the same rounds.
"""

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from aiohttp import ClientSession
from rich.table import Table

from bot.playground.playground import DEMO_TOKEN
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser

_ROUNDS = 5
_PERSON = DemoUser(201, "Person")
_MESSAGES = 10  # of ten names each
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until ready; resident bytes then, and after a hundred names if those were asked."""

    seconds: float
    idle: int
    after_names: int | None = None


async def tables(beside: Path | None = None) -> list[Table]:
    """One table: torch alone, `bot run`, `bot playground`, and `bot run` in the folder `beside`."""
    contestants: dict[str, Callable[[], Awaitable[Start]]] = {
        "import torch": start_torch,
        "python -m bot run": start_bot,
        "python -m bot playground": start_playground,
    }
    if beside is not None:
        contestants[f"python -m bot run, {beside.name}"] = partial(start_bot, beside)
    starts: dict[str, list[Start]] = {}
    for _ in range(_ROUNDS):
        for title, start in contestants.items():
            starts.setdefault(title, []).append(await start())
    torch_seconds = median(alone.seconds for alone in starts["import torch"])
    table = Table(
        *("", "seconds", "ratio", "MiB idle", "MiB after 100 names"), title="From start to ready"
    )
    for title, rounds in starts.items():
        seconds = median(one.seconds for one in rounds)
        after = [one.after_names for one in rounds if one.after_names is not None]
        table.add_row(
            title,
            f"{seconds:.2f}",
            f"{seconds / torch_seconds:.2f}x",
            f"{median(one.idle for one in rounds) / 2**20:.0f}",
            f"{median(after) / 2**20:.0f}" if after else "",
        )
    return [table]


async def start_torch() -> Start:
    """Python with torch and nothing else: ready when the import is done."""
    started = time.perf_counter()
    async with python_process("-c", "import torch; print(flush=True); input()") as process:
        await _line(process)
        return Start(time.perf_counter() - started, _resident(process))


async def start_bot(checkout: Path | None = None) -> Start:
    """The bot by polling, of this checkout or another one: ready when it asks for updates."""
    standin = StandIn(DEMO_TOKEN, [_PERSON])
    url = await standin.start()
    try:
        started = time.perf_counter()
        telegram = {"BOT_TOKEN": DEMO_TOKEN, "BOT_API_URL": url}
        async with python_process("-m", "bot", "run", cwd=checkout, **telegram) as process:
            await standin.wait_for(lambda: standin.calls_of("getUpdates"), _START_SECONDS)
            seconds, idle = time.perf_counter() - started, _resident(process)
            for _ in range(_MESSAGES):
                standin.send_text(_PERSON, "/name 10")
            await standin.wait_for(lambda: len(standin.replies(_PERSON)) == _MESSAGES)
            return Start(seconds, idle, _resident(process))
    finally:
        await standin.stop()


async def start_playground() -> Start:
    """The bot with its chat page: ready when it says where that is and the page is there."""
    started = time.perf_counter()
    async with python_process("-m", "bot", "playground", "--port", "0") as process:
        url = next(word for word in (await _line(process)).split() if word.startswith("http"))
        async with ClientSession() as session, session.get(url) as page:
            page.raise_for_status()
            await page.read()
        return Start(time.perf_counter() - started, _resident(process))


@asynccontextmanager
async def python_process(
    *arguments: str, cwd: Path | None = None, **settings: str
) -> AsyncIterator[Process]:
    """Python with these arguments, a database of its own and these settings; ended afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=cwd,
            env={**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "WARNING", **settings},
            stdin=PIPE,
            stdout=PIPE,
        )
        try:
            yield process
        finally:
            process.terminate()
            await process.communicate()


async def _line(process: Process) -> str:
    """The next line that the process prints."""
    if process.stdout is None:
        raise TypeError("a process whose output is not piped")
    async with asyncio.timeout(_START_SECONDS):
        return (await process.stdout.readline()).decode()


def _resident(process: Process) -> int:
    """Bytes of physical memory that the process holds, as `man 5 proc` has it."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
