"""The step that every training takes, and its rate."""

import pytest
import torch

from ml.training.step import one_cycle, take_step


@pytest.mark.parametrize(("gradient", "moved"), [(3.0, 0.5), (0.2, 0.2)])
def test_a_step_goes_down_the_gradient_shortened_if_need_be(gradient: float, moved: float) -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=9.0)
    for steps in (1, 2):  # the second is no longer for the gradient of the first
        torch.autograd.backward(gradient * weight)
        length = take_step(optimizer, 0.1, largest_gradient=0.5)
        assert length == pytest.approx(gradient, rel=1e-4)
        assert float(weight.detach()) == pytest.approx(-0.1 * steps * moved, rel=1e-4)


def test_one_cycle_rises_and_falls() -> None:
    rates = [one_cycle(way / 100) for way in range(101)]
    peak = rates.index(max(rates))
    assert peak == 10
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] > 0
