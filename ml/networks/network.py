"""The network: an embedding, a recurrent cell, a linear layer.

``logits_t = W h_t + b`` where ``h_t`` is the hidden state after reading symbols ``0 .. t``, so the
logits at ``t`` score the symbol at ``t + 1``.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig, Weights
from ml.networks import cells
from ml.networks.cells import State
from ml.networks.dropout import dropout
from ml.networks.prefix_lstm import prefix_lstm, rounded_up
from ml.networks.prefix_tree import PrefixTree

# Whose cells to run: those of torch.nn or our own. The weights are the same, so a model file does
# not say.
Impl = Literal["torch", "scratch"]

_CELLS: dict[Impl, dict[Cell, Callable[..., nn.Module]]] = {
    "torch": {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN},
    "scratch": {"lstm": cells.LSTM, "gru": cells.GRU, "rnn": cells.RNN},
}


class NameNetwork(nn.Module):
    """Predicts the next symbol of a name from those before it.

    `read` symbols are embedded; `predicted` of them can come next (see `ml.names.alphabet`).
    Everything is time-major: that is how the cells run fastest.
    """

    def __init__(
        self, config: NetworkConfig, *, read: int, predicted: int, impl: Impl = "torch"
    ) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(read, config.embedding_size)
        self.cell = _CELLS[impl][config.cell](
            config.embedding_size, config.hidden_size, num_layers=config.num_layers
        )
        self.output = nn.Linear(config.hidden_size, predicted)
        if config.cell == "lstm":
            _open_forget_gates(self.cell)

    def forward(self, symbols: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits ``(time, batch, predicted)`` of the symbols after `symbols` ``(time, batch)``.

        `state` is where an earlier call left off; without one the hidden state starts at zero.
        Also returns the state after the last symbol, to be given to the next call.
        """
        config = self.config
        inputs = self.embedding(symbols)  # (time, batch, embedding)
        if self.training:
            inputs = dropout(inputs, config.dropout / 2)
        if self.training and config.weight_drop:
            dropped = {
                name: dropout(weight, config.weight_drop)
                for name, weight in self.cell.named_parameters()
                if name.startswith("weight_hh")
            }
            outputs, carried = torch.func.functional_call(self.cell, dropped, (inputs, state))
        else:
            outputs, carried = self.cell(inputs, state)
        if self.training:
            outputs = dropout(outputs, config.dropout)
        return self.output(outputs), carried

    @property
    def reads_prefixes(self) -> bool:
        """Whether `read_prefixes` can be used."""
        return isinstance(self.cell, nn.LSTM) and self.config.num_layers == 1

    def read_prefixes(self, tree: PrefixTree, *, masks: int = 1) -> Tensor:
        """Logits ``(masks, nodes, predicted)`` of the symbols after each prefix of `tree`.

        They are those of `forward`, and in training the noise is another. Of the cell's units
        `weight_drop` sit out for the whole batch: what is left is a smaller cell, and a faster one
        (Gal & Ghahramani 2016, "A Theoretically Grounded Application of Dropout in Recurrent Neural
        Networks", with one mask for all names). On its outputs fall so many dropout `masks` side by
        side (Inoue 2019, "Multi-Sample Dropout for Accelerated Training and Better
        Generalization"). A symbol is embedded alike wherever it stands.
        """
        config, cell = self.config, dict(self.cell.named_parameters())
        rate = config.dropout if self.training else 0.0
        hidden = config.hidden_size
        sitting_out = int(hidden * config.weight_drop) if self.training else 0
        units = torch.randperm(hidden)[sitting_out:].sort().values
        gates = (torch.arange(4)[:, None] * hidden + units).flatten()
        scale = hidden / len(units)
        embedding = dropout(self.embedding.weight, rate / 2)
        bias = cell["bias_ih_l0"] + cell["bias_hh_l0"]
        table = embedding @ cell["weight_ih_l0"][gates].t() + bias[gates]  # (read, 4 * units)
        weight_hh = scale * cell["weight_hh_l0"].index_select(0, gates).index_select(1, units)
        outputs = rounded_up(prefix_lstm(tree, table, weight_hh)).expand(masks, -1, -1)
        weight = scale * self.output.weight.index_select(1, units)
        logits = functional.linear(dropout(outputs, rate), weight, self.output.bias)
        return logits[:, : len(tree)]

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
