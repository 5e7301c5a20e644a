"""The *stream* regime: one long text, read by many readers at once, their states carried along.

A network that carries its state reads in order: shuffled symbols, or windows in random order,
would put every state before a text that it has nothing to do with. Yet training wants batches of
unlike symbols and another order each epoch. Both are had without breaking the sequence::

    text      A n n a ⏎ I v a n ⏎ O l g a ⏎          names, one a line, in a new order each epoch

    stream 0  A n n a | ⏎             time ->        the text is cut into `batch` contiguous
    stream 1  I v a n | ⏎                            streams that are read side by side;
    stream 2  O l g a | ⏎                            a window is `time` steps of them all
              window 0  window 1

- **What is shuffled is whole lines, before they are joined** (`join_lines` of the lines in random
  order): the inside of a name is never touched, and what stands before it was never meaningful. A
  text whose lines do follow one another (a book) is not shuffled at all.
- **A batch mixes places, not times**: its columns are far apart in the text, so that the gradient
  is an average over unlike symbols, but column b of a window goes on where column b of the window
  before stopped. So may its state: carried as a number, detached as a function
  (`ml.networks.tbptt`).
- A new epoch is a new text: its states begin at zero.

The end of a line has two faces, as in `ml.corpora.sequences`: what is *predicted* is `END`; what is
*read* after it is the start symbol of the next line. So a model of either regime can be used in the
other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ml.corpora.sequences import IGNORED
from ml.names.alphabet import END


@dataclass(frozen=True, slots=True)
class Text:
    """A text as symbols: at each step one is read and the next one is to be predicted.

    `inputs` and `targets`, both ``(symbols,)``; they are equal but for one step of shift and the
    ends of lines.
    """

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class Streams:
    """A text in parallel streams, `inputs` and `targets`, both ``(steps, batch)``."""

    inputs: Tensor
    targets: Tensor

    def windows(self, time: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and targets ``(time, batch)``, in order; the last window may be shorter."""
        yield from zip(torch.split(self.inputs, time), torch.split(self.targets, time), strict=True)


def encode_lines(starts: Sequence[int], lines: Sequence[Sequence[int]]) -> list[Tensor]:
    """Each line ``(letters + 2,)``: its start symbol, its letters, the end. It may be empty."""
    return [
        torch.tensor([start, *letters, END]) for start, letters in zip(starts, lines, strict=True)
    ]


def shuffle_lines(lines: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """The same lines in random order, each left as it is."""
    return [lines[i] for i in torch.randperm(len(lines), generator=generator).tolist()]


def join_lines(lines: Sequence[Tensor]) -> Text:
    """One text of lines from `encode_lines`, in the order given.

    Raises:
        ValueError: there are no lines.
    """
    if not lines:
        raise ValueError("there are no lines to join")
    return Text(
        inputs=torch.cat([line[:-1] for line in lines]),
        targets=torch.cat([line[1:] for line in lines]),
    )


def cut_streams(text: Text, batch: int) -> Streams:
    """Cut a text into `batch` contiguous streams, whose lengths differ by one step at most.

    Every symbol is a target exactly once. Shorter streams are filled up with one step whose target
    is `IGNORED`.

    Raises:
        ValueError: the text has fewer symbols than there are to be streams, or there are none.
    """
    symbols = len(text.targets)
    if not 1 <= batch <= symbols:
        raise ValueError(f"a text of {symbols} symbols cannot be cut into {batch} streams")
    return Streams(
        inputs=_columns(text.inputs, batch, padding=END),
        targets=_columns(text.targets, batch, padding=IGNORED),
    )


def _columns(symbols: Tensor, batch: int, padding: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(
        list(torch.tensor_split(symbols, batch)), padding_value=padding
    )  # (steps, batch)
