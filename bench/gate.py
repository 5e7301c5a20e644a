"""What the gate's second condition lets pass: ratings by chance, and ratings by a taste.

The cheap parts alone, hundreds of times: names that the shipped model writes, rated by people with
a hidden taste who press the wrong button every now and then, or by chance; `ml.learning.chance`
then says whether there is a taste. Beside it stands the usual test, which reads the spread of the
off-policy estimate off itself: too many random ratings pass it.

Measured: of 600 runs of random ratings 5.0, 4.5 and 4.3% passed after 50, 100 and 300 ratings (the
usual test: 5.2, 6.0 and 7.5%); of runs with a taste and 15% slips, 100 each of eight tastes, 71, 91
and 100% did, and without slips 97% after 50. The random runs were made with other weights of
`covariance` than the present ones, which were chosen among five by 60 runs of each of these tastes
(71 to 75% were found after 50).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import TypeAlias

import numpy as np
from rich.table import Table

from ml.arrays import Doubles, Symbols
from ml.learning.chance import SIGNIFICANT, Evidence, further_ratings, seek_taste
from ml.learning.off_policy import estimate_like_rate
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.records import fold
from ml.taste.cross_fitting import folds_of, out_of_fold
from ml.taste.letters import letters_of
from ml.writing.generator import NameGenerator, NameRequest

_VOWELS = "аеиоуыэюя"
_NAMES = 6_000
_SIZES = (50, 100, 300)
_SLIPS = 0.15
_RUNS = 300
_PEOPLE = 10

Taste: TypeAlias = Callable[[str], bool]

# Of folded names.
TASTES: Mapping[str, Taste] = {
    "has р, at most 6 letters": lambda name: "р" in name and len(name) <= 6,
    "second letter a vowel, и later": lambda name: name[1:2] in _VOWELS and "и" in name[2:],
    "a doubled letter or ь": lambda name: "ь" in name or any(a == b for a, b in pairwise(name)),
    "begins а-и, ends in a consonant": lambda name: name[0] <= "и" and name[-1] not in _VOWELS,
    "at most 5 letters": lambda name: len(name) <= 5,
    "ends in на, ла or ия": lambda name: name.endswith(("на", "ла", "ия")),
    "has л": lambda name: "л" in name,
    "half vowels": lambda name: 2 * sum(letter in _VOWELS for letter in name) >= len(name),
}


@dataclass(frozen=True, slots=True)
class Ratings:
    """Simulated ratings, a row each."""

    names: list[str]
    values: Doubles
    votes: Doubles
    raters: Symbols

    def seek(self, seed: int) -> Evidence:
        """Whether a taste is found."""
        return seek_taste(self.names, self.values, self.votes, self.raters, covariance, seed=seed)


def tables(*, sizes: Sequence[int] = _SIZES, runs: int = _RUNS) -> list[Table]:
    """What passes by taste and number of ratings, what by chance, and one person against many."""
    return [_by_taste(sizes, runs), _by_chance(sizes, 3 * runs), _one_against_many(runs // 10)]


@cache
def written() -> tuple[str, ...]:
    """Names as people get them, folded."""
    generator = NameGenerator(load_model(SHIPPED_MODEL))
    return tuple(fold(each.name) for each in generator.sample(NameRequest(count=_NAMES), seed=0))


def rate(taste: Taste | None, count: int, rng: np.random.Generator, slips: float) -> Ratings:
    """Names as ten people with one taste rate them, or as those do who press by chance."""
    names = [written()[row] for row in rng.choice(_NAMES, count, replace=False)]
    likes = [taste(name) if taste else rng.random() < 0.4 for name in names]
    values = np.array(likes) != (rng.random(count) < slips)
    return Ratings(names, values.astype(float), np.ones(count), rng.integers(_PEOPLE, size=count))


def covariance(names: Sequence[str]) -> Doubles:
    """What names have in common, as ``/retrain`` takes it."""
    return letters_of(names).kernel()


def _by_taste(sizes: Sequence[int], runs: int) -> Table:
    table = Table(title=f"Share of runs in which a taste is found, {runs} each")
    for heading in ("taste", "liked", *(f"{size} ratings" for size in sizes), "no slips", "advice"):
        table.add_column(heading)
    rows = []
    for title, taste in TASTES.items():
        found = [_share_found(taste, size, runs, _SLIPS) for size in sizes]
        found.append(_share_found(taste, sizes[0], runs, 0.0))
        found.append(_share_after_advice(taste, sizes[0], runs))
        rows.append(found)
        liked = fmean(taste(name) for name in written())
        table.add_row(title, f"{liked:.0%}", *(f"{share:.0%}" for share in found))
    table.add_row("mean", "", *(f"{fmean(each):.0%}" for each in zip(*rows, strict=True)))
    table.caption = (
        f"Of ratings {_SLIPS:.0%} are slips. No slips: {sizes[0]} ratings. Advice: of those that "
        f"{sizes[0]} refuse, how many pass with as many more as were asked for."
    )
    return table


def _share_found(taste: Taste | None, size: int, runs: int, slips: float) -> float:
    return fmean(
        rate(taste, size, np.random.default_rng(run), slips).seek(run).found for run in range(runs)
    )


def _share_after_advice(taste: Taste, size: int, runs: int) -> float:
    passed = []
    for run in range(runs // 3):
        rng = np.random.default_rng(10_000 + run)
        ratings = rate(taste, size, rng, _SLIPS)
        evidence = ratings.seek(run)
        if evidence.found:
            continue
        more = rate(taste, further_ratings(size, evidence), rng, _SLIPS)
        both = Ratings(
            ratings.names + more.names,
            np.concatenate([ratings.values, more.values]),
            np.concatenate([ratings.votes, more.votes]),
            np.concatenate([ratings.raters, more.raters]),
        )
        passed.append(both.seek(run).found)
    return fmean(passed) if passed else 1.0


def _by_chance(sizes: Sequence[int], runs: int) -> Table:
    table = Table("ratings", "this gate", "the usual test", title=f"Random ratings, {runs} runs")
    for size in sizes:
        this = _share_found(None, size, runs, 0.0)
        usual = fmean(_usual_test(size, run) for run in range(runs))
        table.add_row(str(size), f"{this:.1%}", f"{usual:.1%}")
    table.caption = "How many pass; at most 5% should."
    return table


def _usual_test(size: int, run: int) -> bool:
    """By the estimate's own standard error, as if what is foretold had nothing to do with it."""
    ratings = rate(None, size, np.random.default_rng(run), 0.0)
    prior = covariance(ratings.names)
    prior /= np.trace(prior) / size

    def foretell(learnt: Symbols, asked: Symbols) -> Doubles:
        noisy = prior[np.ix_(learnt, learnt)] + 2 * np.eye(len(learnt))
        middle = ratings.values[learnt].mean()
        weights = np.linalg.solve(noisy, ratings.values[learnt] - middle)
        return np.asarray(np.clip(middle + prior[np.ix_(asked, learnt)] @ weights, 0.02, 0.98))

    liked = out_of_fold(folds_of(ratings.names), foretell)
    estimate = estimate_like_rate(
        np.log1p(5 * liked), ratings.values, ratings.votes, np.arange(size)
    )
    return estimate.probability >= SIGNIFICANT


