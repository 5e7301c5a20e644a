"""``/name`` over HTTP beside a bare echo bot, and while the bot retrains.

Each bot is a process of its own; the Bot API stand-in runs here. A round trip lasts from the
message handed to the stand-in until the bot's answer has arrived there.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from bot.playground.playground import DEMO_TOKEN
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser, Message

_PEOPLE = [DemoUser(201 + number, f"Person {number}") for number in range(8)]
_ADMIN = DemoUser(301, "Admin", is_admin=True)
_WARM_UP = 10
_SECONDS = 8.0
_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_RATED_ANSWERS = 12  # of ten names each


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each round trip, one person at a time; and trips a second of eight at once."""

    alone: list[float]
    together: float

    def percentile(self, q: float) -> float:
        """Of the lone round trips, in milliseconds."""
        return 1000 * float(np.percentile(self.alone, q))


async def tables() -> list[Table]:
    """One table: echo bot, this bot, this bot while it retrains."""
    async with _bot("bench.echo_bot") as standin:
        echo = await _measure(standin)
    async with _bot("bench.unthrottled_bot") as standin:
        ours = await _measure(standin)
        await _rate_names(standin)
        finished = _start_retrain(standin)
        retraining = await _measure(standin, until=finished)
    table = Table("", "p50 ms", "p99 ms", "p99 ratio", "trips a second", title="/name over HTTP")
    for title, measured in (
        ("bare echo bot", echo),
        ("this bot", ours),
        ("this bot, retraining", retraining),
    ):
        table.add_row(
            title,
            f"{measured.percentile(50):.1f}",
            f"{measured.percentile(99):.1f}",
            f"{measured.percentile(99) / echo.percentile(99):.1f}x",
            f"{measured.together:.0f}",
        )
    return [table]


@asynccontextmanager
async def _bot(module: str) -> AsyncIterator[StandIn]:
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
        }
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, url, env=environment
        )
        try:
            for person in (*_PEOPLE, _ADMIN):
                await _ask(standin, person, "/name", _START_SECONDS)
            yield standin
        finally:
            bot.terminate()
            await bot.wait()
            await standin.stop()


async def _measure(standin: StandIn, until: Callable[[], bool] | None = None) -> Measured:
    """Both figures; with `until`, for as long as that is not yet true."""
    for _ in range(_WARM_UP):
        await _round_trip(standin, _PEOPLE[0])
    started = time.perf_counter()

    def over(share: float) -> bool:
        return (until is not None and until()) or time.perf_counter() - started > share * _SECONDS

    alone = []
    while not over(0.5):
        alone.append(await _round_trip(standin, _PEOPLE[0]))
    together_started = time.perf_counter()

    async def keep_asking(person: DemoUser) -> int:
        trips = 0
        while not over(1.0):
            await _round_trip(standin, person)
            trips += 1
        return trips

    trips = sum(await asyncio.gather(*map(keep_asking, _PEOPLE)))
    return Measured(alone, trips / (time.perf_counter() - together_started))


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
        for like, dislike in reply.button_texts[:-1]:
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
