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

from ml.corpora.sequences import IGNORED, Sequences
from ml.corpora.streams import Streams, cut_streams, join_lines, shuffle_lines
from ml.networks.losses import negative_log_likelihood
from ml.networks.network import NameNetwork
from ml.training.trainer import one_cycle

LARGEST_GRADIENT = 1.0

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
    parameters = list(network.parameters())
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
        for group in stepper.param_groups:
            group["lr"] = learning_rate * one_cycle(way)
        stepper.zero_grad()
        symbols += next(passes)
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, largest_gradient)))
        stepper.step()
    network.eval()
    return Fit(symbols, seconds, tuple(norms))


def independent_passes(
    network: NameNetwork, names: Sequences, batch: int, generator: torch.Generator
) -> Iterator[int]:
    """Without end: batches of names of like length, each read from a zero state."""
    while True:
        for inputs, targets in independent_epoch(names, batch, generator):
            yield backpropagate_mean(network(inputs)[0], targets)


def independent_epoch(
    names: Sequences, batch: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and targets ``(time, batch)``; names that do not fill a last batch sit out.

    A random order before it is cut sees to it that they are others each time.
    """
    batch = min(batch, len(names))
    order = torch.randperm(len(names), generator=generator)
    order = order[: len(names) // batch * batch]
    blurred = names.lengths[order] + 2.0 * torch.rand(len(order), generator=generator)
    batches = torch.split(order[blurred.argsort()], batch)
    for place in torch.randperm(len(batches), generator=generator).tolist():
        yield names.batch(batches[place])


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
