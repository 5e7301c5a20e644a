"""Dropout by bytes, units that sit out, weights that fall out."""

from typing import Literal

import pytest
import torch
from torch import Tensor

from ml.models.network_config import Cell, NetworkConfig
from ml.networks.network import Impl, NameNetwork
from ml.networks.noise import NO_NOISE, Noise, dropout
from ml.networks.tbptt import detach


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


CELLS: tuple[Cell, ...] = ("lstm", "gru", "rnn")
IMPLS: tuple[Impl, ...] = ("torch", "scratch")
HIDDEN = 12


def noisy(cell: Cell, impl: Impl, noise: Noise, layers: int = 1) -> NameNetwork:
    torch.manual_seed(0)
    config = NetworkConfig(cell, embedding_size=4, hidden_size=HIDDEN, num_layers=layers)
    return NameNetwork(config, read=9, predicted=8, impl=impl, noise=noise)


def gradients(network: NameNetwork, logits: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(logits.square().sum(), list(network.parameters()))


@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("impl", IMPLS)
@pytest.mark.parametrize("cell", CELLS)
def test_units_that_sit_out_are_zero_and_the_others_make_up_for_them(
    cell: Cell, impl: Impl, layers: int, carried: bool
) -> None:
    network = noisy(cell, impl, Noise(recurrent=0.25), layers)
    symbols = torch.randint(9, (5, 3))
    state = detach(network.eval()(symbols)[1]) if carried else None
    network.train()
    logits, after = network(symbols, state)
    hidden = after if isinstance(after, Tensor) else after[0]
    working = (hidden != 0).any(dim=0).any(dim=0)  # (hidden,)
    assert int(working.sum()) == 9
    # The whole cell, with what is read from the others made 0 and from these scaled up.
    scaled = working * HIDDEN / 9
    weights = {
        name: weight * scaled if weight.shape[-1:] == (HIDDEN,) and "weight" in name else weight
        for name, weight in network.named_parameters()
    }
    expected, whole = torch.func.functional_call(network.eval(), weights, (symbols, state))
    torch.testing.assert_close(logits, expected)
    whole_hidden = whole if isinstance(whole, Tensor) else whole[0]
    torch.testing.assert_close(hidden, whole_hidden * working)
    for got, wanted in zip(gradients(network, logits), gradients(network, expected), strict=True):
        torch.testing.assert_close(got, wanted)


@pytest.mark.parametrize("impl", IMPLS)
@pytest.mark.parametrize("cell", CELLS)
def test_weights_fall_out_of_the_recurrent_matrix_alone(cell: Cell, impl: Impl) -> None:
    network = noisy(cell, impl, Noise(recurrent=0.5, falls_on="weights"))
    first = torch.randint(9, (1, 3))  # from a zero state nothing is read of that matrix
    torch.testing.assert_close(network(first)[0], network.eval()(first)[0])
    network.train()
    symbols = torch.randint(9, (5, 3))
    recurrent = network.cell.get_parameter("weight_hh_l0")
    gradient = torch.autograd.grad(network(symbols)[0].sum(), recurrent)[0]
    assert float((gradient == 0).float().mean()) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("falls_on", ["units", "weights"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_noise_is_the_same_whosoever_the_cell(
    cell: Cell, falls_on: Literal["units", "weights"]
) -> None:
    noise = Noise(dropout=0.4, recurrent=0.25, falls_on=falls_on)
    ours, theirs = (noisy(cell, impl, noise) for impl in IMPLS)
    ours.load_state_dict(theirs.state_dict())
    symbols = torch.randint(9, (5, 3))
    logits = []
    for network in (ours, theirs):
        torch.manual_seed(1)
        logits.append(network(symbols)[0])
    torch.testing.assert_close(*logits)
    torch.manual_seed(2)
    assert not torch.allclose(ours(symbols)[0], logits[0])


def test_noise_falls_in_training_alone() -> None:
    noise = Noise(dropout=0.4, recurrent=0.25)
    loud, silent = noisy("lstm", "torch", noise).eval(), noisy("lstm", "torch", NO_NOISE)
    symbols = torch.randint(9, (5, 3))
    torch.testing.assert_close(loud(symbols)[0], silent(symbols)[0])
