from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from ml.arrays import Symbols
from ml.networks import cells
from ml.networks.numpy_rnn import (
    Reals,
    TextModel,
    Weights,
    backward,
    forward,
    loss,
    random_weights,
    train,
)
from tests.ml.conftest import slavic_records

TEXT = "\n" + "".join(record.name.lower() + "\n" for record in slavic_records())


def numerical_gradient(
    parameters: tuple[Reals, ...], weights: Weights, inputs: Symbols, targets: Symbols, h: Reals
) -> list[Reals]:
    """(L(w + s) - L(w - s)) / (2 s) for every number w in `parameters`, moved in place and back."""
    step = 1e-5
    gradient = [np.empty_like(parameter) for parameter in parameters]
    for parameter, derivative in zip(parameters, gradient, strict=True):
        for index, value in np.ndenumerate(parameter):
            losses = []
            for moved in (value + step, value - step):
                parameter[index] = moved
                losses.append(loss(forward(weights, inputs, h), targets))
            parameter[index] = value
            derivative[index] = (losses[0] - losses[1]) / (2 * step)
    return gradient


@settings(max_examples=30, deadline=None)
@given(
    time=st.integers(1, 8),
    symbols=st.integers(2, 6),
    hidden=st.integers(1, 6),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_gradient_equals_the_numerical_one(
    time: int, symbols: int, hidden: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weights = random_weights(symbols, hidden, rng)
    inputs, targets = rng.integers(symbols, size=time), rng.integers(symbols, size=time)
    h = rng.normal(size=hidden)
    gradient, d_h = backward(weights, inputs, targets, forward(weights, inputs, h))
    numerical = numerical_gradient((*weights, h), weights, inputs, targets, h)
    exact = np.concatenate([part.ravel() for part in (*gradient, d_h)])
    approximate = np.concatenate([part.ravel() for part in numerical])
    error = np.linalg.norm(exact - approximate) / np.linalg.norm(approximate)
    assert error < 1e-6
    np.testing.assert_allclose(exact, approximate, rtol=1e-6, atol=1e-7)


def test_loss_and_gradient_equal_those_of_autograd() -> None:
    rng = np.random.default_rng(0)
    weights = random_weights(5, 7, rng)
    inputs, targets = rng.integers(5, size=12), rng.integers(5, size=12)
    h = rng.normal(size=7)
    passed = forward(weights, inputs, h)
    gradient, d_h = backward(weights, inputs, targets, passed)

    tensors = [torch.from_numpy(array).requires_grad_() for array in (*weights, h)]
    w_xh, w_hh, w_hy, b_h, b_y, state = tensors
    outputs, _ = torch.func.functional_call(
        cells.RNN(5, 7),
        {"weight_ih_l0": w_xh, "weight_hh_l0": w_hh, "bias_ih_l0": b_h, "bias_hh_l0": 0 * b_h},
        (functional.one_hot(torch.from_numpy(inputs)).double(), state[None]),
    )
    logits = outputs @ w_hy.t() + b_y
    expected = functional.cross_entropy(logits, torch.from_numpy(targets), reduction="sum")
    assert loss(passed, targets) == pytest.approx(float(expected.detach()), abs=1e-12)
    for ours, theirs in zip((*gradient, d_h), torch.autograd.grad(expected, tensors), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-12)


def test_it_learns_names() -> None:
    losses, last = [], None
    for model, value in islice(train(TEXT, hidden=32, seed=0), 400):
        losses.append(value)
        last = model
    assert losses[0] == pytest.approx(np.log(len(set(TEXT))), abs=1.0)  # knows nothing
    assert np.mean(losses[-40:]) < 0.9  # letter counts alone cost 2.7, a bigram table 1.2
    assert last is not None
    written = last.continue_text("\n", 300, np.random.default_rng(0)).split("\n")[:-1]
    known = set(TEXT.split("\n"))
    assert sum(name in known for name in written) >= 3  # whole names, of nine letters or so


def test_the_same_seed_gives_the_same_model() -> None:
    first, again, other = (
        [value for _, value in islice(train(TEXT, hidden=8, seed=seed), 20)] for seed in (3, 3, 4)
    )
    assert first == pytest.approx(again, rel=1e-6)  # up to rounding
    assert first != pytest.approx(other, rel=1e-2)


def test_a_carried_state_writes_what_reading_all_again_would() -> None:
    rng = np.random.default_rng(1)
    model = TextModel("\nabc", random_weights(4, 6, rng))
    expected = "ab"
    choices = np.random.default_rng(2)
    for _ in range(50):
        passed = forward(model.weights, model.encode(expected), np.zeros(6))
        expected += model.letters[choices.choice(4, p=np.exp(passed.log_probs[-1]))]
    assert "ab" + model.continue_text("ab", 50, np.random.default_rng(2)) == expected


@pytest.mark.parametrize("text", ["", "ж"])
def test_what_cannot_be_continued_is_refused(text: str) -> None:
    model = TextModel("\nabc", random_weights(4, 6, np.random.default_rng(0)))
    with pytest.raises(ValueError, match=r"no text|not found"):
        model.continue_text(text, 1, np.random.default_rng(0))
