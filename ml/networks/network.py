"""The network: an embedding, a recurrent cell, a linear layer.

``logits_t = W h_t + b`` where ``h_t`` is the hidden state after reading symbols ``0 .. t``, so the
logits at ``t`` score the symbol at ``t + 1``.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig, Weights
from ml.networks import cells
from ml.networks.cells import AnyCell, State
from ml.networks.noise import NO_NOISE, Noise, dropout, run_noisy

# Whose cells to run: those of torch.nn or our own. The weights are the same, so a model file does
# not say.
Impl = Literal["torch", "scratch"]

_CELLS: dict[Impl, dict[Cell, Callable[..., AnyCell]]] = {
    "torch": {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN},
    "scratch": {"lstm": cells.LSTM, "gru": cells.GRU, "rnn": cells.RNN},
}


class NameNetwork(nn.Module):
    """Predicts the next symbol of a name from those before it.

    `read` symbols are embedded; `predicted` of them can come next (see `ml.names.alphabet`).
    Everything is time-major: that is how the cells run fastest. `noise` falls in training alone.
    """

    def __init__(
        self,
        config: NetworkConfig,
        *,
        read: int,
        predicted: int,
        impl: Impl = "torch",
        noise: Noise = NO_NOISE,
    ) -> None:
        super().__init__()
        self.config, self.noise = config, noise
        self.embedding = nn.Embedding(read, config.embedding_size)
        self.cell = _CELLS[impl][config.cell](
            config.embedding_size, config.hidden_size, config.num_layers
        )
        self.output = nn.Linear(config.hidden_size, predicted)
        if config.cell == "lstm":
            _open_forget_gates(self.cell)

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits ``(time, batch, predicted)`` of the symbols after `symbols` ``(time, batch)``.

        `state` is where an earlier call left off; without one the hidden state starts at zero.
        Also returns the state after the last symbol, to be given to the next call.
        """
        noise = self.noise if self.training else NO_NOISE
        inputs = dropout(self.embedding(symbols), noise.dropout / 2)  # (time, batch, embedding)
        if noise.recurrent:
            outputs, state = run_noisy(self.cell, noise, inputs, state)
        else:
            outputs, state = self.cell(inputs, state)
        return self.output(dropout(outputs, noise.dropout)), state  # outputs (time, batch, hidden)

    @property
    def predicted(self) -> int:
        """How many symbols can come next."""
        return self.output.out_features


def network_of(model: NameModel, impl: Impl = "torch") -> NameNetwork:
    """The network of a model, in evaluation mode; the weights are its own, to be changed freely."""
    alphabet = model.alphabet
    network = NameNetwork(model.config, read=alphabet.read, predicted=alphabet.predicted, impl=impl)
    load_weights(network, model.weights)
    return network.eval()


def taste_of(model: NameModel) -> NameNetwork | None:
    """The network that says what people like, in evaluation mode; none if nobody said so."""
    if model.taste is None:
        return None
    alphabet = model.alphabet
    network = NameNetwork(model.taste.config, read=alphabet.read, predicted=alphabet.predicted)
    load_weights(network, model.taste.weights)
    return network.eval()


def load_weights(network: NameNetwork, weights: Weights) -> None:
    """Copy weights into a network of their shape."""
    network.load_state_dict({name: torch.tensor(weight) for name, weight in weights.items()})


def weights_of(network: NameNetwork) -> Weights:
    """The parameters as float32 arrays of their own."""
    return {
        name: tensor.detach().cpu().numpy().astype(np.float32)
        for name, tensor in network.state_dict().items()
    }


def _open_forget_gates(cell: nn.Module) -> None:
    """Start with forget gates near 1, so that gradients reach back from the first step.

    Jozefowicz et al. 2015, "An Empirical Exploration of Recurrent Network Architectures", 2.2.
    """
    for name, parameter in cell.named_parameters():
        if name.startswith("bias_ih"):
            hidden = parameter.shape[0] // 4
            with torch.no_grad():
                parameter[hidden : 2 * hidden].fill_(1.0)
