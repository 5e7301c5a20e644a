"""Recipes: the sizes and rates that training is done with, chosen by the size of the data."""

from dataclasses import dataclass

from ml.corpora.corpus import Corpus
from ml.corpora.text import TextCorpus
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import ANY_NAME
from ml.networks.network import Impl
from ml.training.regimes import Regime


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    `batch_size` names a batch and dropout `masks` are for independent names; `streams`, `k1` and
    `k2` for streams.
    `patience` is the share of the way without a better valid loss at which to stop. `minutes` is
    the longest that training may take.
    """

    network: NetworkConfig
    epochs: int
    impl: Impl = "torch"
    regime: Regime = "independent"
    batch_size: int = 256
    masks: int = 4
    streams: int = 64
    k1: int = 32
    k2: int = 32
    learning_rate: float = 6e-3
    weight_decay: float = 0.01
    patience: float = 0.35
    minutes: float = 8.0


def choose_recipe(corpus: Corpus) -> Recipe:
    """The recipe for a corpus, by its size; chosen on held-out parts of lists of names.

    More names carry a wider network; fewer want more passes and more noise. The recipe for the
    largest lists follows from that and was tried once, on 300,000 surnames.
    """
    names = len(corpus.train)
    if names < 2_000:
        return Recipe(NetworkConfig(hidden_size=192, dropout=0.5, weight_drop=0.3), epochs=120)
    if names < 12_000:
        return Recipe(NetworkConfig(hidden_size=384, dropout=0.45, weight_drop=0.25), epochs=40)
    if corpus.alphabet.starts != (ANY_NAME,):
        # The shipped list: its given names, a tenth of it, are drawn more often than they stand
        # in it, and more passes only teach them by heart.
        network = NetworkConfig(hidden_size=640, dropout=0.5, weight_drop=0.25)
        return Recipe(network, epochs=12, minutes=4)
    if names < 60_000:
        network = NetworkConfig(hidden_size=640, dropout=0.4, weight_drop=0.25)
        return Recipe(network, epochs=32, weight_decay=0.1, minutes=3.8)
    # So many names are not learnt by heart in so short a time.
    return Recipe(NetworkConfig(hidden_size=640, dropout=0.2, weight_drop=0.1), epochs=20)


def choose_text_recipe(corpus: TextCorpus) -> Recipe:
    """The recipe for a text, by its size: the longer it is, the wider the network, the fewer reads.

    Words and lines are longer than names, so gradients reach further back than for those.
    """
    symbols = len(corpus.train.targets)
    if symbols < 100_000:
        network, epochs = NetworkConfig(hidden_size=128, dropout=0.3, weight_drop=0.2), 60
    elif symbols < 1_000_000:
        network, epochs = NetworkConfig(hidden_size=256, weight_drop=0.1), 20
    else:
        network, epochs = NetworkConfig(weight_drop=0.1), 8
    return Recipe(network, epochs, regime="stream", streams=32, k1=64, k2=64)
