"""Recipes: the sizes and rates that training is done with, chosen by the size of the data."""

from dataclasses import dataclass, replace
from typing import Literal

from ml.corpora.corpus import Corpus
from ml.corpora.text import TextCorpus
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import ANY_NAME
from ml.networks.network import Impl
from ml.networks.noise import NO_NOISE, Noise

Regime = Literal["independent", "stream"]

# What a recipe reads at most, all epochs together: on two cores some quarter of an hour.
_MOST_SYMBOLS = 10_000_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    `batch_size` names a batch are for independent names; `streams`, `k1` and `k2` for streams.
    `patience` is the share of the way without a better valid loss at which to stop. Without
    `minutes` the epochs take as long as they take.
    """

    network: NetworkConfig
    epochs: int
    noise: Noise = NO_NOISE
    impl: Impl = "torch"
    regime: Regime = "independent"
    batch_size: int = 256
    streams: int = 64
    k1: int = 32
    k2: int = 32
    learning_rate: float = 6e-3
    weight_decay: float = 0.01
    patience: float = 0.35
    minutes: float | None = None


def choose_recipe(corpus: Corpus, regime: Regime = "independent") -> Recipe:
    """The recipe for a corpus, by its size; chosen on held-out parts of lists of names.

    In streams the noise falls on weights: units that sit out would lose the state they carry.
    """
    recipe = _by_size(corpus)
    if regime == "independent":
        return recipe
    return replace(recipe, regime=regime, noise=replace(recipe.noise, falls_on="weights"))


def _by_size(corpus: Corpus) -> Recipe:
    """A recipe for independent names.

    More names carry a wider network; fewer want more passes and more noise. The recipe for the
    largest lists follows from that and was tried once, on 300,000 surnames.
    """
    names = len(corpus.train)
    if names < 2_000:
        return Recipe(NetworkConfig(hidden_size=192), 120, Noise(0.5, 0.3))
    if names < 12_000:
        return Recipe(NetworkConfig(hidden_size=384), 40, Noise(0.45, 0.25))
    network = NetworkConfig(hidden_size=640)
    if corpus.alphabet.starts != (ANY_NAME,):
        # The shipped list: its given names, a tenth of it, are drawn more often than they stand
        # in it, and more passes only teach them by heart.
        return Recipe(network, 12, Noise(0.5, 0.25))
    symbols = sum(map(len, corpus.train.names)) + names
    if names < 60_000:
        return Recipe(network, _epochs(32, symbols), Noise(0.4, 0.25), weight_decay=0.1)
    # So many names are not learnt by heart in so few passes.
    return Recipe(network, _epochs(20, symbols), Noise(0.2, 0.1))


def choose_text_recipe(corpus: TextCorpus) -> Recipe:
    """The recipe for a text, by its size: the longer it is, the wider the network, the fewer reads.

    Words and lines are longer than names, so gradients reach further back than for those.
    """
    symbols = len(corpus.train.targets)
    if symbols < 100_000:
        network, noise, epochs = NetworkConfig(hidden_size=128), Noise(0.3, 0.2, "weights"), 60
    elif symbols < 1_000_000:
        network, noise, epochs = NetworkConfig(hidden_size=256), Noise(0.2, 0.1, "weights"), 20
    else:
        network, noise, epochs = NetworkConfig(hidden_size=384), Noise(0.2, 0.1, "weights"), 8
    epochs = _epochs(epochs, symbols)
    return Recipe(network, epochs, noise, regime="stream", streams=32, k1=64, k2=64)


def _epochs(most: int, symbols: int) -> int:
    """As many passes over so many symbols as `_MOST_SYMBOLS` allow, `most` at most."""
    return max(1, min(most, _MOST_SYMBOLS // symbols))
