import json
import random
from collections.abc import Callable
from statistics import fmean

import numpy as np
import pytest

from ml.corpora.corpus import corpus_of_names
from ml.errors import TooLittleData
from ml.learning.finetuning import Candidate, learn_from_ratings
from ml.learning.ratings import Rating
from ml.models.checkpoint import load_model, model_bytes
from ml.models.model import NameModel
from ml.models.network_config import NetworkConfig, Weights
from ml.progress import Step
from ml.scoring.evaluation import evaluate_list
from ml.training.recipes import Recipe
from ml.training.trainer import train
from ml.writing.generator import NameGenerator, NameRequest
from tests.ml.conftest import slavic_records

RECORDS = slavic_records()
RATED = random.Random(0).sample([r for r in RECORDS if r.split == "train"], 60)


def likes_peace(name: str) -> bool:
    return name.endswith(("мир", "мира", "свет", "света"))


def rate(likes: Callable[[str], bool]) -> list[Rating]:
    """Some training names as five people with one taste rate them."""
    return [
        Rating(
            name=record.name,
            value=1 if likes(record.name) else -1,
            user=position % 5,
            gender=record.gender,
            origin=record.origin,
        )
        for position, record in enumerate(RATED)
    ]


def like_rate(model: NameModel) -> float:
    written = NameGenerator(model).sample(NameRequest(count=600, judged=False), seed=5)
    return fmean(likes_peace(each.name) for each in written)


def assert_equal_weights(one: Weights, other: Weights) -> None:
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name])


@pytest.fixture(scope="module")
def taught(model: NameModel) -> Candidate:
    return learn_from_ratings(model, rate(likes_peace), seed=1, records=RECORDS)


def test_more_names_are_liked(model: NameModel, taught: Candidate) -> None:
    assert like_rate(taught.model) > like_rate(model) + 0.1


def test_a_clear_preference_is_learnt_and_does_no_harm(taught: Candidate) -> None:
    gate = taught.report.gate
    assert gate.likelihood.after - gate.likelihood.before < 0.1  # a few dozen names tell no more
    assert gate.like_rate.passed
    assert gate.diversity.after > 0.75 * gate.diversity.before


def test_the_base_is_left_as_it_is(model: NameModel, taught: Candidate) -> None:
    assert model.taste is None
    assert_equal_weights(taught.model.weights, model.weights)


def test_the_result_is_what_the_contract_says(taught: Candidate) -> None:
    result = json.loads(taught.report.model_dump_json(exclude_none=True))
    said = {"passed", "seconds", "ratings", "before", "after", "gate"}
    assert set(result) - {"advice"} == {*said, "samples_before", "samples_after", "traits"}
    assert result["passed"] is taught.report.gate.passed
    assert result["ratings"]["total"] == result["ratings"]["names"] == 60
    assert result["ratings"]["likes"] + result["ratings"]["dislikes"] == 60
    assert result["gate"]["likelihood"]["limit"] == 0.03
    assert result["gate"]["diversity"]["limit"] == 0.95
    assert result["gate"]["like_rate"]["probability"] >= 0.95


def test_the_candidate_is_a_model_like_any_other(taught: Candidate) -> None:
    loaded = load_model(model_bytes(taught.model))
    assert loaded.metrics["finetuning"]["method"] == "tilt"
    assert loaded.taste is not None
    assert taught.model.taste is not None
    assert_equal_weights(loaded.taste.weights, taught.model.taste.weights)


def test_the_same_seed_gives_the_same_candidate(model: NameModel, taught: Candidate) -> None:
    again = learn_from_ratings(model, rate(likes_peace), seed=1, records=RECORDS)
    # Up to rounding, which training amplifies.
    assert again.report.after.like_rate == pytest.approx(taught.report.after.like_rate, abs=0.05)
    assert like_rate(again.model) == pytest.approx(like_rate(taught.model), abs=0.1)


def test_a_tuned_model_learns_anew_from_the_same_base(model: NameModel, taught: Candidate) -> None:
    again = learn_from_ratings(taught.model, rate(likes_peace), seed=2, records=RECORDS)
    assert again.report.gate.likelihood_in_all is not None
    names = [record.name for record in RECORDS if record.split == "valid"]
    once = evaluate_list(taught.model, names).nats_per_symbol
    twice = evaluate_list(again.model, names).nats_per_symbol
    assert twice == pytest.approx(once, abs=0.05)


def test_opinions_by_chance_are_rejected(model: NameModel) -> None:
    rng = random.Random(3)
    by_chance = rate(lambda _: rng.random() < 0.4)
    result = learn_from_ratings(model, by_chance, seed=1, records=RECORDS)
    assert not result.report.gate.like_rate.passed
    assert not result.report.passed
    assert result.report.advice is not None


def test_names_after_a_prefix_are_learnt_from(model: NameModel) -> None:
    asked = [rating.model_copy(update={"prefix": rating.name[:2]}) for rating in rate(likes_peace)]
    result = learn_from_ratings(model, asked, seed=1, records=RECORDS)
    assert result.report.ratings.names == 60


def test_progress_goes_through_the_three_phases(model: NameModel) -> None:
    steps: list[Step] = []
    learn_from_ratings(model, rate(likes_peace), seed=0, report=steps.append, records=RECORDS)
    assert list(dict.fromkeys(step.phase for step in steps)) == ["prepare", "train", "gate"]
    assert all(0 <= step.done <= step.total for step in steps)


@pytest.mark.parametrize("value", [1, -1])
def test_one_sided_ratings_are_refused(model: NameModel, value: int) -> None:
    with pytest.raises(TooLittleData, match=r"at least 2 different (liked|disliked) names"):
        learn_from_ratings(model, rate(lambda _: value > 0), seed=0, records=RECORDS)


def test_a_model_of_a_plain_list_is_judged_by_what_it_writes_itself() -> None:
    names = [record.name for record in RECORDS]
    recipe = Recipe(
        NetworkConfig(embedding_size=8, hidden_size=32),
        epochs=30,
        batch_size=16,
        learning_rate=2e-2,
        patience=1.0,
    )
    model = train(corpus_of_names(names), recipe, seed=0).model
    ratings = [
        Rating(name=name, value=1 if likes_peace(name) else -1, user=1) for name in names[::2]
    ]
    result = learn_from_ratings(model, ratings, seed=0)
    assert result.report.after.like_rate > result.report.before.like_rate
    assert like_rate(result.model) > like_rate(model)
