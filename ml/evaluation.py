"""Held-out likelihood of a model, and of the baselines beside it.

When only the letters of a name are given, it is scored under every start symbol of its kind::

    p(name) = sum over start of share(start) p(name | start)

where the share is that of the training names. Baselines are scored in just the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.alphabet import ANY_NAME, UNKNOWN, Alphabet
from ml.corpus import Part, corpus_of_records, part_of_records
from ml.model import NameModel
from ml.names import Kind, NameRecord
from ml.ngram import BigramTable, KneserNey
from ml.scoring import score
from ml.sequences import encode_sequences

LogProbs = npt.NDArray[np.float64]

_ORDERS = range(3, 9)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well names are predicted; `unknown` of the `symbols` are not in the alphabet."""

    names: int
    symbols: int
    unknown: int
    nats_per_symbol: float

    @property
    def perplexity(self) -> float:
        """The number of equally likely symbols that would be as hard to predict."""
        return float(np.exp(self.nats_per_symbol))

    def as_json(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "names": self.names,
            "symbols": self.symbols,
            "unknown_symbols": self.unknown,
            "nats_per_symbol": self.nats_per_symbol,
            "perplexity": self.perplexity,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same names under the network and under the baselines; `order` is Kneser-Ney's."""

    network: Likelihood
    kneser_ney: Likelihood
    order: int
    bigram: Likelihood

    def as_json(self) -> dict[str, Any]:
        """The figures of the network, those of the baselines under their names."""
        return {
            **self.network.as_json(),
            "baselines": {
                "kneser_ney": {"order": self.order, **self.kneser_ney.as_json()},
                "bigram": self.bigram.as_json(),
            },
        }


def list_log_probs(model: NameModel, names: Sequence[str], kind: Kind = "given") -> LogProbs:
    """Log-probability ``(names,)`` in nats of bare names of one kind.

    A model of a plain list has a single start symbol and takes them for names of that list.
    """
    shares = [
        (model.alphabet.start_index(start), statistics.share)
        for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True)
        if start == ANY_NAME or start.kind == kind
    ]
    encoded = [model.alphabet.encode(name) for name in names]

    def log_probs_after(start: int) -> LogProbs:
        sequences = encode_sequences([start] * len(names), encoded)
        return np.asarray(score(model.network, sequences).double().numpy())

    return _mixed(log_probs_after, shares)


def evaluate_list(model: NameModel, names: Sequence[str], kind: Kind = "given") -> Likelihood:
    """The likelihood of bare names, read as names of one kind."""
    return _likelihood(model.alphabet, names, list_log_probs(model, names, kind))


def evaluate_seen(model: NameModel, names: Sequence[str]) -> dict[str, Likelihood]:
    """`evaluate_list` apart for names that the model was trained on and those it was not."""
    seen = [name for name in names if model.fingerprints.was_trained_on(name)]
    unseen = [name for name in names if not model.fingerprints.was_trained_on(name)]
    parts = {"seen": seen, "unseen": unseen}
    return {title: evaluate_list(model, part) for title, part in parts.items() if part}


def compare(model: NameModel, records: Sequence[NameRecord], kind: Kind = "given") -> Comparison:
    """The test split of one kind under the network, Kneser-Ney and a bigram table.

    The baselines learn from the train split alone; the order of Kneser-Ney is chosen on valid.
    """
    records = [record for record in records if record.kind == kind]
    test = [record.name for record in records if record.split == "test"]
    corpus = corpus_of_records(records)
    alphabet = corpus.alphabet
    sequences = _with_starts(corpus.train, alphabet)
    order, kneser_ney = best_kneser_ney(sequences, corpus.valid, alphabet)
    bigram = BigramTable(sequences, predicted=alphabet.predicted)
    shares = [
        (alphabet.start_index(start), statistics.share)
        for start, statistics in zip(alphabet.starts, corpus.statistics, strict=True)
    ]
    encoded = [alphabet.encode(name) for name in test]

    def likelihood(log_prob: Callable[[int, Sequence[int]], float]) -> Likelihood:
        log_probs = _mixed(
            lambda start: np.array([log_prob(start, letters) for letters in encoded]), shares
        )
        return _likelihood(alphabet, test, log_probs)

    return Comparison(
        network=evaluate_list(model, test, kind),
        kneser_ney=likelihood(kneser_ney.log_prob),
        order=order,
        bigram=likelihood(bigram.log_prob),
    )


def best_kneser_ney(
    sequences: Sequence[Sequence[int]], valid: Part, alphabet: Alphabet
) -> tuple[int, KneserNey]:
    """The order that predicts `valid` best, found by raising it while that helps, and its model."""
    held_out = _with_starts(valid, alphabet)

    def fit(order: int) -> tuple[float, int, KneserNey]:
        model = KneserNey(sequences, order=order, predicted=alphabet.predicted)
        return sum(model.log_prob(start, letters) for start, *letters in held_out), order, model

    best = fit(_ORDERS[0])
    for order in _ORDERS[1:]:
        candidate = fit(order)
        if candidate[0] <= best[0]:
            break
        best = candidate
    return best[1], best[2]


def conditional_likelihood(model: NameModel, records: Sequence[NameRecord]) -> Likelihood:
    """The likelihood of names whose kind, gender and origin are given, not summed over."""
    part = part_of_records(records)
    sequences = part.encode(model.alphabet)
    log_probs = score(model.network, sequences).double().numpy()
    return _likelihood(model.alphabet, part.names, log_probs)


def _with_starts(part: Part, alphabet: Alphabet) -> list[list[int]]:
    return [
        [alphabet.start_index(start), *alphabet.encode(name)]
        for name, start in zip(part.names, part.starts, strict=True)
    ]


def _mixed(
    log_probs_after: Callable[[int], LogProbs], shares: Sequence[tuple[int, float]]
) -> LogProbs:
    """Sum over start symbols, each given with its share."""
    by_start = np.stack([log_probs_after(start) for start, _ in shares])  # (starts, names)
    priors = np.array([share for _, share in shares])
    weighed = by_start + np.log(priors / priors.sum())[:, None]
    return np.asarray(np.logaddexp.reduce(weighed, axis=0))


def _likelihood(alphabet: Alphabet, names: Sequence[str], log_probs: LogProbs) -> Likelihood:
    encoded = [alphabet.encode(name) for name in names]
    symbols = sum(len(letters) + 1 for letters in encoded)
    return Likelihood(
        names=len(names),
        symbols=symbols,
        unknown=sum(letters.count(UNKNOWN) for letters in encoded),
        nats_per_symbol=-float(log_probs.sum()) / symbols,
    )
