import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest

from ml.arrays import Doubles
from ml.learning.chance import Evidence
from ml.learning.gate import SAMPLES, Ballots, advise, conclude, judge, written
from ml.learning.off_policy import Estimate
from ml.learning.report import Figures, Verdict
from ml.models.model import NameModel
from ml.scoring.evaluation import evaluate_list
from ml.writing.generator import NameGenerator, NameRequest
from tests.ml.conftest import slavic_records

BEFORE = Figures(nats_per_symbol=2.0, like_rate=0.3, distinct_share=0.8)
BETTER = Figures(nats_per_symbol=2.0, like_rate=0.4, distinct_share=0.8)
TASTE = Evidence(probability=0.95, z=2.0)
CHANCE = Evidence(probability=0.949, z=1.4)
HIGHER = Estimate(0.4, 0.3, 0.5, 0.3, 0.9, 60.0)
LOWER = Estimate(0.299, 0.2, 0.4, 0.3, 0.49, 60.0)
REAL = [record.name for record in slavic_records() if record.split == "valid"]
RATED = [record.name for record in slavic_records() if record.split == "train"][:60]


def concluded(
    after: Figures = BETTER,
    evidence: Evidence = TASTE,
    estimate: Estimate = HIGHER,
    drifted: float | None = None,
) -> Verdict:
    return conclude(BEFORE, after, evidence, estimate, drifted=drifted)


def changed(**figures: float) -> Figures:
    return BETTER.model_copy(update=figures)


def ends_in_slav(names: Sequence[str]) -> Doubles:
    return np.array([float(name.lower().rstrip("а").endswith("слав")) for name in names])


def same_ending(names: Sequence[str]) -> Doubles:
    of_slav = ends_in_slav(names)
    return np.asarray(np.outer(of_slav, of_slav) + 0.1 * np.eye(len(names)))


def ballots(values: Doubles) -> Ballots:
    return Ballots(
        names=RATED,
        values=values,
        votes=np.ones(len(RATED)),
        raters=np.arange(len(RATED)) % 7,
        log_weights=ends_in_slav(RATED),
        drawn=np.ones(len(RATED), dtype=np.bool_),
    )


def test_what_is_better_and_no_worse_passes() -> None:
    verdict = concluded()
    assert verdict.passed
    assert verdict.failed == []
    assert advise(verdict, TASTE, 60) is None


