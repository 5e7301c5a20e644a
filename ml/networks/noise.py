"""The noise of training, which keeps a network from learning its names by heart."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.func import functional_call

from ml.networks.cells import AnyCell, State, map_state

_SIDES = 256


@dataclass(frozen=True, slots=True)
class Noise:
    """How much of a network is left out, at random, while it is trained.

    `dropout` is that share of the cell's outputs, each for itself, and half of it the share of the
    embeddings. `recurrent` is that share of the cell: of its hidden-to-hidden weights, each for
    itself (DropConnect; Merity et al. 2017, AWD-LSTM, section 2), or of its units, which sit out
    for a whole batch (Gal & Ghahramani 2016, "A Theoretically Grounded Application of Dropout in
    Recurrent Neural Networks", with one mask for all names).
    """

    dropout: float = 0.0
    recurrent: float = 0.0
    falls_on: Literal["units", "weights"] = "units"


NO_NOISE = Noise()


def dropout(values: Tensor, rate: float) -> Tensor:
    """`values` with about `rate` of them 0 and the others scaled up, so that the mean stays.

    As `torch.nn.functional.dropout`, but that draws one random number a coin, in one thread. Here
    one number is eight coins, a byte each, so the rate is rounded to 1/256. Draws from torch's
    global generator.
    """
    kept = round(_SIDES * (1 - rate))
    if kept == _SIDES:
        return values
    words = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
    coins = words.view(torch.uint8)[: values.numel()].view(values.shape)
    return values * (coins < kept).to(values.dtype).mul_(_SIDES / kept)


def run_noisy(
    cell: AnyCell, noise: Noise, inputs: Tensor, state: State | None
) -> tuple[Tensor, State]:
    """Outputs and state of `cell`, as when it is called, with the `recurrent` noise on it."""
    if noise.falls_on == "units":
        sitting_out = int(noise.recurrent * cell.hidden_size)
        units = torch.randperm(cell.hidden_size)[sitting_out:].sort().values
        return _run_units(cell, units, inputs, state)
    weights = {
        name: dropout(weight, noise.recurrent)
        for name, weight in cell.named_parameters()
        if name.startswith("weight_hh")
    }
    outputs, after = functional_call(cell, weights, (inputs, state))
    return outputs, after


def _run_units(
    cell: AnyCell, units: Tensor, inputs: Tensor, state: State | None
) -> tuple[Tensor, State]:
    """Run `units` ``(n,)`` alone; the others are 0, in the outputs and in the state.

    What is left is a smaller cell, and a faster one: without a quarter of its units a cell has 44%
    fewer products to compute.
    """
    hidden = cell.hidden_size
    scale = hidden / len(units)  # a sum over those that are left comes out as large as over all
    with torch.device("meta"):  # its own weights are never read
        smaller = type(cell)(cell.input_size, len(units), cell.num_layers)
    weights = {}
    for name, weight in cell.named_parameters():
        by_gate = weight.view(-1, hidden, *weight.shape[1:])
        weights[name] = by_gate.index_select(1, units).flatten(0, 1)
        if name.startswith("weight") and name != "weight_ih_l0":  # multiplied with hidden states
            weights[name] = scale * weights[name].index_select(1, units)

    def spread(part: Tensor) -> Tensor:
        return part.new_zeros(*part.shape[:-1], hidden).index_copy(-1, units, part)

    if state is not None:
        state = map_state(lambda part: part.index_select(-1, units), state)
    outputs, after = functional_call(smaller, weights, (inputs, state))
    return spread(scale * outputs), map_state(spread, after)
