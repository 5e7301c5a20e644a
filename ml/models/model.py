"""A trained model as data: all that is needed to write names, and nothing that needs torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml.arrays import Doubles, Floats
from ml.models.network_config import NetworkConfig, Weights
from ml.models.ngram import KneserNey
from ml.names.alphabet import Alphabet
from ml.names.fingerprints import Fingerprints
from ml.names.statistics import StartStatistics


@dataclass(frozen=True, slots=True)
class Mixture:
    """An n-gram beside the network: ``p = (1 - weight) p_network + weight p_ngram``.

    Every symbol is predicted by both. They err on different names, so the mean of their
    probabilities errs less (Mikolov et al. 2011, "Empirical Evaluation and Combination of
    Advanced Language Modeling Techniques", section 3).
    """

    ngram: KneserNey
    weight: float


@dataclass(frozen=True, slots=True)
class TasteNetwork:
    """A small network beside the model that says what people like: it learnt from ratings.

    It reads what the model reads, and its outputs, one for each symbol that can come next, are
    added to the model's log-probabilities before these are made to add up to 1 again::

        p'(x | h) = p(x | h) exp(value(h, x)) / sum_y p(y | h) exp(value(h, y))

    A value is the logarithm of how much names that go on so are liked (Yang & Klein 2021, "FUDGE:
    Controlled Text Generation With Future Discriminators", section 3). `starts` ``(starts,)`` are
    those of nothing but a start symbol: if mostly men's names are liked, more are men's.
    """

    config: NetworkConfig
    weights: Weights
    starts: Floats


@dataclass(frozen=True, slots=True)
class NameModel:
    """What one model file holds.

    `weights` are those of a network of the shape `config`; `ml.networks.network.network_of` builds
    it in torch, `ml.writing.stepper` steps it in NumPy. `statistics` stand in the order of
    ``alphabet.starts``; `metrics` are what training measured. Without a `mixture` the network
    alone predicts. What people liked is in `taste`, if the model learnt from them.
    """

    config: NetworkConfig
    weights: Weights
    alphabet: Alphabet
    statistics: tuple[StartStatistics, ...]
    fingerprints: Fingerprints
    metrics: Mapping[str, Any] = field(default_factory=dict)
    mixture: Mixture | None = None
    taste: TasteNetwork | None = None

    @property
    def shares(self) -> Doubles:
        """How often each start symbol is drawn ``(starts,)``, in all of its kind 1."""
        trained = np.array([statistics.share for statistics in self.statistics])
        if self.taste is None:
            return trained
        shares = trained * np.exp(self.taste.starts.astype(np.float64))
        kinds = [start.kind for start in self.alphabet.starts]
        for kind in set(kinds):
            rows = [row for row, other in enumerate(kinds) if other == kind]
            shares[rows] *= trained[rows].sum() / shares[rows].sum()
        return np.asarray(shares)
