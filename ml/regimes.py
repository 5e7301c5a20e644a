"""The two regimes of training: what an epoch is made of, and what becomes of the state.

*independent*: each name is a sequence of its own, batches hold names of like length, the state
starts at zero and is thrown away (`ml.sequences`). *stream*: one text, or the names joined to one,
is read in parallel streams, the state carried and detached (`ml.streams`, `ml.tbptt`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ml.model import NameNetwork
from ml.sequences import Sequences, batches_by_length
from ml.streams import Text, cut_streams, join_lines
from ml.tbptt import TruncatedReader

Regime = Literal["independent", "stream"]

# Streams are few enough that each is at least this many blocks long: a state that is never
# carried would make them independent.
_FEWEST_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class Epoch:
    """Batches of inputs and targets ``(time, batch)``, and `read`, which gives the logits of one.

    They are to be read in order: in streams the state goes on from batch to batch.
    """

    batches: list[tuple[Tensor, Tensor]]
    read: Callable[[Tensor], Tensor]


def independent_epoch(
    network: NameNetwork,
    names: Sequences,
    order: Tensor,
    batch_size: int,
    generator: torch.Generator,
    *,
    masks: int = 1,
) -> Epoch:
    """The names of `order`, indices ``(n,)`` into `names`, in batches of like length.

    With several dropout `masks` logits are as many times as wide as the batch.
    """
    batches = batches_by_length(names.lengths[order], batch_size, generator)
    return Epoch(
        [names.batch(order[indices]) for indices in batches],
        lambda inputs: network(inputs, masks=masks)[0],
    )


def stream_epoch(
    network: NameNetwork, names: Sequences, order: Tensor, streams: int, k1: int, k2: int
) -> Epoch:
    """The names in this order, ``(n,)``, as one text in at most `streams` streams."""
    lines = [names.symbols[i, : names.lengths[i] + 1] for i in order]
    return text_epoch(network, join_lines(lines), streams, k1, k2)


def text_epoch(network: NameNetwork, text: Text, streams: int, k1: int, k2: int) -> Epoch:
    """A text as it stands, in at most `streams` streams; they begin with a state of zero."""
    streams = min(streams, max(len(text.targets) // (_FEWEST_BLOCKS * k1), 1))
    reader = TruncatedReader(network, k1, k2)
    return Epoch(list(cut_streams(text, streams).windows(k1)), reader.read)
