"""Does `/retrain` make names better liked? Simulated people, the real bot, Telegram's Bot API.

People with one hidden taste ask for names over HTTP, press 👍 and 👎 with slips of the finger, an
admin says `/retrain`; then new people, without slips, rate what comes, which `/stats` counts by
version. Only the first three names of a person are counted: then their own taste is known, too.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import fmean

from pydantic import SecretStr
from rich.table import Table

from bot.callbacks import Rate, parse_callback
from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser, Message
from bot.settings import Settings
from ml.names.records import fold

_TOKEN = "123456:people"  # noqa: S105
_PEOPLE, _RATINGS, _BLIND = 300, 8, 3
_SLIPS = 0.15
_AT_ONCE = 20
_ADMIN = DemoUser(1, "Админ", is_admin=True)


def likes(name: str) -> bool:
    """The hidden taste: м or в in the second half of the name."""
    folded = fold(name)
    return any(letter in "мв" for letter in folded[len(folded) // 2 :])


async def tables() -> list[Table]:
    """The like rate before and after, and what the admin is told."""
    crowd = [DemoUser(number, f"Person {number}") for number in range(2, 2 + 2 * _PEOPLE)]
    with tempfile.TemporaryDirectory() as folder:
        async with _bot(Path(folder), (_ADMIN, *crowd)) as (standin, application):
            before = await _rate(standin, crowd[:_PEOPLE], _RATINGS, _SLIPS)
            outcome = await _retrain(standin)
            after = await _rate(standin, crowd[_PEOPLE:], _BLIND, 0.0)
            known = len(standin.replies(_ADMIN))
            standin.send_text(_ADMIN, "/stats")
            said = await standin.wait_for(lambda: standin.replies(_ADMIN)[known:])
            current = application.bot_data.generator.version
    table = Table(title=f"{_PEOPLE} people, {_PEOPLE * _RATINGS} ratings, {_SLIPS:.0%} slips")
    for heading in ("", "like rate, truly"):
        table.add_column(heading)
    table.add_row("before", f"{fmean(before):.1%} of {len(before)}")
    table.add_row(
        f"after, version {current} and the former one", f"{fmean(after):.1%} of {len(after)}"
    )
    for message in (outcome, *said):
        table.add_row("the admin is told", message.text or "a picture")
    return [table]


@asynccontextmanager
async def _bot(
    folder: Path, users: tuple[DemoUser, ...]
) -> AsyncIterator[tuple[StandIn, BotApplication]]:
    standin = StandIn(_TOKEN, users)
    await standin.start()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        bot_token=SecretStr(_TOKEN),
        bot_api_url=standin.url,
        database_url=f"sqlite+aiosqlite:///{folder / 'people.db'}",
        admin_ids=frozenset({_ADMIN.id}),
        person_limit=0,
        log_level="WARNING",
    )
    try:
        pace = Pace(requests_a_second=0, chat_burst=10_000)
        async with running(settings, pace) as application:
            yield standin, application
    finally:
        await standin.stop()


async def _rate(standin: StandIn, people: list[DemoUser], names: int, slips: float) -> list[bool]:
    """What people truly think of `names` names each."""
    places = asyncio.Semaphore(_AT_ONCE)
    rng = random.Random(0)  # noqa: S311 - people are simulated, not protected

    async def shown_to(who: DemoUser) -> Message:
        known = len(standin.replies(who))
        standin.send_text(who, "/name")
        return (await standin.wait_for(lambda: standin.replies(who)[known:]))[0]

    async def press(who: DemoUser, shown: Message, value: int) -> None:
        query = standin.press(who, shown.id, _thumb(shown, value))
        await standin.wait_for(lambda: [query.answer] if query.answer else [])

    async def person(who: DemoUser) -> list[bool]:
        thought = []
        async with places:
            for _ in range(names):
                shown = await shown_to(who)
                truly = likes((shown.text or "").split("\n")[0])
                thought.append(truly)
                value = 1 if truly != (rng.random() < slips) else -1
                await press(who, shown, value)
        return thought[:_BLIND]

    return [x for of_one in await asyncio.gather(*map(person, people)) for x in of_one]


def _thumb(message: Message, value: int) -> str:
    for button in (button for row in message.keyboard for button in row):
        callback = parse_callback(button.get("callback_data"))
        if isinstance(callback, Rate) and callback.value == value:
            return callback.encode()
    raise LookupError("no thumb")


async def _retrain(standin: StandIn) -> Message:
    standin.send_text(_ADMIN, "/retrain")
    for _ in range(600):
        await asyncio.sleep(1)
        replies = standin.replies(_ADMIN)
        if replies and any(mark in (replies[0].text or "") for mark in ("✅", "❌")):
            return replies[0]
    raise TimeoutError("the retrain did not end")
