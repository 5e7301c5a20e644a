"""One symbol at a time, without autograd: the network's equations in NumPy, the state in hand.

What the input contributes to the first layer depends on the symbol alone, so it is multiplied out
once into a table with a row a symbol: the embedding and its matrix product cost nothing later.
Gate order and equations are those of `torch.nn` (its documentation of LSTM, GRU and RNN).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ml.model import NameModel

Floats: TypeAlias = npt.NDArray[np.float32]
Symbols: TypeAlias = npt.NDArray[np.int64]

# By layer: (h, c) of an LSTM, (h,) of a GRU or RNN; each (batch, hidden).
StepState: TypeAlias = list[tuple[Floats, ...]]


class Stepper:
    """Steps a model's network: `initial` state, then `step` after `step`."""

    def __init__(self, model: NameModel) -> None:
        config = model.network.config
        weights = model.weights()
        self._cell = config.cell
        self._hidden_size = config.hidden_size
        self._layers = [_Layer(weights, config.cell, layer) for layer in range(config.num_layers)]
        self._table = self._layers[0].contribution(weights["embedding.weight"])
        self._output = np.ascontiguousarray(weights["output.weight"].T)  # (hidden, predicted)
        self._output_bias = weights["output.bias"]

    def initial(self, batch: int) -> StepState:
        """The state before the first symbol: zeros."""
        zeros = np.zeros((batch, self._hidden_size), dtype=np.float32)
        parts = 2 if self._cell == "lstm" else 1
        return [(zeros,) * parts for _ in self._layers]

    def step(self, symbols: Symbols, state: StepState) -> tuple[Floats, StepState]:
        """Feed one symbol a name, ``(batch,)``.

        Returns the logits ``(batch, predicted)`` of the next one and the new state; the old state
        is left as it was.
        """
        contribution = self._table[symbols]  # (batch, gates)
        carried: StepState = []
        for position, (layer, before) in enumerate(zip(self._layers, state, strict=True)):
            if position:
                contribution = layer.contribution(carried[-1][0])
            carried.append(layer.step(contribution, before))
        return carried[-1][0] @ self._output + self._output_bias, carried


def select(state: StepState, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> StepState:
    """The state of some names of the batch, by index or mask."""
    return [tuple(part[rows] for part in layer) for layer in state]


class _Layer:
    def __init__(self, weights: dict[str, Floats], cell: str, layer: int) -> None:
        self._cell = cell
        # Transposed and contiguous: rows of a batch are multiplied from the left.
        self._w_ih = np.ascontiguousarray(weights[f"cell.weight_ih_l{layer}"].T)
        self._w_hh = np.ascontiguousarray(weights[f"cell.weight_hh_l{layer}"].T)
        self._b_ih = weights[f"cell.bias_ih_l{layer}"]
        self._b_hh = weights[f"cell.bias_hh_l{layer}"]
        if cell != "gru":  # a GRU multiplies its hidden bias by the reset gate
            self._b_ih = self._b_ih + self._b_hh

    def contribution(self, inputs: Floats) -> Floats:
        """What inputs ``(batch, size)`` add to the gates, ``(batch, gates)``, biases included."""
        return np.asarray(inputs @ self._w_ih + self._b_ih, dtype=np.float32)

    def step(self, contribution: Floats, state: tuple[Floats, ...]) -> tuple[Floats, ...]:
        gates = state[0] @ self._w_hh
        if self._cell == "rnn":
            return (np.tanh(gates + contribution),)
        if self._cell == "gru":
            return (_gru(contribution, gates + self._b_hh, state[0]),)
        gates += contribution
        return _lstm(gates, state[1])


def _lstm(gates: Floats, c: Floats) -> tuple[Floats, Floats]:
    hidden = c.shape[1]
    sigmoids = _sigmoid(gates)
    i, f, o = sigmoids[:, :hidden], sigmoids[:, hidden : 2 * hidden], sigmoids[:, 3 * hidden :]
    g = np.tanh(gates[:, 2 * hidden : 3 * hidden])
    c = f * c + i * g
    return o * np.tanh(c), c


def _gru(inputs: Floats, hiddens: Floats, h: Floats) -> Floats:
    hidden = h.shape[1]
    r = _sigmoid(inputs[:, :hidden] + hiddens[:, :hidden])
    z = _sigmoid(inputs[:, hidden : 2 * hidden] + hiddens[:, hidden : 2 * hidden])
    n = np.tanh(inputs[:, 2 * hidden :] + r * hiddens[:, 2 * hidden :])
    return np.asarray((1 - z) * n + z * h)


def _sigmoid(x: Floats) -> Floats:
    # By tanh, because exp(-x) overflows float32 for a gate that is shut tight.
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5, dtype=np.float32)
