"""Ten retrains in a row, each on ratings of the newest model's names beside all earlier ones.

Does it collapse, does it drift away from real names? Simulated people with one hidden taste rate
with slips of the finger; a candidate that the gate refuses is not used.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from rich.table import Table

from ml.learning.finetuning import learn_from_ratings
from ml.learning.ratings import Rating, last_words
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.records import fold, read_records
from ml.scoring.evaluation import evaluate_list
from ml.writing.generator import NameGenerator, NameRequest, SampledName

_ROUNDS = 10
_RATINGS = 200
_PEOPLE = 40
_SLIPS = 0.15
_FRESH = 1_000


def likes(name: str) -> bool:
    """The hidden taste: м or в in the second half of the name."""
    folded = fold(name)
    return any(letter in "мв" for letter in folded[len(folded) // 2 :])


@dataclass(frozen=True, slots=True)
class Round:
    """After so many retrains: share of fresh names that are liked, of different ones, nats per
    symbol of the valid given names."""

    retrains: int
    passed: bool
    like_rate: float
    distinct: float
    nats_per_symbol: float


def rounds(
    model: NameModel, *, count: int = _ROUNDS, ratings: int = _RATINGS, fresh: int = _FRESH
) -> Iterator[Round]:
    """The model as it came, then after each retrain."""
    valid = [r.name for r in read_records() if r.kind == "given" and r.split == "valid"]
    rng = random.Random(0)  # noqa: S311 - people are simulated, not protected
    said: list[Rating] = []
    yield _measure(model, valid, 0, True, fresh)
    for number in range(1, count + 1):
        for sampled in _written(model, ratings, number):
            value = 1 if likes(sampled.name) != (rng.random() < _SLIPS) else -1
            said.append(
                Rating(
                    name=sampled.name,
                    value=value,
                    user=rng.randrange(_PEOPLE),
                    gender=sampled.gender,
                    origin="russian",
                    log_prob=sampled.log_prob,
                    version=number,
                )
            )
        candidate = learn_from_ratings(model, last_words(said), seed=number)
        if candidate.report.passed:
            model = candidate.model
        yield _measure(model, valid, number, candidate.report.passed, fresh)


def _written(model: NameModel, count: int, seed: int) -> list[SampledName]:
    return NameGenerator(model).sample(NameRequest(count=count, judged=False), seed=seed)


def _measure(model: NameModel, valid: list[str], retrains: int, passed: bool, fresh: int) -> Round:
    names = [fold(sampled.name) for sampled in _written(model, fresh, 10_000 + retrains)]
    return Round(
        retrains,
        passed,
        fmean(map(likes, names)),
        len(set(names)) / len(names),
        evaluate_list(model, valid).nats_per_symbol,
    )


def tables() -> list[Table]:
    """Takes minutes."""
    table = Table(title=f"Retrains in a row, {_RATINGS} new ratings each")
    for heading in ("retrains", "passed", "liked", "distinct", "nats per symbol"):
        table.add_column(heading)
    for each in rounds(load_model(SHIPPED_MODEL)):
        table.add_row(
            str(each.retrains),
            "yes" if each.passed else "no",
            f"{each.like_rate:.1%}",
            f"{each.distinct:.3f}",
            f"{each.nats_per_symbol:.4f}",
        )
    return [table]
