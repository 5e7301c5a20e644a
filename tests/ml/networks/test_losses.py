import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from ml.corpora.sequences import IGNORED
from ml.networks.losses import log_softmax, mean_negative_log_likelihood, target_log_probs


@settings(max_examples=60, deadline=None)
@given(
    time=st.integers(1, 6),
    batch=st.integers(1, 5),
    symbols=st.integers(1, 8),
    scale=st.sampled_from([0.0, 1.0, 30.0, 1e4]),
    ignored=st.floats(0, 0.9),
    seed=st.integers(0, 2**31 - 1),
)
def test_value_and_gradient_equal_cross_entropy(
    time: int, batch: int, symbols: int, scale: float, ignored: float, seed: int
) -> None:
    torch.manual_seed(seed)
    logits = (scale * torch.randn(time, batch, symbols, dtype=torch.float64)).requires_grad_()
    targets = torch.randint(0, symbols, (time, batch))
    targets[torch.rand(time, batch) < ignored] = IGNORED
    targets[0, 0] = 0
    loss = mean_negative_log_likelihood(logits, targets)
    flat = logits.flatten(0, 1)
    expected = functional.cross_entropy(flat, targets.flatten(), ignore_index=IGNORED)
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=1e-12)
    (gradient,) = torch.autograd.grad(loss, logits)
    (expected_gradient,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-12, atol=1e-12)
    each = functional.cross_entropy(flat, targets.flatten(), reduction="none")
    log_probs = target_log_probs(logits, targets)
    torch.testing.assert_close(log_probs.flatten(), -each, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("largest", [1e3, 1e30, 3e37])
def test_extreme_logits_stay_finite(largest: float) -> None:
    logits = torch.tensor([[largest, -largest, 0.0], [-largest] * 3, [largest] * 3])
    logits.requires_grad_()
    log_probs = log_softmax(logits)
    assert torch.isfinite(log_probs).all()
    torch.testing.assert_close(log_probs, functional.log_softmax(logits, dim=-1))
    torch.testing.assert_close(log_probs[1:], torch.full((2, 3), 1 / 3).log())
    (gradient,) = torch.autograd.grad(log_probs[:, 1].sum(), logits)
    assert torch.isfinite(gradient).all()
    naive = logits.softmax(dim=-1).log()
    assert not torch.isfinite(naive).all()


def test_a_forbidden_symbol_does_not_spoil_what_is_ignored() -> None:
    logits = torch.tensor([[-torch.inf, 0.0], [-torch.inf, 0.0]])
    loss = mean_negative_log_likelihood(logits, torch.tensor([IGNORED, 1]))
    assert float(loss) == 0.0
    assert float(target_log_probs(logits, torch.tensor([0, 1]))[0]) == -torch.inf


def test_shifting_all_logits_changes_nothing() -> None:
    logits = torch.randn(4, 7, dtype=torch.float64)
    torch.testing.assert_close(log_softmax(logits), log_softmax(logits + 1e3))
    torch.testing.assert_close(log_softmax(logits).exp().sum(-1), torch.ones(4).double())


def test_nothing_but_padding_has_no_mean() -> None:
    assert mean_negative_log_likelihood(torch.zeros(2, 3), torch.full((2,), IGNORED)).isnan()
