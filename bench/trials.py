"""How often a new model is sent back, found better or neither, by how much better it is.

Simulated people rate names of both as they come; the bot looks after every few ratings.
"""

import random
from collections import Counter
from datetime import UTC, datetime
from statistics import median

from rich.table import Table

from bot.retrain.trial import Standing, standing
from db.ratings import RatingCounts
from db.trials import Trial

_TRIALS = 1000
_FORMER_RATE = 0.5
_SHARE = 0.15
_LOOK_EVERY = 20
_START = datetime(2026, 1, 1, tzinfo=UTC)


def tables() -> list[Table]:
    """One line for each like rate of the new model."""
    table = Table(
        title=f"{_TRIALS} trials, the former model ({_SHARE:.0%}) liked by {_FORMER_RATE:.0%}"
    )
    for heading in ("the new one", "sent back", "found better", "undecided", "ratings, median"):
        table.add_column(heading, justify="right")
    for points in (-10, -5, 0, 5, 10):
        rng = random.Random(points)  # noqa: S311
        ended = [_trial(_FORMER_RATE + points / 100, rng) for _ in range(_TRIALS)]
        ends = Counter(end for end, _ in ended)
        shares = [
            f"{ends[end] / _TRIALS:.1%}"
            for end in (Standing.WORSE, Standing.BETTER, Standing.ALIKE)
        ]
        table.add_row(f"{points:+} points", *shares, f"{median(n for _, n in ended):.0f}")
    return [table]


def _trial(new_rate: float, rng: random.Random) -> tuple[Standing, int]:
    """How a trial ends, and after how many ratings."""
    rates = (new_rate, _FORMER_RATE)
    counts = [[0, 0], [0, 0]]
    ratings = 0
    while True:
        for _ in range(_LOOK_EVERY):
            of_former = rng.random() < _SHARE
            counts[of_former][rng.random() >= rates[of_former]] += 1
        ratings += _LOOK_EVERY
        new, former = (RatingCounts(*both) for both in counts)
        stands = standing(Trial(2, 1, _START, new, former))
        if stands is not Standing.OPEN:
            return stands, ratings
