"""The n-gram that a network is mixed with: how it is chosen, and what the two say of names."""

import math

import torch
from torch import Tensor

from ml.corpora.corpus import Corpus
from ml.corpora.sequences import Sequences
from ml.models.model import Mixture, NameModel, NameNetwork
from ml.models.ngram import KneserNey, highest_order
from ml.scoring.scorer import score_symbols

_ORDERS = range(3, 10)
_WEIGHTS = tuple(weight / 20 for weight in range(1, 13))
# Nats per symbol: what gains less is not worth its place in the file.
_SMALLEST_GAIN = 0.001


def score_mixed(model: NameModel, sequences: Sequences) -> Tensor:
    """Log-probability ``(names,)`` in nats of each name, its end included, given its start."""
    return score_symbols_mixed(model, sequences).sum(dim=1)


def score_symbols_mixed(model: NameModel, sequences: Sequences) -> Tensor:
    """Log-probability ``(names, longest)`` in nats of each letter and end, 0 beyond the end."""
    log_probs = score_symbols(model.network, sequences)
    if model.mixture:
        predicted = _predicted(sequences)
        by_ngram = model.mixture.ngram.symbol_log_probs(sequences.rows())
        log_probs[predicted] = mix(
            log_probs[predicted], torch.from_numpy(by_ngram).float(), model.mixture.weight
        )
    return log_probs


def mix(by_network: Tensor, by_ngram: Tensor, weight: float) -> Tensor:
    """Log-probabilities of the mixture of two predictions, given as log-probabilities."""
    return torch.logaddexp(by_network + math.log1p(-weight), by_ngram + math.log(weight))


def choose_mixture(network: NameNetwork, corpus: Corpus) -> tuple[float, Mixture | None]:
    """The n-gram that predicts `corpus.valid` best beside the network, if any helps.

    The order is raised while that helps. Also returns the nats per symbol that are left.
    """
    train, valid = corpus.train.encode(corpus.alphabet), corpus.valid.encode(corpus.alphabet)
    names, held_out = train.rows(), valid.rows()
    by_network = score_symbols(network, valid)[_predicted(valid)]
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


def _predicted(sequences: Sequences) -> Tensor:
    """Whether a place ``(names, longest)`` holds a letter or an end, not what lies beyond."""
    return torch.arange(sequences.symbols.shape[1] - 1) < sequences.lengths[:, None]
