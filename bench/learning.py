"""What ratings are worth: of the way to the best model that could be, how far the learnt one goes.

Simulated people with a hidden taste rate names that the shipped model wrote; some of the ratings
are slips of the finger. The model learns from them as ``/retrain`` does, and the share of names to
that taste is counted among fresh ones. Everything here is about the model: its names are not judged
(`ml.writing.judge`), neither those that are rated nor those that are counted.

The yardstick is the exact tilt of the base by the true taste, ``p(x) exp(a like(x)) / Z``, with
the largest `a` at which real names lose 0.03 nats a symbol, the most that the gate allows. No model
that loses as little is liked more. As people get names at a lower temperature, which sharpens the
tilt as well, its like rate is taken there: ``b = a / temperature``, and of `p0` liked names before,
``e^b p0 / (1 - p0 + e^b p0)``.

The tastes are none of those by which `ml.learning` was built. The other ways to learn
(`bench.rivals`) are held to the same drift and passed by no gate.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from statistics import fmean
from typing import TypeAlias

import numpy as np
from rich.table import Table

from bench.rivals import RIVALS, tune
from ml.arrays import Doubles
from ml.learning.diversity import compare_diversity
from ml.learning.finetuning import learn_from_ratings
from ml.learning.gate import LARGEST_LOSS, SAMPLES
from ml.learning.ratings import Rating, last_words
from ml.learning.real_names import gather_real_names
from ml.learning.tilt import steepest
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.records import fold, read_records
from ml.scoring.evaluation import evaluate_list
from ml.writing.generator import (
    DEFAULT_SETTINGS,
    NameGenerator,
    NameRequest,
    SampledName,
    SamplingSettings,
)

_PEOPLE = 10
_SLIPS = 0.15
_SIZES = (300, 50, 2_000, 10_000)
_SEEDS = (0, 1, 2)
# Names by which the yardstick is taken, and a model's like rate after it learnt.
_MANY, _FRESH = 20_000, 4_000
_VOWELS = "аеиоуыэюя"

Taste: TypeAlias = Callable[[str], bool]

# Of folded names.
TASTES: Mapping[str, Taste] = {
    "м or в in the second half": lambda name: bool(set("мв") & set(name[len(name) // 2 :])),
    "6 or 7 letters, no а": lambda name: len(name) in {6, 7} and "а" not in name,
    "ends in ий or ей": lambda name: name.endswith(("ий", "ей")),
    "first and last letter vowels": lambda name: name[0] in _VOWELS and name[-1] in _VOWELS,
    "а or я once, 6 letters or more": lambda name: (
        sum(letter in "ая" for letter in name) == 1 and len(name) >= 6
    ),
    "has ст, рт, нд or лк": lambda name: any(pair in name for pair in ("ст", "рт", "нд", "лк")),
}

RIVALS_TASTES = ("м or в in the second half", "ends in ий or ей")
OURS = "tilt"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Of a taste: the share of names to it before anything is learnt, and at best after it."""

    before: float
    bound: float


@dataclass(frozen=True, slots=True)
class Run:
    """One model that learnt one taste, by our `method` or that of a rival.

    `candidate` is its like rate, `rate` that of the model which serves then: the former one if the
    gate refused. `drift` is what real names of the valid split lost, in nats a symbol, and
    `diversity` the distinct share over that of the former's names, resampled to be liked as much.
    """

    method: str
    taste: str
    ratings: int
    slips: float
    seed: int
    before: float
    bound: float
    candidate: float
    rate: float
    drift: float
    diversity: float
    failed: tuple[str, ...]
    seconds: float

    def way(self, rate: float) -> float:
        """How far of the way to the bound a like rate is."""
        return (rate - self.before) / (self.bound - self.before)


def compare(
    *,
    tastes: Sequence[str] = tuple(TASTES),
    sizes: Sequence[int] = _SIZES,
    seeds: Sequence[int] = _SEEDS,
    slips: float = _SLIPS,
) -> Iterator[Run]:
    """A run for each seed, number of ratings and taste, as soon as it is measured."""
    model, records = shipped(), read_records()
    for seed, size, title in product(seeds, sizes, tastes):
        stick = yardstick(title)
        ratings = simulate_ratings(title, size, slips, seed)
        learnt = learn_from_ratings(model, ratings, seed=seed, records=records)
        report = learnt.report
        candidate = like_rate(learnt.model, title, seed)
        yield Run(
            method=OURS,
            taste=title,
            ratings=size,
            slips=slips,
            seed=seed,
            before=stick.before,
            bound=stick.bound,
            candidate=candidate,
            rate=candidate if report.passed else stick.before,
            drift=report.gate.likelihood.after - report.gate.likelihood.before,
            diversity=report.after.distinct_share / report.before.distinct_share,
            failed=tuple(report.gate.failed),
            seconds=report.seconds,
        )


def compare_rivals(
    *,
    tastes: Sequence[str] = RIVALS_TASTES,
    methods: Sequence[str] = tuple(RIVALS),
    size: int = 300,
    seed: int = 0,
    slips: float = _SLIPS,
) -> Iterator[Run]:
    """A run for each taste and rival, as `compare` of one seed and number of ratings."""
    model, records = shipped(), read_records()
    former = _draw(model, 2 * SAMPLES, 3_000_000 + seed)
    for title, method in product(tastes, methods):
        stick = yardstick(title)
        ratings = simulate_ratings(title, size, slips, seed)
        started = time.monotonic()
        tuned = tune(model, ratings, RIVALS[method], records, seed=seed)
        seconds = time.monotonic() - started
        real = gather_real_names(model, [r.name for r in ratings], records, seed).held_out
        nats = [evaluate_list(each, real).nats_per_symbol for each in (model, tuned)]
        new = _draw(tuned, SAMPLES, 4_000_000 + seed)
        distinct = compare_diversity(former, new, partial(_likes, taste=title), seed=seed)
        rate = like_rate(tuned, title, seed)
        yield Run(
            method=method,
            taste=title,
            ratings=size,
            slips=slips,
            seed=seed,
            before=stick.before,
            bound=stick.bound,
            candidate=rate,
            rate=rate,
            drift=nats[1] - nats[0],
            diversity=distinct[1] / distinct[0],
            failed=(),
            seconds=seconds,
        )


