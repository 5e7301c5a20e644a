import dataclasses
import json
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch

from ml.corpora.corpus import corpus_of_names
from ml.errors import TooLittleData
from ml.learning.finetuning import (
    KTO,
    Candidate,
    RatedBatch,
    hold_back,
    kto,
    learn_from_ratings,
    tune,
)
from ml.learning.gate import LARGEST_LOSS
from ml.learning.rated_names import form_opinions
from ml.learning.ratings import Rating
from ml.learning.replay import gather_real_names
from ml.models.checkpoint import load_model, model_bytes
from ml.models.model import NameModel
from ml.models.network_config import NetworkConfig, Weights
from ml.names.records import fold
from ml.progress import Step
from ml.scoring.evaluation import evaluate_list
from ml.training.recipes import Recipe
from ml.training.trainer import train
from tests.ml.conftest import slavic_records

RECORDS = slavic_records()
RATED = random.Random(0).sample([r for r in RECORDS if r.split == "train"], 60)
# A method that learns fast and asks nobody whether it harms.
RECKLESS = dataclasses.replace(KTO, name="reckless", replay=0.0, learning_rate=0.05, steps=20)


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


def distance(one: NameModel, other: NameModel) -> float:
    """Between the weights of two models."""
    squares = (((w - other.weights[n]) ** 2).sum() for n, w in one.weights.items())
    return math.sqrt(sum(map(float, squares)))


def assert_equal_weights(one: Weights, other: Weights) -> None:
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name])


@pytest.fixture(scope="module")
def taught(model: NameModel) -> Candidate:
    return learn_from_ratings(model, rate(likes_peace), seed=1, records=RECORDS)


def test_a_clear_preference_is_learnt_and_does_no_harm(taught: Candidate) -> None:
    gate = taught.report.gate
    assert gate.likelihood.passed
    assert gate.like_rate.passed
    # A model of a hundred names writes so few different ones that chance moves their share by 4 %,
    # on one of a few hundred machines below 0.9, the limit of the gate.
    assert gate.diversity.after > 0.75 * gate.diversity.before


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
    assert loaded.metrics["finetuning"]["method"] == "KTO"
    assert_equal_weights(loaded.weights, taught.model.weights)


def test_the_same_seed_gives_the_same_candidate(model: NameModel, taught: Candidate) -> None:
    before = {name: weight.copy() for name, weight in model.weights.items()}
    again = learn_from_ratings(model, rate(likes_peace), seed=1, records=RECORDS)
    # Up to rounding, which may depend on where memory happens to lie.
    assert distance(again.model, taught.model) < 0.01 * distance(taught.model, model)
    assert again.strength == taught.strength
    assert again.report.after.like_rate == pytest.approx(taught.report.after.like_rate, abs=0.01)
    assert_equal_weights(model.weights, before)


def test_opinions_that_do_not_carry_over_are_rejected(model: NameModel) -> None:
    held_out = {name.name for name in form_opinions(model, rate(likes_peace)).held_out}
    contrary = rate(lambda name: likes_peace(name) != (name in held_out))
    result = learn_from_ratings(model, contrary, seed=1, records=RECORDS)
    assert result.report.gate.likelihood.passed
    assert not result.report.gate.like_rate.passed
    assert not result.report.passed


def test_recklessness_is_stopped_by_the_gate_and_before_it_held_back(model: NameModel) -> None:
    opinions = form_opinions(model, rate(likes_peace))
    real = gather_real_names(model, opinions, RECORDS, seed=0)
    learnt = tune(model, opinions, real, RECKLESS, seed=0)
    reckless = dataclasses.replace(model, weights=learnt)
    before = evaluate_list(model, real.held_out).nats_per_symbol
    assert evaluate_list(reckless, real.held_out).nats_per_symbol > before + LARGEST_LOSS

    milder, strength = hold_back(learnt, model, real, seed=1)
    assert strength < 0.5
    assert evaluate_list(milder, real.held_out).nats_per_symbol <= before + LARGEST_LOSS


def test_weights_that_are_no_numbers_leave_the_model_as_it_was(model: NameModel) -> None:
    broken = dataclasses.replace(RECKLESS, objective=lambda batch: batch.log_probs.sum() * math.nan)
    result = learn_from_ratings(model, rate(likes_peace), seed=0, method=broken, records=RECORDS)
    assert result.strength == 0
    assert result.report.gate.failed == ["like_rate"]
    assert_equal_weights(result.model.weights, model.weights)


def test_progress_goes_through_the_three_phases(model: NameModel) -> None:
    steps: list[Step] = []
    short = dataclasses.replace(KTO, steps=3)
    learn_from_ratings(
        model, rate(likes_peace), seed=0, report=steps.append, method=short, records=RECORDS
    )
    assert list(dict.fromkeys(step.phase for step in steps)) == ["prepare", "train", "gate"]
    assert all(0 <= step.done <= step.total for step in steps)
    assert [step.done for step in steps if step.phase == "train"] == [1, 2, 3]


@pytest.mark.parametrize("value", [1, -1])
def test_one_sided_ratings_are_refused(model: NameModel, value: int) -> None:
    with pytest.raises(TooLittleData, match=r"at least 2 different (liked|disliked) names"):
        learn_from_ratings(model, rate(lambda _: value > 0), seed=0, records=RECORDS)


def test_a_model_of_a_plain_list_replays_what_it_writes_itself() -> None:
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
    opinions = form_opinions(model, ratings)
    real = gather_real_names(model, opinions, RECORDS, seed=0)
    replayed = {
        fold(model.alphabet.decode(row[1:length].tolist()))
        for row, length in zip(real.replayed.symbols, real.replayed.lengths, strict=True)
    }
    rated = {fold(rating.name) for rating in ratings}
    judged_by = {fold(name) for name in real.held_out}
    assert judged_by
    assert not judged_by & (replayed | rated)
    assert not replayed & {fold(name.name) for name in opinions.held_out}
    result = learn_from_ratings(model, ratings, seed=0)
    assert result.report.after.like_rate > result.report.before.like_rate


def rated_batch(log_ratios: list[float], liked: list[bool]) -> RatedBatch:
    log_probs = torch.tensor(log_ratios, requires_grad=True)
    return RatedBatch(
        log_probs, torch.zeros(len(liked)), torch.tensor(liked), torch.ones(len(liked))
    )


def test_kto_is_equation_8() -> None:
    batch = rated_batch([1.0, 2.0, -0.5, 0.3], [True, True, False, False])
    z0 = (1.0 + 2.0 - 0.5 + 0.3) / 4
    gains = [1.0 - z0, 2.0 - z0, z0 + 0.5, z0 - 0.3]
    expected = sum(1 - 1 / (1 + math.exp(-0.5 * gain)) for gain in gains) / 4 / 0.5
    assert float(kto(batch, beta=0.5).detach()) == pytest.approx(expected, rel=1e-4)


def test_the_reference_point_of_kto_is_never_negative_and_has_no_gradient() -> None:
    batch = rated_batch([-3.0, -1.0], [True, False])
    loss = kto(batch, beta=1.0)
    expected = (1 - 1 / (1 + math.exp(3.0)) + 1 - 1 / (1 + math.exp(-1.0))) / 2
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-4)
    (gradient,) = torch.autograd.grad(
        kto(rated := rated_batch([3.0, 1.0], [True, False])), rated.log_probs
    )
    assert gradient[0] < 0 < gradient[1]
