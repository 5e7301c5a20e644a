"""Names as tensors: encoding, and batches of names of like length.

Each name is a sequence of its own (the *independent* regime): its hidden state starts at zero and
is thrown away. Batches hold names of nearly equal length, so that hardly a step is spent on
padding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ml.names.alphabet import END

# What `cross_entropy` and friends pass over by default.
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Sequences:
    """Encoded names.

    `symbols` ``(names, longest + 2)``: start, letters, end, then padding (more ends).
    `lengths` ``(names,)``: predicted symbols of each, its letters and its end.
    """

    symbols: Tensor
    lengths: Tensor

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def predicted(self) -> Tensor:
        """Whether a place ``(names, longest + 1)`` holds a letter or an end, not padding."""
        return torch.arange(self.symbols.shape[1] - 1) < self.lengths[:, None]

    def rows(self) -> list[list[int]]:
        """Start symbol and letters of each, without the end: what n-grams are counted in."""
        rows = zip(self.symbols.tolist(), self.lengths.tolist(), strict=True)
        return [row[:length] for row, length in rows]

    def batch(self, indices: Tensor, *, given: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Inputs and targets, both ``(time, batch)``; targets past an end are `IGNORED`.

        So are those of the first `given` ``(names,)`` letters of each name.
        """
        lengths = self.lengths[indices]
        longest = int(lengths.max())
        symbols = self.symbols[indices, : longest + 1].t()  # (time + 1, batch)
        place = torch.arange(longest)[:, None]
        ignored = place >= lengths
        if given is not None:
            ignored |= place < given[indices]
        return symbols[:-1], symbols[1:].masked_fill(ignored, IGNORED)


def encode_sequences(starts: Sequence[int], names: Sequence[Sequence[int]]) -> Sequences:
    """Stack encoded names (letters only), each after its start symbol."""
    lengths = torch.tensor([len(name) + 1 for name in names])
    symbols = torch.full((len(names), int(lengths.max()) + 1), END)
    for row, (start, name) in enumerate(zip(starts, names, strict=True)):
        symbols[row, : len(name) + 1] = torch.tensor([start, *name])
    return Sequences(symbols, lengths)


def batches_by_length(lengths: Tensor, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """Indices of every name once, in batches of like length, the batches in random order.

    Lengths are blurred by up to one before they are sorted: else a name would always meet the
    same neighbours.
    """
    blurred = lengths + 2.0 * torch.rand(len(lengths), generator=generator)
    batches = torch.split(blurred.argsort(), batch_size)
    order = torch.randperm(len(batches), generator=generator)
    return [batches[int(position)] for position in order]


def batches_in_order(lengths: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Indices of every name once, shortest first: for scoring, where order does not matter."""
    yield from torch.split(lengths.argsort(stable=True), batch_size)