@cache
def shipped() -> NameModel:
    """The base."""
    return load_model(SHIPPED_MODEL)


@cache
def yardstick(taste: str) -> Yardstick:
    """What of a taste could be reached, by the base's names and the real ones of train and valid.

    Learning watches fewer real names, and the gate other ones; neither knows the taste.
    """
    real = [
        fold(record.name)
        for record in read_records()
        if (record.kind, record.origin) == ("given", "russian") and record.split != "test"
    ]
    symbols = fmean(len(name) + 1 for name in real)
    written, shown = _likes(_base_names(1.0), taste), _likes(_base_names(), taste)
    slope = steepest(written, _likes(real, taste), symbols, LARGEST_LOSS)
    before = float(shown.mean())
    odds = before / (1 - before) * float(np.exp(slope / DEFAULT_SETTINGS.temperature))
    return Yardstick(before, odds / (1 + odds))


def simulate_ratings(taste: str, count: int, slips: float, seed: int) -> list[Rating]:
    """`count` names of the base as people with one taste rate them."""
    rng = random.Random(seed)  # noqa: S311 - people are simulated, not protected
    return last_words(
        [
            Rating(
                name=sampled.name,
                value=1 if TASTES[taste](fold(sampled.name)) != (rng.random() < slips) else -1,
                user=rng.randrange(_PEOPLE),
                gender=sampled.gender,
                origin="russian",
                log_prob=sampled.log_prob,
                chosen="model",
            )
            for sampled in _sample(shipped(), count, 1_000 + seed)
        ]
    )


def like_rate(model: NameModel, taste: str, seed: int) -> float:
    """The share of fresh names, as people get them but not judged, that are to a taste."""
    return float(_likes(_draw(model, _FRESH, 2_000_000 + seed), taste).mean())


@cache
def _base_names(temperature: float = DEFAULT_SETTINGS.temperature) -> tuple[str, ...]:
    settings = SamplingSettings(temperature=temperature)
    return tuple(_draw(shipped(), _MANY, 0, settings))


def _draw(
    model: NameModel, count: int, seed: int, settings: SamplingSettings = DEFAULT_SETTINGS
) -> list[str]:
    return [sampled.name for sampled in _sample(model, count, seed, settings)]


def _sample(
    model: NameModel, count: int, seed: int, settings: SamplingSettings = DEFAULT_SETTINGS
) -> list[SampledName]:
    request = NameRequest(count=count, settings=settings, judged=False)
    return NameGenerator(model).sample(request, seed=seed)


def _likes(names: Sequence[str], taste: str) -> Doubles:
    return np.array([float(TASTES[taste](fold(name))) for name in names])


def tables() -> list[Table]:
    """The shipped model with every taste, number of ratings and share of slips: takes hours."""
    runs = [
        *compare(),
        *compare(sizes=(300,), seeds=(0,), slips=0.0),
        *compare(sizes=(300,), seeds=(0,), slips=0.3),
    ]
    ours = [
        run for run in runs if run.taste in RIVALS_TASTES and (run.seed, run.slips) == (0, _SLIPS)
    ]
    beside = [*compare_rivals(), *(run for run in ours if run.ratings == 300)]
    return [
        tabulate("All tastes", runs, lambda run: (run.ratings, run.slips)),
        tabulate("Each taste", runs, lambda run: (run.ratings, run.slips, run.taste)),
        tabulate("Other methods, 300 ratings", beside, lambda run: (run.method, run.taste)),
    ]


def tabulate(
    title: str, runs: Sequence[Run], group_of: Callable[[Run], tuple[object, ...]]
) -> Table:
    """A row for each group of runs: means, and the worst of what the gate limits."""
    table = Table(title=title)
    for heading in (
        *("", "runs", "before", "bound", "candidate", "of the way", "after", "of the way"),
        *("drift", "at most", "diversity", "at least", "passed", "seconds"),
    ):
        table.add_column(heading)
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(group_of(run), []).append(run)
    for group, of_group in sorted(groups.items(), key=lambda entry: entry[0]):
        drifts = [run.drift for run in of_group]
        diversities = [run.diversity for run in of_group]
        table.add_row(
            ", ".join(map(str, group)),
            str(len(of_group)),
            f"{fmean(run.before for run in of_group):.3f}",
            f"{fmean(run.bound for run in of_group):.3f}",
            f"{fmean(run.candidate for run in of_group):.3f}",
            f"{fmean(run.way(run.candidate) for run in of_group):.2f}",
            f"{fmean(run.rate for run in of_group):.3f}",
            f"{fmean(run.way(run.rate) for run in of_group):.2f}",
            f"{fmean(drifts):+.4f}",
            f"{max(drifts):+.4f}",
            f"{fmean(diversities):.3f}",
            f"{min(diversities):.3f}",
            f"{sum(not run.failed for run in of_group)} of {len(of_group)}",
            f"{fmean(run.seconds for run in of_group):.0f}",
        )
    return table
