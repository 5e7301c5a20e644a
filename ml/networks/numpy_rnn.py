"""A recurrent language model in NumPy alone: forward, backward and training written by hand.

The equations (Elman 1990, "Finding Structure in Time"; softmax over the next symbol), x_t one-hot::

    h_t = tanh(W_xh x_t + W_hh h_(t-1) + b_h)
    z_t = W_hy h_t + b_y                          logits
    L   = Σ_t -log softmax(z_t)[y_t]              nats

and backpropagation through time (Werbos 1990, "Backpropagation Through Time: What It Does and How
to Do It"), the chain rule from the last step to the first::

    dL/dz_t = softmax(z_t) - onehot(y_t)
    dL/dh_t = W_hyᵀ dL/dz_t + W_hhᵀ dL/da_(t+1)   by way of the logits, and of the step after
    dL/da_t = (1 - h_t²) ⊙ dL/dh_t                a_t is what tanh is taken of, tanh' = 1 - tanh²
    dL/dW_hh = Σ_t dL/da_t h_(t-1)ᵀ               and alike for the other weights

The tests hold it against numerical gradients and against autograd.

After Karpathy 2015, "min-char-rnn" (gist d4dee566867f8291f086): one text read in windows, the
state carried from one to the next, gradients clipped, Adagrad.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ml.arrays import Symbols

# float64 for the gradient check, float32 for training.
Reals: TypeAlias = npt.NDArray[np.floating[Any]]

_LARGEST_GRADIENT = 5.0


class Weights(NamedTuple):
    """The parameters; their gradients have the same form. H is the state's size, V the symbols'."""

    w_xh: Reals  # (H, V)
    w_hh: Reals  # (H, H)
    w_hy: Reals  # (V, H)
    b_h: Reals  # (H,)
    b_y: Reals  # (V,)


class Pass(NamedTuple):
    """What a forward pass leaves for the backward pass."""

    hiddens: Reals  # (time + 1, H): the state before the first step, then after each
    log_probs: Reals  # (time, V)


def random_weights(symbols: int, hidden: int, rng: np.random.Generator) -> Weights:
    """Float64 weights, normal, so scaled that sums of H terms stay near 1; biases zero."""
    return Weights(
        w_xh=rng.normal(size=(hidden, symbols)) / np.sqrt(hidden),
        w_hh=rng.normal(size=(hidden, hidden)) / np.sqrt(hidden),
        w_hy=rng.normal(size=(symbols, hidden)) / np.sqrt(hidden),
        b_h=np.zeros(hidden),
        b_y=np.zeros(symbols),
    )


def forward(weights: Weights, inputs: Symbols, h: Reals) -> Pass:
    """Read `inputs` ``(time,)`` from the state `h` ``(H,)`` on."""
    hiddens = [h]
    for symbol in inputs:
        # A matrix times a one-hot vector is a column of the matrix.
        a = weights.w_xh[:, symbol] + weights.w_hh @ hiddens[-1] + weights.b_h  # (H,)
        hiddens.append(np.tanh(a))
    states = np.stack(hiddens)  # (time + 1, H)
    logits = states[1:] @ weights.w_hy.T + weights.b_y  # (time, V)
    shifted = logits - logits.max(axis=1, keepdims=True)
    return Pass(states, shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def loss(passed: Pass, targets: Symbols) -> float:
    """Summed nats of `targets` ``(time,)``."""
    return -float(passed.log_probs[np.arange(len(targets)), targets].sum())


def backward(
    weights: Weights, inputs: Symbols, targets: Symbols, passed: Pass
) -> tuple[Weights, Reals]:
    """The gradient of `loss` by the weights and by the state before the first step."""
    d_z = np.exp(passed.log_probs)  # (time, V)
    d_z[np.arange(len(targets)), targets] -= 1
    from_logits = d_z @ weights.w_hy  # (time, H)
    d_a = np.empty_like(from_logits)  # (time, H)
    from_next = np.zeros_like(passed.hiddens[0])  # (H,): nothing comes after the last step
    for t in reversed(range(len(inputs))):
        d_h = from_logits[t] + from_next
        d_a[t] = (1 - passed.hiddens[t + 1] ** 2) * d_h
        from_next = weights.w_hh.T @ d_a[t]
    d_w_xh = np.zeros_like(weights.w_xh)
    np.add.at(d_w_xh.T, inputs, d_a)  # a symbol that came twice is added twice
    gradient = Weights(
        w_xh=d_w_xh,
        w_hh=d_a.T @ passed.hiddens[:-1],
        w_hy=d_z.T @ passed.hiddens[1:],
        b_h=d_a.sum(axis=0),
        b_y=d_z.sum(axis=0),
    )
    return gradient, from_next


@dataclass(frozen=True, slots=True)
class TextModel:
    """A trained network with its letters, a symbol each: that is its number."""

    letters: str
    weights: Weights

    def encode(self, text: str) -> Symbols:
        """The numbers of the letters of `text`.

        Raises:
            ValueError: one of them was never seen.
        """
        return np.array([self.letters.index(letter) for letter in text], dtype=np.int64)

    def continue_text(self, text: str, length: int, rng: np.random.Generator) -> str:
        """`length` letters to follow `text`, which is read once; then the state is carried along.

        Raises:
            ValueError: `text` is empty or has a letter that the model has never seen.
        """
        if not text:
            raise ValueError("there is no text to continue; a line break begins a name")
        h = np.zeros_like(self.weights.b_h)
        passed = forward(self.weights, self.encode(text), h)
        written = []
        for _ in range(length):
            symbol = rng.choice(len(self.letters), p=np.exp(passed.log_probs[-1]))
            written.append(self.letters[symbol])
            passed = forward(self.weights, np.array([symbol]), passed.hiddens[-1])
        return "".join(written)


def train(
    text: str,
    *,
    hidden: int = 100,
    time: int = 25,
    learning_rate: float = 0.1,
    seed: int = 0,
) -> Iterator[tuple[TextModel, float]]:
    """Read `text` over and over in windows of `time` letters; after each, the model and its loss.

    The loss is that of the window before it was learnt from, in nats per letter. The weights are
    changed in place: copy a model to keep it. Adagrad (Duchi et al. 2011) divides each step by the
    root of all squared gradients so far; clipping by element keeps one window from undoing many.
    """
    rng = np.random.default_rng(seed)
    letters = "".join(sorted(set(text)))
    model = TextModel(letters, random_weights(len(letters), hidden, rng))
    symbols = model.encode(text)
    squares = Weights(*(np.zeros_like(weight) for weight in model.weights))
    while True:
        h = np.zeros(hidden)  # the text begins anew
        for begin in range(0, len(symbols) - 1, time):
            window = symbols[begin : begin + time + 1]
            inputs, targets = window[:-1], window[1:]
            passed = forward(model.weights, inputs, h)
            gradient, _ = backward(model.weights, inputs, targets, passed)
            for weight, slope, square in zip(model.weights, gradient, squares, strict=True):
                np.clip(slope, -_LARGEST_GRADIENT, _LARGEST_GRADIENT, out=slope)
                square += slope**2
                weight -= learning_rate * slope / np.sqrt(square + 1e-8)
            h = passed.hiddens[-1]  # carried on as a number: no gradient reaches past the window
            yield model, loss(passed, targets) / len(targets)
