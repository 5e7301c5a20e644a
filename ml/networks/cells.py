"""RNN, GRU and LSTM from scratch: the equations of `torch.nn` as plain tensor arithmetic.

Each cell is one pure function, `step`: what the input adds, the state before, the recurrent
weights; it returns the state after. `Recurrent` runs it along time and up the layers. Names,
shapes and gate order of the parameters are those of `torch.nn`, so a state dict moves either way.

In the equations x_t is the input at step t, σ the logistic function, ⊙ the product by elements.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

# h (layers, batch, hidden) of RNN and GRU; the pair (h, c) of LSTM.
State: TypeAlias = Tensor | tuple[Tensor, Tensor]

# What one layer carries from step to step: (h,) or (h, c); each (batch, hidden).
Carried: TypeAlias = tuple[Tensor, ...]


class Recurrent(nn.Module, ABC):
    """Layers of one cell: the outputs of a layer are the inputs of the next.

    Called as its namesake in `torch.nn`; `dropout` falls between layers, never along time
    (Zaremba et al. 2014, arXiv:1409.2329, section 3.2).
    """

    gates: ClassVar[int]  # how many vectors of hidden_size the weights make of an input
    parts: ClassVar[int] = 1  # of the state: h alone, or h and c

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        batch_first: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.dropout = batch_first, dropout
        rows = self.gates * hidden_size
        bound = 1 / math.sqrt(hidden_size)
        for layer in range(num_layers):
            below = hidden_size if layer else input_size
            # One bias would do; cuDNN has two, and so has torch.nn.
            for name, shape in {
                "weight_ih": (rows, below),
                "weight_hh": (rows, hidden_size),
                "bias_ih": (rows,),
                "bias_hh": (rows,),
            }.items():
                parameter = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
                self.register_parameter(f"{name}_l{layer}", parameter)

    @staticmethod
    @abstractmethod
    def step(from_input: Tensor, before: Carried, weight_hh: Tensor, bias_hh: Tensor) -> Carried:
        """The cell's equations; `from_input` ``(batch, gates * hidden)`` is W_ih x_t + b_ih."""

    def forward(
        self,
        input: Tensor,  # noqa: A002 (torch.nn calls it so)
        state: State | None = None,
    ) -> tuple[Tensor, State]:
        """Outputs ``(time, batch, hidden)`` and the state after the last step.

        `input` is ``(time, batch, input)``, or ``(batch, time, input)`` with `batch_first`;
        ``(time, input)`` is one sequence, and then nothing has a batch dimension. `state` is where
        an earlier call left off; zeros without one.

        Raises:
            ValueError: the state is not of the shape that goes with the input.
        """
        batch_dim = 0 if self.batch_first else 1
        if input.dim() == 2:
            given = None if state is None else _join([part.unsqueeze(1) for part in _split(state)])
            outputs, after = self(input.unsqueeze(batch_dim), given)
            return outputs.squeeze(batch_dim), _join([part.squeeze(1) for part in _split(after)])
        outputs = input.transpose(0, 1) if self.batch_first else input  # (time, batch, input)
        shape = (self.num_layers, outputs.shape[1], self.hidden_size)
        before = [outputs.new_zeros(shape)] * self.parts if state is None else _split(state)
        if [part.shape for part in before] != [shape] * self.parts:
            raise ValueError(f"the state must be {self.parts} x (layers, batch, hidden) = {shape}")
        carried = []
        for layer, of_layer in enumerate(zip(*before, strict=True)):
            if layer:
                outputs = functional.dropout(outputs, self.dropout, self.training)
            outputs, last = self._run_layer(layer, outputs, of_layer)  # (time, batch, hidden)
            carried.append(last)
        after = _join([torch.stack(part) for part in zip(*carried, strict=True)])
        return outputs.transpose(0, 1) if self.batch_first else outputs, after

    def _run_layer(self, layer: int, inputs: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        # By name at every call: torch.func.functional_call replaces parameters by their names.
        weight_ih, weight_hh, bias_ih, bias_hh = (
            getattr(self, f"{name}_l{layer}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        # The inputs of all steps are known, so one large product serves them all; only the
        # product with the state has to wait for the step before.
        from_inputs = functional.linear(inputs, weight_ih, bias_ih)  # (time, batch, gates * hidden)
        outputs = []
        # Not from_inputs[t]: the gradient of each slice would be a tensor as large as the whole.
        for from_input in from_inputs.unbind(0):  # (batch, gates * hidden)
            carried = self.step(from_input, carried, weight_hh, bias_hh)
            outputs.append(carried[0])
        return torch.stack(outputs), carried  # (time, batch, hidden)


class RNN(Recurrent):
    """A simple recurrent network (Elman 1990, "Finding Structure in Time"), here with tanh::

    h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)
    """

    gates = 1

    @staticmethod
    def step(from_input: Tensor, before: Carried, weight_hh: Tensor, bias_hh: Tensor) -> Carried:
        """See the class."""
        (h,) = before
        return (torch.tanh(from_input + functional.linear(h, weight_hh, bias_hh)),)


class GRU(Recurrent):
    """A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078, section 2.3, equations 5 to 8)::

        r = σ(W_ir x_t + b_ir + W_hr h_(t-1) + b_hr)           reset gate
        z = σ(W_iz x_t + b_iz + W_hz h_(t-1) + b_hz)           update gate
        n = tanh(W_in x_t + b_in + r ⊙ (W_hn h_(t-1) + b_hn))  new content
        h_t = (1 - z) ⊙ n + z ⊙ h_(t-1)

    The paper resets the state before the matrix W_hn, `torch.nn` after it: then one product with
    the state serves all three gates.
    """

    gates = 3

    @staticmethod
    def step(from_input: Tensor, before: Carried, weight_hh: Tensor, bias_hh: Tensor) -> Carried:
        """See the class."""
        (h,) = before
        input_r, input_z, input_n = from_input.chunk(3, dim=-1)  # each (batch, hidden)
        hidden_r, hidden_z, hidden_n = functional.linear(h, weight_hh, bias_hh).chunk(3, dim=-1)
        r = torch.sigmoid(input_r + hidden_r)
        z = torch.sigmoid(input_z + hidden_z)
        n = torch.tanh(input_n + r * hidden_n)
        return ((1 - z) * n + z * h,)


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000)::

        i = σ(W_ii x_t + b_ii + W_hi h_(t-1) + b_hi)     input gate: how much to write
        f = σ(W_if x_t + b_if + W_hf h_(t-1) + b_hf)     forget gate: how much to keep
        g = tanh(W_ig x_t + b_ig + W_hg h_(t-1) + b_hg)  what to write
        o = σ(W_io x_t + b_io + W_ho h_(t-1) + b_ho)     output gate: how much to show
        c_t = f ⊙ c_(t-1) + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    The form without peepholes of Zaremba et al. 2014, section 3.1. No matrix stands between
    c_(t-1) and c_t, only a gate and a sum: that is what carries gradients far back.
    """

    gates, parts = 4, 2

    @staticmethod
    def step(from_input: Tensor, before: Carried, weight_hh: Tensor, bias_hh: Tensor) -> Carried:
        """See the class."""
        h, c = before
        i, f, g, o = (from_input + functional.linear(h, weight_hh, bias_hh)).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


# A cell of ours or of torch.nn, which are called alike.
AnyCell: TypeAlias = Recurrent | nn.LSTM | nn.GRU | nn.RNN


def map_state(function: Callable[[Tensor], Tensor], state: State) -> State:
    """`function` of h, or of both h and c."""
    return _join([function(part) for part in _split(state)])


def _split(state: State) -> list[Tensor]:
    return [state] if isinstance(state, Tensor) else list(state)


def _join(parts: list[Tensor]) -> State:
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])