@pytest.mark.parametrize(
    ("verdict", "failed"),
    [
        (concluded(changed(nats_per_symbol=2.029)), []),
        (concluded(changed(nats_per_symbol=2.031)), ["likelihood"]),
        (concluded(changed(nats_per_symbol=1.0)), []),
        (concluded(changed(nats_per_symbol=2.02), drifted=0.029), []),
        (concluded(changed(nats_per_symbol=2.02), drifted=0.031), ["likelihood_in_all"]),
        (concluded(evidence=CHANCE), ["like_rate"]),
        (concluded(estimate=LOWER), ["like_rate"]),
        (concluded(changed(distinct_share=0.761)), []),
        (concluded(changed(distinct_share=0.759)), ["diversity"]),
        (
            concluded(changed(nats_per_symbol=3.0, distinct_share=0.0), CHANCE, LOWER, 0.0),
            ["likelihood", "likelihood_in_all", "like_rate", "diversity"],
        ),
    ],
)
def test_each_condition_has_its_limit(verdict: Verdict, failed: list[str]) -> None:
    assert verdict.failed == failed
    assert verdict.passed is not bool(failed)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_figure_is_a_finite_number(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Figures(nats_per_symbol=number, like_rate=0.0, distinct_share=1.0)


@pytest.mark.parametrize(
    ("verdict", "evidence", "ratings", "code"),
    [
        (concluded(evidence=CHANCE), CHANCE, 49, "few"),
        (concluded(evidence=CHANCE), CHANCE, 50, "contradictory"),
        (concluded(estimate=LOWER), TASTE, 60, "no_gain"),
        (concluded(changed(nats_per_symbol=2.04), drifted=0.03), TASTE, 60, "far"),
        (concluded(changed(nats_per_symbol=2.04)), TASTE, 60, "forgets"),
        (concluded(changed(distinct_share=0.1)), TASTE, 60, "repeats"),
        (concluded(changed(distinct_share=0.1), CHANCE), CHANCE, 60, "contradictory"),
    ],
)
def test_a_refusal_comes_with_advice(
    verdict: Verdict, evidence: Evidence, ratings: int, code: str
) -> None:
    advice = advise(verdict, evidence, ratings)
    assert advice is not None
    assert advice.code == code
    assert advice.more >= 10


def test_the_verdict_in_json_names_limits_where_there_are_some() -> None:
    assert concluded().model_dump(exclude_none=True) == {
        "likelihood": {"passed": True, "before": 2.0, "after": 2.0, "limit": 0.03},
        "like_rate": {
            "passed": True,
            "before": 0.3,
            "after": 0.4,
            "low": 0.3,
            "high": 0.5,
            "effective": 60.0,
            "probability": 0.95,
        },
        "diversity": {"passed": True, "before": 0.8, "after": 0.8, "limit": 0.95},
    }


def test_a_model_that_did_not_change_is_as_good(model: NameModel) -> None:
    found = judge(
        model,
        model,
        REAL,
        ballots(ends_in_slav(RATED)),
        likes=ends_in_slav,
        covariance=same_ending,
        seed=3,
    )
    assert found.before.nats_per_symbol == evaluate_list(model, REAL).nats_per_symbol
    assert found.verdict.likelihood.passed
    # Of a model that writes a hundred names, chance moves the share of different ones by 4%.
    assert found.after.distinct_share == pytest.approx(found.before.distinct_share, rel=0.15)
    assert found.verdict.like_rate.passed
    assert found.after.like_rate > found.before.like_rate
    assert len(found.samples_before) == len(found.samples_after) == 6


def test_ratings_against_what_was_foretold_are_refused(model: NameModel) -> None:
    # Every other name of either ending is liked.
    of_slav = ends_in_slav(RATED)
    place = np.where(of_slav > 0, np.cumsum(of_slav), np.cumsum(1 - of_slav))
    found = judge(
        model,
        model,
        REAL,
        ballots(place % 2),
        likes=ends_in_slav,
        covariance=same_ending,
        seed=3,
    )
    assert "like_rate" in found.verdict.failed
    assert found.advice is not None
    assert found.advice.code == "contradictory"


def test_the_like_rate_is_estimated_by_names_that_the_model_chose_itself(model: NameModel) -> None:
    of_slav = ends_in_slav(RATED)
    chosen = np.arange(len(RATED)) < 40
    some = dataclasses.replace(ballots(of_slav), drawn=chosen)
    none = dataclasses.replace(some, drawn=np.zeros(len(RATED), dtype=np.bool_))
    for given, expected in ((some, of_slav[:40].mean()), (none, of_slav.mean())):
        found = judge(model, model, REAL, given, likes=ends_in_slav, covariance=same_ending, seed=3)
        assert found.before.like_rate == pytest.approx(expected)


def test_what_is_written_is_what_people_get(model: NameModel) -> None:
    sampled = NameGenerator(model).sample(NameRequest(count=SAMPLES), seed=3)
    assert written(model, SAMPLES, 3) == [sample.name for sample in sampled]


def test_a_model_that_repeats_itself_is_seen(model: NameModel) -> None:
    louder = {"output.weight": model.weights["output.weight"] * 20}
    monotonous = dataclasses.replace(model, weights={**model.weights, **louder})
    found = judge(
        model,
        monotonous,
        REAL,
        ballots(ends_in_slav(RATED)),
        likes=ends_in_slav,
        covariance=same_ending,
        seed=0,
    )
    assert found.after.distinct_share < 0.7 * found.before.distinct_share
    assert not found.verdict.diversity.passed
