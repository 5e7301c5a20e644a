"""``/name`` over HTTP beside a bare echo bot, and while the bot retrains.

Each bot is a process of its own; the Bot API stand-in runs here. A round trip lasts from the
message handed to the stand-in until the bot's answer has arrived there. The two take turns, so that
whatever else the machine does meets both.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.table import Table

from bot.playground.playground import DEMO_TOKEN
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser, Message

_PEOPLE = [DemoUser(201 + number, f"Person {number}") for number in range(8)]
_ADMIN = DemoUser(301, "Admin", is_admin=True)
_WARM_UP = 10
_ROUNDS = 4
_SECONDS = 2.5  # of a round of one bot: half with one person, half with eight
_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_RATED_ANSWERS = 12  # of ten names each
_PARTS = {
    "reading": "reading what the person saw last, where it is not remembered",
    "drawing": "drawing a name",
    "writing": "writing it to the database",
    "transport": "sending it: aiohttp, and the stand-in's answer",
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A bot in a process of its own, and the stand-in that it answers at."""

    standin: StandIn
    pid: int

    def processor_seconds(self) -> float:
        """What its threads have had of the processors so far, as `man 5 proc` has it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Measured:
    """Seconds of each round trip, one person at a time; and of all with eight people at once."""

    alone: list[float] = field(default_factory=list)
    trips_together: int = 0
    seconds_together: float = 0.0
    processor_together: float = 0.0

    def percentile(self, q: float) -> float:
        """Of the lone round trips, in milliseconds."""
        return 1000 * float(np.percentile(self.alone, q))

    @property
    def together(self) -> float:
        """Round trips a second of eight people at once."""
        return self.trips_together / self.seconds_together

    @property
    def processor(self) -> float:
        """What one of those takes of the processors, by all threads of the bot, in milliseconds."""
        return 1000 * self.processor_together / self.trips_together


async def tables() -> list[Table]:
    """Echo bot, this bot, this bot while it retrains; and where the time of this bot goes."""
    load = os.getloadavg()[0]
    echo, ours, retraining = Measured(), Measured(), Measured()
    async with (
        _bot("bench.echo_bot") as echo_bot,
        _bot("bench.unthrottled_bot", "run") as bot,
    ):
        for _ in range(_ROUNDS):
            await _measure(echo_bot, echo)
            await _measure(bot, ours)
        await _rate_names(bot.standin)
        finished = _start_retrain(bot.standin)
        for _ in range(_ROUNDS):
            await _measure(bot, retraining, until=finished)
    table = Table(
        *("", "p50 ms", "p99 ms", "ratio", "trips a second", "ratio", "processor ms", "ratio"),
        title=f"/name over HTTP (load of the machine before: {load:.1f})",
        caption="the ratio of p99 is to this bot's own, the others to the echo bot's",
    )
    for title, measured in (
        ("bare echo bot", echo),
        ("this bot", ours),
        ("this bot, retraining", retraining),
    ):
        table.add_row(
            title,
            f"{measured.percentile(50):.1f}",
            f"{measured.percentile(99):.1f}",
            f"{measured.percentile(99) / ours.percentile(99):.2f}x",
            f"{measured.together:.0f}",
            f"{measured.together / echo.together:.2f}x",
            f"{measured.processor:.1f}",
            f"{measured.processor / echo.processor:.2f}x",
        )
    return [table, await _split()]


async def _split() -> Table:
    """Where a lone `/name` spends its time: a bot with timers in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "split.json"
        async with _bot("bench.timed_bot", "run", BENCH_SPLIT=str(file)) as bot:
            await _measure(bot, Measured(), people=_PEOPLE[:1])
        seconds = json.loads(file.read_text())
    whole, updates = seconds["update"], seconds["updates"]
    parts = {title: seconds.get(part, 0.0) for part, title in _PARTS.items()}
    parts["the rest: the library, and what the message says"] = whole - sum(parts.values())
    table = Table("", "ms", "share", title="A lone /name from update to answer, on average")
    for title, part in {**parts, "in all": whole}.items():
        table.add_row(title, f"{1000 * part / updates:.2f}", f"{part / whole:.0%}")
    return table


@asynccontextmanager
async def _bot(module: str, *arguments: str, **settings: str) -> AsyncIterator[Contestant]:
    """A stand-in, and a bot in another process that has answered there."""
    standin = StandIn(DEMO_TOKEN, [*_PEOPLE, _ADMIN])
    url = await standin.start()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "BOT_TOKEN": DEMO_TOKEN,
            "BOT_API_URL": url,
            "ADMIN_IDS": str(_ADMIN.id),
            "DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}",
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *(arguments or (url,)), env=environment
        )
        try:
            for person in (*_PEOPLE, _ADMIN):
                await _ask(standin, person, "/name", _START_SECONDS)
            yield Contestant(standin, process.pid)
        finally:
            process.terminate()
            await process.wait()
            await standin.stop()


async def _measure(
    bot: Contestant,
    measured: Measured,
    *,
    people: list[DemoUser] = _PEOPLE,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Add to both figures, for as long as `until` is not yet true."""
    for _ in range(_WARM_UP):
        await _round_trip(bot.standin, people[0])
    started = time.perf_counter()

    def over(share: float) -> bool:
        return until() or time.perf_counter() - started > share * _SECONDS

    while not over(0.5):
        measured.alone.append(await _round_trip(bot.standin, people[0]))
    together_started, processor = time.perf_counter(), bot.processor_seconds()

    async def keep_asking(person: DemoUser) -> None:
        while not over(1.0):
            await _round_trip(bot.standin, person)
            measured.trips_together += 1

    await asyncio.gather(*map(keep_asking, people))
    measured.seconds_together += time.perf_counter() - together_started
    measured.processor_together += bot.processor_seconds() - processor


async def _round_trip(standin: StandIn, person: DemoUser) -> float:
    started = time.perf_counter()
    await _ask(standin, person, "/name")
    return time.perf_counter() - started


async def _ask(
    standin: StandIn, person: DemoUser, text: str, seconds: float = _ANSWER_SECONDS
) -> Message:
    replies = len(standin.replies(person))
    standin.send_text(person, text)
    new = await standin.wait_for(lambda: standin.replies(person)[replies:], seconds)
    return new[0]


async def _rate_names(standin: StandIn) -> None:
    """The admin likes names of an even number of letters."""
    for _ in range(_RATED_ANSWERS):
        reply = await _ask(standin, _ADMIN, "/name 10")
        for like, dislike, _ in reply.button_texts[:-1]:
            even = len(like.split()[-1]) % 2 == 0
            await _press(standin, reply, like if even else dislike)


async def _press(standin: StandIn, message: Message, button: str) -> None:
    press = standin.press(_ADMIN, message.id, button)
    await standin.wait_for(lambda: press.answer is not None)


def _start_retrain(standin: StandIn) -> Callable[[], bool]:
    """Begin a retrain; returns what says whether it has ended."""
    runs = len(standin.replies(_ADMIN))
    standin.send_text(_ADMIN, "/retrain")

    def finished() -> bool:
        # As long as it runs its message says how to cancel it.
        replies = standin.replies(_ADMIN)[runs:]
        return bool(replies) and "/cancel" not in replies[0].text

    return finished
