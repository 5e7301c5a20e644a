"""A model file made in milliseconds: an untrained network of the shipped model's shape.

It has the Russian alphabet and every start symbol, so that the bot and fine-tuning accept it, and
writes gibberish of sensible length. Tests that use it look at everything but the beauty of names.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import torch

from ml.models.checkpoint import save_model
from ml.models.model import NameModel
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import END, Alphabet, Start
from ml.names.fingerprints import Fingerprints
from ml.names.records import GENDERS, KINDS, ORIGINS, Origin
from ml.names.statistics import StartStatistics
from ml.networks.network import NameNetwork, weights_of

LETTERS = "-абвгдежзийклмнопрстуфхцчшщъыьэюяё"
LONGEST = 15


def tiny_model(seed: int = 0, origins: Sequence[Origin] = ORIGINS) -> NameModel:
    """An untrained model; another seed gives another one."""
    torch.manual_seed(seed)
    starts = tuple(Start(*combination) for combination in product(KINDS, GENDERS, origins))
    alphabet = Alphabet(LETTERS, starts, "title")
    config = NetworkConfig(embedding_size=8, hidden_size=16)
    network = NameNetwork(config, read=alphabet.read, predicted=alphabet.predicted)
    with torch.no_grad():
        network.output.bias[END] = 2.0  # names end after some five letters
    statistics = StartStatistics(1 / 4, shortest=2, longest=LONGEST, finals=LETTERS[1:])
    return NameModel(
        config=config,
        weights=weights_of(network),
        alphabet=alphabet,
        statistics=(statistics,) * len(starts),
        fingerprints=Fingerprints.of(["Ева", "Иван"]),
    )


def write_tiny_model(path: Path, seed: int = 0) -> Path:
    """Write the model file of `tiny_model` and return its path."""
    save_model(tiny_model(seed), path)
    return path