def _one_against_many(runs: int) -> Table:
    """How often the gate lets pass what the many like, when one person contradicts them."""
    table = Table("taste", *_VOICES, title=f"One against ten of opposite taste, {runs} runs")
    for title, taste in TASTES.items():
        found = [
            fmean(_contested(taste, run, voice).seek(run).found for run in range(runs))
            for voice in _VOICES.values()
        ]
        table.add_row(title, *(f"{share:.0%}" for share in found))
    table.caption = (
        "How many pass: 800 ratings against 40 of each, by what a person's votes come to."
    )
    return table


# What so many votes of one person come to, as one of `ml.learning.raters` or as the root of them.
_VOICES: Mapping[str, Callable[[int], float]] = {
    "bounded": lambda votes: votes / (1 + votes / 20),
    "by roots": lambda votes: votes**0.5,
}


def _contested(taste: Taste, run: int, voice: Callable[[int], float]) -> Ratings:
    rng = np.random.default_rng(run)
    honest = rate(taste, 400, rng, _SLIPS)
    opposed = rate(lambda name: not taste(name), 800, rng, 0.0)
    return Ratings(
        honest.names + opposed.names,
        np.concatenate([honest.values, opposed.values]),
        np.concatenate([np.full(400, voice(40) / 40), np.full(800, voice(800) / 800)]),
        np.concatenate([np.arange(400) % _PEOPLE, np.full(800, _PEOPLE)]),
    )
