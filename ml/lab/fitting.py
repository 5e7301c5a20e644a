"""The short trainings of the experiments: a budget instead of a judge.

`ml.training.trainer` keeps the best of many epochs by the valid split. Here runs are to be
compared, so each makes the same number of updates, or takes the same time, and its last state is
what counts.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ml.corpora.sequences import IGNORED, Sequences, batches_by_length
from ml.corpora.streams import Streams, cut_streams, join_lines, shuffle_lines
from ml.networks.losses import negative_log_likelihood
from ml.networks.network import NameNetwork
from ml.training.step import LARGEST_GRADIENT, one_cycle, take_step

# Adaptive steps hide how long a gradient is; plain ones are as long as the gradient itself.
Optimizer = Literal["adamw", "sgd"]


@dataclass(frozen=True, slots=True)
class Budget:
    """When a training ends: after so many updates, or so many seconds of processor time."""

    updates: float = math.inf
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Fit:
    """How a training went: `norms` are those of each update's gradient, before it was clipped."""

    symbols: int
    seconds: float
    norms: tuple[float, ...]


def fit(
    network: NameNetwork,
    passes: Iterator[int],
    budget: Budget,
    *,
    learning_rate: float = 1.2e-2,
    optimizer: Optimizer = "adamw",
    largest_gradient: float = LARGEST_GRADIENT,
) -> Fit:
    """Train `network` along one learning-rate cycle.

    Each item drawn from `passes` adds the gradient of one update to the parameters' ``.grad``, and
    is the number of symbols that it was made of.
    """
    parameters = network.parameters()
    stepper: torch.optim.Optimizer
    if optimizer == "adamw":
        stepper = torch.optim.AdamW(parameters, learning_rate, betas=(0.9, 0.99), fused=True)
    else:
        stepper = torch.optim.SGD(parameters, learning_rate)
    network.train()
    symbols, norms = 0, list[float]()
    started = time.process_time()
    while True:
        seconds = time.process_time() - started
        way = max(len(norms) / budget.updates, seconds / budget.seconds)
        if way >= 1:
            break
        symbols += next(passes)
        rate = learning_rate * one_cycle(way)
        norms.append(take_step(stepper, rate, largest_gradient=largest_gradient))
    network.eval()
    return Fit(symbols, seconds, tuple(norms))


def independent_passes(
    network: NameNetwork, names: Sequences, batch: int, generator: torch.Generator
) -> Iterator[int]:
    """Without end: batches of names of like length, each read from a zero state."""
    while True:
        for inputs, targets in full_batches(names, batch, generator):
            yield backpropagate_mean(network(inputs)[0], targets)


def full_batches(
    names: Sequences, batch: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """An epoch of inputs and targets ``(time, batch)``; names that do not fill a batch sit out.

    A random order before it is cut sees to it that they are others each time.
    """
    batch = min(batch, len(names))
    order = torch.randperm(len(names), generator=generator)
    order = order[: len(names) // batch * batch]
    for indices in batches_by_length(names.lengths[order], batch, generator):
        yield names.batch(order[indices])


def shuffled_streams(names: Sequences, streams: int, generator: torch.Generator) -> Streams:
    """All names as one text in random order, in parallel streams."""
    return cut_streams(join_lines(shuffle_lines(lines_of(names), generator)), streams)


def lines_of(names: Sequences) -> list[Tensor]:
    """Each name ``(letters + 2,)``: its start symbol, its letters, the end."""
    pairs = zip(names.symbols, names.lengths.tolist(), strict=True)
    return [symbols[: length + 1] for symbols, length in pairs]


def backpropagate_mean(logits: Tensor, targets: Tensor) -> int:
    """Add the gradient of the mean loss; returns how many symbols were predicted."""
    torch.autograd.backward(negative_log_likelihood(logits, targets))
    return int((targets != IGNORED).sum())
