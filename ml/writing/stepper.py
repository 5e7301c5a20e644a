"""One symbol at a time, without autograd: the network's equations in NumPy, the state in hand.

At this size a step is the reading of one matrix, hidden to hidden; all else is kept small beside
it. What the input contributes to the first layer depends on the symbol alone, so it is multiplied
out once into a table with a row a symbol. A sigmoid is a tanh, ``(1 + tanh(x / 2)) / 2``: its x is
halved in the weights (a power of two, so nothing is rounded), and one call does for all gates of
an LSTM. Each step writes where the one before it wrote.

Equations and weights are those of `torch.nn` (its documentation of LSTM, GRU and RNN).
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ml.arrays import Floats, Symbols
from ml.models.network_config import Cell, NetworkConfig, Weights

Rows: TypeAlias = npt.NDArray[np.intp] | npt.NDArray[np.bool_]

# By layer: (h, c) of an LSTM, (h,) of a GRU or RNN; each (batch, hidden), or (hidden,) of one name.
StepState: TypeAlias = list[tuple[Floats, ...]]

# Before a product of two matrices OpenBLAS copies them into another order, unless it takes at most
# a million multiplications. With few rows the copy would take as long as the product; multiplied
# by not too many columns at a time, they do without it.
_FEW_ROWS = 32
_MULTIPLICATIONS = 1_000_000
_COLUMNS = 64  # whole vector registers
_HALF = np.float32(0.5)


class Stepper:
    """A network's weights laid out for stepping; never changed, so threads may share them."""

    def __init__(self, config: NetworkConfig, weights: Weights) -> None:
        self._state_parts = 2 if config.cell == "lstm" else 1
        self._hidden_size = config.hidden_size
        self.layers = [_Layer(weights, config.cell, layer) for layer in range(config.num_layers)]
        first = self.layers[0]
        self.table = weights["embedding.weight"] @ first.w_ih + first.b_ih  # (read, gates)
        self.w_out = np.ascontiguousarray(weights["output.weight"].T)  # (hidden, predicted)
        self.b_out = weights["output.bias"]

    def initial(self, batch: int) -> StepState:
        """The state before the first symbol: zeros."""
        zeros = np.zeros((batch, self._hidden_size), dtype=np.float32)
        return [(zeros,) * self._state_parts for _ in self.layers]

    def start(self, state: StepState, room: int | None = None) -> "Batch":
        """Names that go on from `state`, which is left as it is; see `Batch`."""
        return Batch(self, state, room)


class Batch:
    """Names under way, one a row, with the memory that all their steps share.

    There is `room` for so many, no fewer than there are in `state`; without it for just those.
    """

    def __init__(self, stepper: Stepper, state: StepState, room: int | None = None) -> None:
        *batch, hidden_size = state[0][0].shape
        shape = batch if room is None else [room]
        self._stepper = stepper
        self._room_for_state = [
            [np.empty((*shape, hidden_size), dtype=np.float32) for _ in parts] for parts in state
        ]
        self._spare_part = np.empty((*shape, hidden_size), dtype=np.float32)
        self._room_for_step = [
            np.empty((*shape, size), dtype=np.float32)
            for size in (stepper.table.shape[1], stepper.table.shape[1], len(stepper.b_out))
        ]
        self._use(slice(*batch) if batch else ...)
        for parts, given in zip(self._state, state, strict=True):
            for part, values in zip(parts, given, strict=True):
                part[...] = values

    @property
    def state(self) -> StepState:
        """Where the names stand now; later steps leave it as it is."""
        return [tuple(part.copy() for part in parts) for parts in self._state]

    def step(self, symbols: Symbols | int) -> Floats:
        """Feed one symbol a name, ``(batch,)``; to a single name without a batch, just a number.

        Returns the logits ``(batch, predicted)`` or ``(predicted,)`` of the next one; the next
        step overwrites them.
        """
        inputs, hiddens, logits = self._inputs, self._hiddens, self._logits
        # "clip", because NumPy would check the symbols by gathering into a copy first.
        self._stepper.table.take(symbols, axis=0, out=inputs, mode="clip")
        for number, layer in enumerate(self._stepper.layers):
            if number:  # reads what the layer below it says
                _multiply(self._state[number - 1][0], layer.w_ih, out=inputs)
                inputs += layer.b_ih
            _multiply(self._state[number][0], layer.w_hh, out=hiddens)
            if layer.b_hh is not None:
                hiddens += layer.b_hh
            layer.update(inputs, hiddens, self._state[number])
        _multiply(self._state[-1][0], self._stepper.w_out, out=logits)
        logits += self._stepper.b_out
        return logits

    def forget(self) -> None:
        """Begin anew, with a state of zeros."""
        for parts in self._state:
            for part in parts:
                part.fill(0)

    def branch(self, rows: npt.NDArray[np.intp]) -> None:
        """Go on with these rows: one can be left out, or go on as several."""
        for parts in self._room_for_state:
            for number, part in enumerate(parts):
                part.take(rows, axis=0, out=self._spare_part[: len(rows)], mode="clip")
                parts[number], self._spare_part = self._spare_part, part
        self._use(slice(len(rows)))

    def _use(self, rows: slice | EllipsisType) -> None:
        self._state = [tuple(part[rows] for part in parts) for parts in self._room_for_state]
        self._inputs, self._hiddens, self._logits = (room[rows] for room in self._room_for_step)


