"""How many different names a model writes, beside one that is as much to people's taste.

A taste that concentrates costs variety by itself: fewer names are short and have an «р» than are
names. What may be asked of a model that learnt it is to be as diverse as the draws of the former
model are once they are resampled to be liked as much. They are, by the exponential tilt, which of
all distributions with that like rate is the nearest (Csiszár 1975, "I-Divergence Geometry of
Probability Distributions and Minimization Problems", section 3).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ml.arrays import Doubles, Symbols
from ml.names.records import fold

_RESAMPLINGS = 20
_STEEPEST = 50.0

# How probable it is that people like each of some names.
Likes: TypeAlias = Callable[[Sequence[str]], Doubles]


def compare_diversity(
    former: Sequence[str], new: Sequence[str], likes: Likes, *, seed: int
) -> tuple[float, float]:
    """The distinct share of the former's draws, resampled to be liked as much, and of the new.

    Both among as many names, for of fewer names more are different: of `former` many are thrown
    away, so it should be the longer one. Means of several resamplings.
    """
    rng = np.random.default_rng([seed, 1])  # not the numbers that the names were drawn with
    liked = likes(former)
    slope = _slope(liked, float(likes(new).mean()))
    keep = np.exp(slope * (liked - (liked.max() if slope > 0 else liked.min())))
    resampled = [np.flatnonzero(rng.random(len(keep)) < keep) for _ in range(_RESAMPLINGS)]
    # The name that is kept for certain is always among them.
    count = min(len(new), *(len(rows) for rows in resampled))
    parts = [rng.choice(len(new), count, replace=False) for _ in range(_RESAMPLINGS)]
    return (
        float(np.mean([_distinct(former, rng.permutation(rows)[:count]) for rows in resampled])),
        float(np.mean([_distinct(new, rows) for rows in parts])),
    )


def distinct_share(names: Sequence[str]) -> float:
    """How many of the names are different, compared folded."""
    return len({fold(name) for name in names}) / len(names)


def _distinct(names: Sequence[str], rows: Symbols) -> float:
    return distinct_share([names[row] for row in rows])


def _slope(liked: Doubles, wanted: float) -> float:
    """The exponent of the tilt under which the mean of `liked` is `wanted`, by bisection."""
    low, high = -_STEEPEST, _STEEPEST
    for _ in range(50):
        middle = (low + high) / 2
        weights = np.exp(middle * (liked - (liked.max() if middle > 0 else liked.min())))
        if float(np.average(liked, weights=weights)) < wanted:
            low = middle
        else:
            high = middle
    # Where all are liked as much, every exponent gives the same.
    return (low + high) / 2 if np.ptp(liked) > 1e-9 else 0.0
