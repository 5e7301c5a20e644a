"""How long somebody waits for a name while others flood the bot, which runs as it is shipped.

The bot is a process of its own, the Bot API stand-in runs here. In each scene the flood is there
first, all of it; then three people ask, a second apart. With another checkout beside it, the same
is done to its bot.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench.startup import python_process
from bot.playground.playground import DEMO_TOKEN
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, DemoUser

_FLOODER = DemoUser(201, "Flooder")
_MEMBERS = tuple(DemoUser(300 + number, f"Member {number}") for number in range(10))
_CROWD = tuple(DemoUser(5001 + number, f"Person {number}") for number in range(100))
_BYSTANDERS = tuple(DemoUser(501 + number, f"Bystander {number}") for number in range(3))
_GROUP = DemoGroup(-100, "Group", tuple(person.id for person in _MEMBERS))

_START_SECONDS = 60.0
_PATIENCE_SECONDS = 60.0
_APART_SECONDS = 1.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds that each bystander waited; messages to others before the first was answered."""

    seconds: list[float]
    others_first: int


def _nobody(_standin: StandIn) -> None:
    """What it takes without a flood."""


def _group(standin: StandIn) -> None:
    for number in range(1000):
        standin.send_text(_MEMBERS[number % len(_MEMBERS)], "/name", chat=_GROUP)


def _person(standin: StandIn) -> None:
    for _ in range(2000):
        standin.send_text(_FLOODER, "/name")


def _both(standin: StandIn) -> None:
    _group(standin)
    _person(standin)


def _presses(standin: StandIn) -> None:
    (message,) = standin.replies(_FLOODER)
    for number in range(2000):
        standin.press(_FLOODER, message.id, "👍👎"[number % 2])


def _crowd(standin: StandIn) -> None:
    for person in _CROWD:
        for _ in range(3):
            standin.send_text(person, "/name")


def _held(standin: StandIn) -> None:
    standin.fail_next("sendMessage", retry_after=20)
    standin.send_text(_FLOODER, "/name")


_SCENES: dict[str, Callable[[StandIn], None]] = {
    "nobody else": _nobody,
    "1,000 /name in one group": _group,
    "2,000 /name of one person": _person,
    "both": _both,
    "2,000 presses of one person": _presses,
    "3 /name of each of 100 people": _crowd,
    "one chat told to wait 20 s (429)": _held,
}


async def tables(beside: Path | None = None) -> list[Table]:
    """One table: each scene with this bot and, if asked, with the one in the folder `beside`."""
    checkouts = {"this bot": None} | ({beside.name: beside} if beside else {})
    columns = [
        f"{title}: {column}" for title in checkouts for column in ("waits s", "others first")
    ]
    table = Table("flood", *columns, title="How long somebody else waits for a name")
    for title, flood in _SCENES.items():
        cells = []
        for checkout in checkouts.values():
            waited = await _wait(flood, checkout)
            cells += [" ".join(map(_seconds, waited.seconds)), str(waited.others_first)]
        table.add_row(title, *cells)
    return [table]


async def _wait(flood: Callable[[StandIn], None], checkout: Path | None) -> Waited:
    standin = StandIn(DEMO_TOKEN, [_FLOODER, *_MEMBERS, *_CROWD, *_BYSTANDERS], [_GROUP])
    url = await standin.start()
    # Some bots cannot be quiet about a flood.
    settings = {"BOT_TOKEN": DEMO_TOKEN, "BOT_API_URL": url, "LOG_LEVEL": "CRITICAL"}
    try:
        async with python_process("-m", "bot", "run", cwd=checkout, **settings):
            standin.send_text(_FLOODER, "/name")
            await standin.wait_for(lambda: standin.replies(_FLOODER), _START_SECONDS)
            before = len(standin.calls_of("sendMessage"))
            flood(standin)
            others_first: list[int] = []

            async def ask(person: DemoUser, pause: float) -> float:
                await asyncio.sleep(pause)
                seconds = await _ask(standin, person)
                others_first.append(len(standin.calls_of("sendMessage")) - before - 1)
                return seconds

            asked = (ask(person, n * _APART_SECONDS) for n, person in enumerate(_BYSTANDERS))
            return Waited(await asyncio.gather(*asked), others_first[0])
    finally:
        await standin.stop()


async def _ask(standin: StandIn, person: DemoUser) -> float:
    """Seconds until the answer is there; infinitely many if that takes too long."""
    started = time.perf_counter()
    standin.send_text(person, "/name")
    # Not `wait_for`, which looks through all messages whenever anything happens: in a flood the
    # stand-in would be busy with nothing else.
    while not standin.replies(person):
        if time.perf_counter() - started > _PATIENCE_SECONDS:
            return float("inf")
        await asyncio.sleep(_LOOK_SECONDS)
    return time.perf_counter() - started


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds <= _PATIENCE_SECONDS else f">{_PATIENCE_SECONDS:.0f}"
