import dataclasses
import math

import pytest

from ml.corpora.sequences import encode_sequences
from ml.learning.gate import SAMPLES, distinct_share, judge, measure, preference
from ml.learning.rated_names import RatedName
from ml.learning.report import Figures
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.scoring.evaluation import evaluate_list
from ml.scoring.scorer import Scorer
from ml.writing.generator import NameGenerator, NameRequest
from tests.ml.conftest import slavic_records

BEFORE = Figures(nats_per_symbol=2.0, preference=0.5, distinct_share=0.8)
BETTER = Figures(nats_per_symbol=2.0, preference=0.6, distinct_share=0.8)
MAN = Start("given", "m", "russian")


def changed(**figures: float) -> Figures:
    return BETTER.model_copy(update=figures)


def test_what_is_better_and_no_worse_passes() -> None:
    verdict = judge(BEFORE, BETTER)
    assert verdict.passed
    assert verdict.failed == []


@pytest.mark.parametrize(
    ("after", "failed"),
    [
        (changed(nats_per_symbol=2.049), []),
        (changed(nats_per_symbol=2.051), ["likelihood"]),
        (changed(nats_per_symbol=1.0), []),
        (changed(preference=0.5), ["preference"]),
        (changed(preference=0.5001), []),
        (changed(distinct_share=0.73), []),
        (changed(distinct_share=0.71), ["diversity"]),
        (
            Figures(nats_per_symbol=3.0, preference=0.0, distinct_share=0.0),
            ["likelihood", "preference", "diversity"],
        ),
    ],
)
def test_each_condition_has_its_limit(after: Figures, failed: list[str]) -> None:
    verdict = judge(BEFORE, after)
    assert verdict.failed == failed
    assert verdict.passed is not bool(failed)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_figure_is_a_finite_number(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Figures(nats_per_symbol=number, preference=0.0, distinct_share=1.0)


def test_the_verdict_in_json_names_limits_where_there_are_some() -> None:
    assert judge(BEFORE, BETTER).model_dump(exclude_none=True) == {
        "likelihood": {"passed": True, "before": 2.0, "after": 2.0, "limit": 0.05},
        "preference": {"passed": True, "before": 0.5, "after": 0.6},
        "diversity": {"passed": True, "before": 0.8, "after": 0.8, "limit": 0.9},
    }


def test_the_likelihood_is_that_of_evaluate(model: NameModel) -> None:
    names = [record.name for record in slavic_records() if record.split == "valid"]
    rated = [RatedName("Ярослав", MAN, 0, 1.0), RatedName("Борислав", MAN, 0, -1.0)]
    figures = measure(model, names, rated, seed=0)
    assert figures.nats_per_symbol == evaluate_list(model, names).nats_per_symbol


def test_the_preference_is_the_difference_of_mean_log_probabilities(model: NameModel) -> None:
    votes = {"Ярослав": 1.0, "Мстислав": 5.0, "Борислав": -1.0}
    rated = [RatedName(name, MAN, 0, vote) for name, vote in votes.items()]
    alphabet = model.alphabet
    sequences = encode_sequences(
        [alphabet.start_index(MAN)] * 3, [alphabet.encode(name) for name in votes]
    )
    yaroslav, mstislav, borislav = Scorer.of(model).names(sequences).tolist()
    assert preference(model, rated) == pytest.approx((yaroslav + mstislav) / 2 - borislav, abs=1e-4)


def test_the_distinct_share_is_that_of_a_thousand_default_samples(model: NameModel) -> None:
    sampled = NameGenerator(model).sample(NameRequest(count=SAMPLES), seed=3)
    assert len(sampled) == 1000
    expected = len({name.name for name in sampled}) / 1000
    assert distinct_share(model, seed=3) == expected
    assert distinct_share(model, seed=3) == expected


def test_a_model_that_repeats_itself_is_seen(model: NameModel) -> None:
    louder = {"output.weight": model.weights["output.weight"] * 20}
    monotonous = dataclasses.replace(model, weights={**model.weights, **louder})
    before, after = distinct_share(model, seed=0), distinct_share(monotonous, seed=0)
    assert after < 0.5 * before
    assert not judge(
        BEFORE.model_copy(update={"distinct_share": before}),
        BETTER.model_copy(update={"distinct_share": after}),
    ).passed
