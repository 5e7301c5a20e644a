"""A fifth of all calls fails, a fifth of all updates comes twice: nothing confirmed is undone, no
press is left waiting, no keyboard lies, nobody waits for a name in vain.

`pytest -m faults` plays it with many seeds, and with failures that last longer than the bot's
patience with one call.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from bot.context import BotApplication
from bot.pace import DEFAULT_PACE, Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, DemoUser
from bot.settings import Settings
from tests.e2e.rehearsal import Outcome, Rehearsal
from tests.e2e.talk import ADMIN, TOKEN

PEOPLE = tuple(DemoUser(101 + number, f"Person {number}") for number in range(12))
GROUP = DemoGroup(-100, "Компания", tuple(person.id for person in PEOPLE))
# Three of them in the group, too.
PLACES: Sequence[tuple[DemoUser, DemoGroup | None]] = [
    *((person, None) for person in PEOPLE),
    *((person, GROUP) for person in PEOPLE[:3]),
]


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    standin = StandIn(TOKEN, [*PEOPLE, ADMIN], [GROUP])
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
def pace() -> Pace:
    """As much as Telegram takes, and little patience."""
    return replace(
        DEFAULT_PACE,
        first_pause=0.01,
        requests_a_second=0,
        group_requests_a_minute=0,
        chat_burst=0,
        retry_pauses=(0.01, 0.02, 0.04, 0.08, 0.16),
    )


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"person_limit": 0, "group_limit": 0})


async def rehearsed(
    bot: BotApplication, standin: StandIn, *, presses: int, share: float, seed: int
) -> Outcome:
    rehearsal = Rehearsal(bot, standin, share=share, seed=seed)
    await rehearsal.play(PLACES, presses)
    print(f"seed {seed}, {share:.0%} of all calls fail:", rehearsal.outcome)  # for make faults
    return rehearsal.outcome


def check(outcome: Outcome, *, unanswered: float) -> None:
    assert outcome.wrong_ratings == []
    assert outcome.lying == []
    assert outcome.names_lost == 0
    assert outcome.tracebacks == []
    assert len(outcome.unanswered) <= unanswered * len(outcome.presses)


async def test_300_presses_while_a_fifth_of_all_calls_fails(
    bot: BotApplication, standin: StandIn
) -> None:
    outcome = await rehearsed(bot, standin, presses=20, share=0.2, seed=1)
    assert len(outcome.presses) == 300
    check(outcome, unanswered=0.01)


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(20))
async def test_many_such_days(bot: BotApplication, standin: StandIn, seed: int) -> None:
    check(await rehearsed(bot, standin, presses=40, share=0.2, seed=seed), unanswered=0.01)


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(5))
async def test_days_on_which_most_calls_fail(
    bot: BotApplication, standin: StandIn, seed: int
) -> None:
    """More than the retries of a call bear: some presses stay unanswered, and nothing lies."""
    check(await rehearsed(bot, standin, presses=20, share=0.7, seed=seed), unanswered=1.0)