def select(state: StepState, rows: Rows | int) -> StepState:
    """The state of some names of the batch, by index or mask; by a number that of one."""
    return [tuple(part[rows] for part in layer) for layer in state]


def _multiply(rows: Floats, matrix: Floats, *, out: Floats) -> None:
    if rows.ndim == 1 or len(rows) > _FEW_ROWS:
        np.matmul(rows, matrix, out=out)
        return
    width = max(_MULTIPLICATIONS // rows.size // _COLUMNS, 1) * _COLUMNS
    for first in range(0, matrix.shape[1], width):
        columns = slice(first, first + width)
        np.matmul(rows, matrix[:, columns], out=out[:, columns])


class _Layer:
    """One layer's weights, transposed, ``(inputs or hidden, gates)``: a batch comes from the left.

    The gates that are sigmoids come first, with all that they add up halved.
    """

    def __init__(self, weights: Weights, cell: Cell, layer: int) -> None:
        kind = _CELLS[cell]

        def packed(name: str) -> Floats:
            gates = np.split(weights[f"cell.{name}_l{layer}"], len(kind.order))
            halved = [gates[gate] * _HALF for gate in kind.order[: kind.sigmoids]]
            others = [gates[gate] for gate in kind.order[kind.sigmoids :]]
            return np.ascontiguousarray(np.concatenate([*halved, *others]).T)

        self.update = kind.update
        self.w_ih, self.w_hh = packed("weight_ih"), packed("weight_hh")
        self.b_ih = packed("bias_ih")
        self.b_hh: Floats | None = packed("bias_hh")
        if cell != "gru":  # a GRU multiplies its hidden bias by the reset gate
            self.b_ih, self.b_hh = self.b_ih + self.b_hh, None


# Each makes the new state in place of the old from what input and state contribute to the gates,
# both (batch, gates), and uses up both.


def _rnn(inputs: Floats, hiddens: Floats, state: tuple[Floats, ...]) -> None:
    (h,) = state
    np.add(inputs, hiddens, out=h)
    np.tanh(h, out=h)


def _gru(inputs: Floats, hiddens: Floats, state: tuple[Floats, ...]) -> None:
    (h,) = state
    inputs_rz, inputs_n = np.split(inputs, [2 * h.shape[-1]], axis=-1)
    rz, n = np.split(hiddens, [2 * h.shape[-1]], axis=-1)
    rz += inputs_rz
    np.tanh(rz, out=rz)
    rz *= _HALF
    rz += _HALF
    r, z = np.split(rz, 2, axis=-1)
    n *= r
    n += inputs_n
    np.tanh(n, out=n)
    h -= n  # (1 - z) n + z h = n + z (h - n)
    h *= z
    h += n


def _lstm(inputs: Floats, hiddens: Floats, state: tuple[Floats, ...]) -> None:
    h, c = state
    size = h.shape[-1]
    gates = np.add(inputs, hiddens, out=hiddens)
    np.tanh(gates, out=gates)
    sigmoids, g = gates[..., : 3 * size], gates[..., 3 * size :]
    sigmoids *= _HALF
    sigmoids += _HALF
    i, f, o = sigmoids[..., :size], sigmoids[..., size : 2 * size], sigmoids[..., 2 * size :]
    c *= f
    g *= i
    c += g
    np.tanh(c, out=h)
    h *= o


@dataclass(frozen=True, slots=True)
class _CellKind:
    """`order`: the gates as `torch.nn` counts them, with the `sigmoids` brought to the front."""

    order: tuple[int, ...]
    sigmoids: int
    update: Callable[[Floats, Floats, tuple[Floats, ...]], None]


_CELLS: dict[Cell, _CellKind] = {
    "lstm": _CellKind(order=(0, 1, 3, 2), sigmoids=3, update=_lstm),
    "gru": _CellKind(order=(0, 1, 2), sigmoids=2, update=_gru),
    "rnn": _CellKind(order=(0,), sigmoids=0, update=_rnn),
}
