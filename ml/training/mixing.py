"""Which n-gram is mixed in beside a network, and with what weight."""

import math

import torch

from ml.corpora.corpus import Corpus
from ml.models.model import Mixture
from ml.models.ngram import KneserNey, highest_order
from ml.networks.network import NameNetwork
from ml.scoring.scorer import Scorer, mix

_ORDERS = range(3, 10)
_WEIGHTS = tuple(weight / 20 for weight in range(1, 13))
# Nats per symbol: what gains less is not worth its place in the file.
_SMALLEST_GAIN = 0.001


def choose_mixture(network: NameNetwork, corpus: Corpus) -> tuple[float, Mixture | None]:
    """The n-gram that predicts `corpus.valid` best beside the network, if any helps.

    The order is raised while that helps. Also returns the nats per symbol that are left.
    """
    train, valid = corpus.train.encode(corpus.alphabet), corpus.valid.encode(corpus.alphabet)
    names, held_out = train.rows(), valid.rows()
    by_network = Scorer(network).symbols(valid)[valid.predicted]
    alone = -float(by_network.double().mean())
    best: tuple[float, Mixture | None] = (math.inf, None)
    for order in _ORDERS:
        if order > highest_order(corpus.alphabet.read):
            break
        # An n-gram that forgets what kind of name it is about would end given names as surnames.
        # On held-out names it is even the better one beside the network, so that does not show.
        ngram = KneserNey.fit(
            names,
            order=order,
            read=corpus.alphabet.read,
            predicted=corpus.alphabet.predicted,
            by_start=len(corpus.alphabet.starts) > 1,
        )
        by_ngram = torch.from_numpy(ngram.symbol_log_probs(held_out)).float()
        loss, weight = min(
            (-float(mix(by_network, by_ngram, weight).double().mean()), weight)
            for weight in _WEIGHTS
        )
        # Not held against the network: short n-grams may be of no help where longer ones are.
        if loss >= best[0]:
            break
        best = loss, Mixture(ngram, weight)
    return best if best[0] < alone - _SMALLEST_GAIN else (alone, None)
