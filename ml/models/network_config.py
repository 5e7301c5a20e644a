"""The shape of a network, known without one: what a model file says of its weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Cell = Literal["lstm", "gru", "rnn"]

# Parameters by the names that `torch.nn` gives them.
Weights: TypeAlias = Mapping[str, npt.NDArray[np.float32]]

# How many rows each weight matrix has, in hidden sizes.
_GATES: dict[Cell, int] = {"lstm": 4, "gru": 3, "rnn": 1}


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The shape of a `ml.networks.network.NameNetwork`."""

    cell: Cell = "lstm"
    embedding_size: int = 64
    hidden_size: int = 384
    num_layers: int = 1


def parameter_shapes(
    config: NetworkConfig, *, read: int, predicted: int
) -> dict[str, tuple[int, ...]]:
    """The parameters by name of a network that reads and predicts so many symbols."""
    hidden, gates = config.hidden_size, _GATES[config.cell] * config.hidden_size
    shapes: dict[str, tuple[int, ...]] = {
        "embedding.weight": (read, config.embedding_size),
        "output.weight": (predicted, hidden),
        "output.bias": (predicted,),
    }
    for layer in range(config.num_layers):
        inputs = hidden if layer else config.embedding_size
        shapes[f"cell.weight_ih_l{layer}"] = (gates, inputs)
        shapes[f"cell.weight_hh_l{layer}"] = (gates, hidden)
        shapes[f"cell.bias_ih_l{layer}"] = (gates,)
        shapes[f"cell.bias_hh_l{layer}"] = (gates,)
    return shapes
