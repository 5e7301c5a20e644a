"""Truncated backpropagation through time, TBPTT(k1, k2).

A text is read in blocks of k1 steps. After each block its loss is backpropagated through the last
k2 >= k1 steps, and the weights can be updated::

                     k2 = 6
            |<----------------->|
    . . . . x x x x x x x x x x x      x: a step that was read
            ^               |-->|      k1 = 2: the steps whose loss is taken now
            h: a constant

So the loss of every step is used once, and reaches back between k2 - k1 + 1 steps (the first of a
block) and k2 steps (the last). This is BPTT(h; h') of Williams & Peng 1990, "An Efficient
Gradient-Based Algorithm for On-Line Training of Recurrent Network Trajectories", with h = k2 and
h' = k1; the names are those of Sutskever 2013, "Training Recurrent Neural Networks", section 2.8.6.

Where k1 = k2, blocks do not overlap and all there is to do is to detach the state between them.
Where k1 < k2, the k2 - k1 steps before a block are *read again*, with the weights as they are now.
One could keep their graphs instead. But a backward pass through a kept graph uses the weights that
it was made with, which the optimizer has meanwhile changed in place: PyTorch refuses. Reading again
costs at most one more forward pass per backward pass and needs no state but one.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from ml.networks.cells import State, map_state

Loss = Callable[[Tensor, Tensor], Tensor]


class Network(Protocol):
    """Whatever reads inputs ``(time, batch, ...)`` from a state on: a cell, a `NameNetwork`."""

    def __call__(self, inputs: Tensor, state: State | None, /) -> tuple[Tensor, State]:
        """Outputs ``(time, batch, ...)`` and the state after the last step."""


class TruncatedReader:
    """Reads a text block by block; the graph of the outputs reaches k2 steps back, no further.

    A trainer gives it the blocks in order and updates the weights after each::

        reader = TruncatedReader(network, k1=8, k2=32)
        for inputs, targets in streams.windows(8):
            loss = negative_log_likelihood(reader.read(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    It keeps one state and k2 - k1 steps of input, however long the text. Dropout falls anew on the
    steps that are read again.
    """

    def __init__(self, network: Network, k1: int, k2: int, state: State | None = None) -> None:
        """Start at `state`, a constant; zeros without one.

        Raises:
            ValueError: not 1 <= k1 <= k2.
        """
        if not 1 <= k1 <= k2:
            raise ValueError(f"truncated backpropagation needs 1 <= k1 <= k2, not {k1} and {k2}")
        self._network = network
        self._k1 = k1
        self._overlap = k2 - k1
        self._behind: Tensor | None = None  # inputs before the next block, at most k2 - k1 steps
        self._before = None if state is None else detach(state)  # the state before those
        self._after = self._before

    @property
    def state(self) -> State | None:
        """The state after the last step that was read, detached."""
        return self._after

    def read(self, inputs: Tensor) -> Tensor:
        """Outputs ``(time, batch, ...)`` for the next block, `inputs` ``(time, batch, ...)``.

        Raises:
            ValueError: the block is empty or longer than k1 steps; the last may be shorter.
        """
        if not 1 <= len(inputs) <= self._k1:
            raise ValueError(f"a block has 1 to {self._k1} steps, not {len(inputs)}")
        window = inputs if self._behind is None else torch.cat([self._behind, inputs])
        # The next window begins where this many steps have been read; the state there is kept.
        leaving = max(len(window) - self._overlap, 0)
        state, outputs = self._before, []
        if leaving:
            output, state = self._network(window[:leaving], state)
            outputs.append(output)
            self._before = detach(state)
        if leaving < len(window):
            output, state = self._network(window[leaving:], state)
            outputs.append(output)
        self._behind = window[leaving:]
        self._after = None if state is None else detach(state)
        return torch.cat(outputs)[-len(inputs) :]


def backpropagate(
    network: Network,
    loss: Loss,
    inputs: Tensor,
    targets: Tensor,
    *,
    k1: int,
    k2: int,
    state: State | None = None,
) -> float:
    """Add the truncated gradient of a whole text to the parameters' ``.grad``; no update between.

    `loss` sums over the steps of a block; the sum of all blocks is returned. With k2 at least the
    length of the text this is full backpropagation, whatever k1; the larger k1, the less is read
    again.
    """
    reader = TruncatedReader(network, k1, k2, state)
    total = 0.0
    for block, block_targets in zip(torch.split(inputs, k1), torch.split(targets, k1), strict=True):
        value = loss(reader.read(block), block_targets)
        torch.autograd.backward(value)
        total += float(value.detach())
    return total


def detach(state: State) -> State:
    """The same numbers, as constants: no gradient passes here."""
    return map_state(Tensor.detach, state)
