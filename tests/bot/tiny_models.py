"""Untrained models of a few hundred weights, whose files are a few kilobytes."""

import torch

from ml.alphabet import Alphabet
from ml.checkpoint import model_bytes
from ml.fingerprints import Fingerprints
from ml.model import NameModel, NameNetwork, NetworkConfig, StartStatistics


def tiny_model(seed: int) -> NameModel:
    torch.manual_seed(seed)
    alphabet = Alphabet("аевн", casing="title")
    config = NetworkConfig(embedding_size=4, hidden_size=8)
    return NameModel(
        network=NameNetwork(config, read=alphabet.read, predicted=alphabet.predicted).eval(),
        alphabet=alphabet,
        statistics=(StartStatistics(share=1.0, shortest=2, longest=8, finals="ан"),),
        fingerprints=Fingerprints.of(["Анна", "Ева"]),
        metrics={"valid_nats_per_symbol": 1.75, "seed": seed},
    )


def tiny_model_file(seed: int) -> bytes:
    return model_bytes(tiny_model(seed))
