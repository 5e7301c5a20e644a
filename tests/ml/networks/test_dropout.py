"""Dropout by bytes."""

import pytest
import torch

from ml.networks.dropout import dropout


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.75])
def test_drops_at_the_rate_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    dropped = dropout(torch.ones(400, 500), rate)
    assert float((dropped == 0).float().mean()) == pytest.approx(rate, abs=1 / 256 + 0.005)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)
    assert len({*dropped.flatten().tolist()}) == 2


def test_every_place_has_a_coin_of_its_own() -> None:
    torch.manual_seed(0)
    often = sum((dropout(torch.ones(3, 7), 0.5) != 0).float() for _ in range(2_000)) / 2_000
    assert isinstance(often, torch.Tensor)
    assert float((often - 0.5).abs().max()) < 0.05


def test_the_seed_decides() -> None:
    values = torch.randn(5, 9)
    torch.manual_seed(1)
    first = dropout(values, 0.3)
    torch.manual_seed(1)
    assert torch.equal(first, dropout(values, 0.3))


def test_no_rate_changes_nothing() -> None:
    values = torch.randn(4, 4)
    assert torch.equal(dropout(values, 0.0), values)
