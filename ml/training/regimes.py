"""The two regimes of training: what an epoch is made of, and what becomes of the state.

*independent*: each name is a sequence of its own, batches hold names of like length, the state
starts at zero and is thrown away (`ml.corpora.sequences`). *stream*: one text, or the names joined
to one, is read in parallel streams, the state carried and detached (`ml.corpora.streams`,
`ml.networks.tbptt`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from ml.corpora.sequences import IGNORED, Sequences, batches_by_length
from ml.corpora.streams import Text, cut_streams, join_lines
from ml.names.alphabet import END, UNKNOWN
from ml.networks.losses import negative_log_likelihood
from ml.networks.network import NameNetwork
from ml.networks.tbptt import TruncatedReader

# Streams are few enough that each is at least this many blocks long: a state that is never
# carried would make them independent.
_FEWEST_BLOCKS = 20
# A letter becomes the unknown symbol this often: else the network would never have met it, and a
# strange letter would cost whatever chance had put there.
_UNKNOWN_RATE = 0.0005


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one step learns from: `loss()` is the mean, in nats, over so many predicted `symbols`.

    Those of an epoch are to be taken in order: in streams the state goes on from one to the next.
    """

    symbols: int
    loss: Callable[[], Tensor]


def draw_by_weight(weights: Tensor, generator: torch.Generator) -> Tensor:
    """As many indices into `weights` ``(n,)``, in random order, for one epoch.

    Of n draws an index gets its share by weight, rounded up or down by chance: independent draws
    would leave out a third of the names in every epoch (systematic resampling; Kitagawa 1996,
    "Monte Carlo Filter and Smoother", appendix). Of equal weights each index comes once.
    """
    shuffled = torch.randperm(len(weights), generator=generator)
    edges = weights[shuffled].double().cumsum(dim=0)
    points = torch.arange(len(weights)) + torch.rand(1, generator=generator).double()
    # Never the very last edge: rounding may put it just below the last point.
    drawn = torch.searchsorted(edges[:-1], points * (edges[-1] / len(weights)), right=True)
    return shuffled[drawn][torch.randperm(len(weights), generator=generator)]


def independent_epoch(
    network: NameNetwork,
    names: Sequences,
    order: Tensor,
    batch_size: int,
    generator: torch.Generator,
) -> list[Lesson]:
    """The names of `order`, indices ``(n,)`` into `names`, in batches of like length."""
    names = replace(names, symbols=_with_unknown_letters(names, generator))
    by_length = batches_by_length(names.lengths[order], batch_size, generator)
    return [
        Lesson(int(names.lengths[batch].sum()), partial(_loss_of_names, network, names, batch))
        for batch in (order[indices] for indices in by_length)
    ]


def stream_epoch(
    network: NameNetwork,
    names: Sequences,
    order: Tensor,
    streams: int,
    k1: int,
    k2: int,
    generator: torch.Generator,
) -> list[Lesson]:
    """The names in this order, ``(n,)``, as one text in at most `streams` streams."""
    lines = [names.symbols[i, : names.lengths[i] + 1] for i in order]
    return text_epoch(network, join_lines(lines), streams, k1, k2, generator)


def text_epoch(
    network: NameNetwork, text: Text, streams: int, k1: int, k2: int, generator: torch.Generator
) -> list[Lesson]:
    """A text as it stands, in at most `streams` streams; they begin with a state of zero."""
    streams = min(streams, max(len(text.targets) // (_FEWEST_BLOCKS * k1), 1))
    reader = TruncatedReader(network, k1, k2)
    blocks = cut_streams(_with_unknowns(text, generator), streams).windows(k1)
    return [
        Lesson(int((targets != IGNORED).sum()), partial(_loss_of_block, reader, inputs, targets))
        for inputs, targets in blocks
    ]


def _loss_of_names(network: NameNetwork, names: Sequences, batch: Tensor) -> Tensor:
    inputs, targets = names.batch(batch)
    return negative_log_likelihood(network(inputs)[0], targets)


def _loss_of_block(reader: TruncatedReader, inputs: Tensor, targets: Tensor) -> Tensor:
    return negative_log_likelihood(reader.read(inputs), targets)


def _with_unknown_letters(names: Sequences, generator: torch.Generator) -> Tensor:
    """The symbols of `names`, a few letters made unknown."""
    place = torch.arange(names.symbols.shape[1])
    letters = (place > 0) & (place < names.lengths[:, None])
    strange = torch.rand(names.symbols.shape, generator=generator) < _UNKNOWN_RATE
    return names.symbols.masked_fill(strange & letters, UNKNOWN)


def _with_unknowns(text: Text, generator: torch.Generator) -> Text:
    """`text` with a few letters made unknown, as targets and as the inputs that they become."""
    strange = torch.rand(text.targets.shape, generator=generator) < _UNKNOWN_RATE
    strange &= text.targets != END
    inputs = text.inputs.clone()
    inputs[1:].masked_fill_(strange[:-1], UNKNOWN)
    return Text(inputs, text.targets.masked_fill(strange, UNKNOWN))
