"""Do ratings hold a taste that the letters of names tell, or could it be chance?

Each name is foretold by the ratings of all the others: Gaussian-process regression with a prior
covariance between names, each left out in turn in closed form (Sundararajan and Keerthi 2001,
"Predictive Approaches for Choosing Hyperparameters in Gaussian Processes", section 3). What that
foretells, times what people said, is how far a tilt by it would raise the like rate among names it
did not learn from, to first order.

How large it gets by chance cannot be read off its own spread: every pair of names is learnt from
and judged by in turn, so the terms are dependent, and a test that takes them for independent lets
too many random ratings pass (``python -m bench gate``; Bengio and Grandvalet 2004, "No Unbiased
Estimator of the Variance of K-Fold Cross-Validation"). So the ratings are shuffled and
everything is done anew, which gives every shuffle the same right: under chance alone one in twenty
comes out among the highest twentieth, whatever the covariance (Ojala and Garriga 2010,
"Permutation Tests for Studying Classifier Performance", test 1). It is quick because what is
foretold is linear in the ratings.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ml.arrays import Doubles, Symbols
from ml.names.records import fold

SIGNIFICANT = 0.95
# Of a normal distribution: what only a twentieth exceeds, and what must be added to come out above
# it four times in five.
_Z_SIGNIFICANT = 1.645
_Z_POWER = 0.842

_SHUFFLES = 999
_AT_ONCE = 100
# Against a prior variance of 1: noise is the larger part of a rating. From 0.5 to 4 hardly matters.
_NOISE = 2.0
_FREE_MEAN = 100.0  # prior variance of what all names have in common
# Who gave so many ratings is shuffled by themselves, for some like nearly everything.
_OWN_SHUFFLE = 20
# More tells nothing new, and the cost is the number of names cubed.
_MOST_NAMES = 1_500
_MOST_RATINGS = 20_000

# The prior covariance ``(names, names)`` of what people think of names, whatever they said.
Covariance: TypeAlias = Callable[[Sequence[str]], Doubles]


@dataclass(frozen=True, slots=True)
class Evidence:
    """That the ratings hold a taste.

    `probability` is 1 less the share of shuffled ratings that look as much like one; `z` is by how
    many standard deviations the ratings stand out from the shuffled.
    """

    probability: float
    z: float

    @property
    def found(self) -> bool:
        """Whether chance alone would look so at most once in twenty times."""
        return self.probability >= SIGNIFICANT - 1e-9


def seek_taste(
    names: Sequence[str],
    values: Doubles,
    votes: Doubles,
    raters: Symbols,
    covariance: Covariance,
    *,
    seed: int,
    shuffles: int = _SHUFFLES,
) -> Evidence:
    """Hold ratings against shuffled ones.

    `values` are 1 for a like and 0 for a dislike, `votes` are how much each rating counts, `raters`
    who gave it. Of very many ratings a random part is looked at.
    """
    rng = np.random.default_rng(seed)
    different, which = _different(names)
    used = _enough(which, votes, rng)
    if len(used) < 2:
        return Evidence(0.0, 0.0)
    # In the order of the names, so that those of one name stand together.
    used = used[np.argsort(which[used], kind="stable")]
    rows, first = np.unique(which[used], return_index=True)
    weights = votes[used] * (len(used) / votes[used].sum())
    total = np.add.reduceat(weights, first)
    prior = covariance([different[row] for row in rows])
    foretell = _foretelling(np.asarray(prior, dtype=np.float64), _NOISE / total)

    def statistics(of_ratings: Doubles) -> Doubles:
        said = np.add.reduceat(weights[:, None] * of_ratings, first) / total[:, None]
        said = said - np.average(said, axis=0, weights=total)
        foretold = said - foretell(said)
        foretold -= np.average(foretold, axis=0, weights=total)
        return np.asarray((total[:, None] * said * foretold).sum(axis=0) / total.sum())

    centred = values[used].astype(np.float64)
    together = _shuffled_together(raters[used])
    for part in together:
        centred[part] -= centred[part].mean()
    real = float(statistics(centred[:, None])[0])
    by_chance = []
    for begin in range(0, shuffles, _AT_ONCE):
        count = min(_AT_ONCE, shuffles - begin)
        shuffled = np.tile(centred[:, None], count)
        for part in together:
            shuffled[part] = rng.permuted(shuffled[part], axis=0)
        by_chance.append(statistics(shuffled))
    chance = np.concatenate(by_chance)
    # What differs by rounding only is as much; ratings that are all the same tell nothing.
    as_much = int((chance >= real - 1e-9 * max(float(np.abs(chance).max()), 1e-12)).sum())
    spread = float(chance.std())
    z = (real - float(chance.mean())) / spread if spread > 1e-12 else 0.0
    return Evidence(probability=1 - (1 + as_much) / (shuffles + 1), z=z)


def further_ratings(ratings: int, evidence: Evidence) -> int:
    """About how many more would be enough if they spoke as clearly, four times in five.

    What stands out grows with the number of ratings as long as they are few: twice the ratings are
    four times the pairs of names, and twice the spread. Rounded to tens; at most as many again,
    beyond which nothing can be foreseen.
    """
    wanted = _Z_SIGNIFICANT + _Z_POWER
    factor = min(2.0, wanted / evidence.z) if evidence.z > 0 else 2.0
    return max(10, 10 * math.ceil(ratings * (factor - 1) / 10))


def _different(names: Sequence[str]) -> tuple[list[str], Symbols]:
    """The different names, compared folded, and which of them each one is."""
    rows: dict[str, int] = {}
    which = np.array([rows.setdefault(fold(name), len(rows)) for name in names], dtype=np.int64)
    return list(rows), which


def _enough(which: Symbols, votes: Doubles, rng: np.random.Generator) -> Symbols:
    """The ratings to look at: those that count, and of very many a part, most names whole."""
    used = np.flatnonzero(votes > 0)
    different = np.unique(which[used])
    if len(different) > _MOST_NAMES:
        chosen = rng.choice(different, _MOST_NAMES, replace=False)
        used = used[np.isin(which[used], chosen)]
    if len(used) > _MOST_RATINGS:
        used = np.sort(rng.choice(used, _MOST_RATINGS, replace=False))
    return used


def _shuffled_together(raters: Symbols) -> list[Symbols]:
    """Ratings that were as likely in any other order: of one person, or of all who gave few."""
    _, who, counts = np.unique(raters, return_inverse=True, return_counts=True)
    often = np.flatnonzero(counts >= _OWN_SHUFFLE)
    others = np.flatnonzero(~np.isin(who, often))
    parts = [np.flatnonzero(who == person) for person in often]
    return [*parts, others] if len(others) else parts


def _foretelling(prior: Doubles, noise: Doubles) -> Callable[[Doubles], Doubles]:
    """What takes what was said of the names ``(names, k)`` to what the others do not foretell."""
    prior = prior - prior.mean(axis=0) - prior.mean(axis=1)[:, None] + prior.mean()
    scale = max(float(np.trace(prior)) / len(prior), 1e-12)
    precision = np.linalg.inv(prior / scale + _FREE_MEAN + np.diag(noise))
    return lambda said: np.asarray((precision @ said) / np.diag(precision)[:, None])
