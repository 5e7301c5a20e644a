"""Held-out likelihood of a model, and of the baselines beside it.

A name may be scored under one start symbol, or, when only its letters are given, under all the
start symbols of given names: p(name) = sum over start of share(start) p(name | start).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.alphabet import ANY_NAME, UNKNOWN, Alphabet, Start
from ml.corpus import Part, part_of_records
from ml.model import NameModel
from ml.names import Kind, NameRecord
from ml.ngram import BigramTable, KneserNey
from ml.scoring import score
from ml.sequences import encode_sequences

# Log-probability of encoded letters after a start symbol.
LogProb = Callable[[int, Sequence[int]], float]

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
class Row:
    """One line of a comparison: a model's name and its likelihood of some names."""

    model: str
    likelihood: Likelihood


def list_log_probs(model: NameModel, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Log-probability ``(names,)`` in nats of bare names, summed over the starts of given names."""
    return _network_log_probs(model, names, given_starts(model))


def evaluate_list(model: NameModel, names: Sequence[str]) -> Likelihood:
    """The likelihood of bare names, read as given names by a model that knows several kinds."""
    return _likelihood(names, model.alphabet, list_log_probs(model, names))


def evaluate_seen(model: NameModel, names: Sequence[str]) -> dict[str, Likelihood]:
    """`evaluate_list` apart for names that the model was trained on and those it was not."""
    log_probs = list_log_probs(model, names)
    seen = np.array([model.fingerprints.was_trained_on(name) for name in names])
    parts = {}
    for title, mask in (("seen", seen), ("unseen", ~seen)):
        if mask.any():
            kept = [name for name, keep in zip(names, mask, strict=True) if keep]
            parts[title] = _likelihood(kept, model.alphabet, log_probs[mask])
    return parts


def compare_with_baselines(
    model: NameModel, records: Sequence[NameRecord], kind: Kind = "given"
) -> list[Row]:
    """The test split of one kind under the network, Kneser-Ney and a bigram table.

    All three are given the bare names and sum over the start symbols of the kind alike. The
    baselines learn from the train split; the order of Kneser-Ney is chosen on the valid one.
    """
    parts = {
        split: part_of_records([r for r in records if r.kind == kind and r.split == split])
        for split in ("train", "valid", "test")
    }
    alphabet = model.alphabet
    starts = [start for start in alphabet.starts if start.kind == kind]
    sequences = encoded_with_starts(parts["train"], alphabet)
    order, kneser_ney = best_kneser_ney(sequences, parts["valid"], alphabet)
    bigrams = BigramTable(sequences, predicted=alphabet.predicted)
    test = parts["test"].names
    return [
        Row("network", _likelihood(test, alphabet, _network_log_probs(model, test, starts))),
        Row(
            f"Kneser-Ney, order {order}",
            _baseline(kneser_ney.log_prob, test, alphabet, starts, model),
        ),
        Row("bigram table", _baseline(bigrams.log_prob, test, alphabet, starts, model)),
    ]


def given_starts(model: NameModel) -> list[Start]:
    """The start symbols under which a bare list is read."""
    starts = [start for start in model.alphabet.starts if start.kind in ("given", None)]
    return starts or [ANY_NAME]


def best_kneser_ney(
    sequences: Sequence[Sequence[int]], valid: Part, alphabet: Alphabet
) -> tuple[int, KneserNey]:
    """The order that predicts `valid` best, and the model of that order."""
    best: tuple[float, int, KneserNey] | None = None
    for order in _ORDERS:
        model = KneserNey(sequences, order=order, predicted=alphabet.predicted)
        log_prob = sum(
            model.log_prob(alphabet.start_index(start), alphabet.encode(name))
            for name, start in zip(valid.names, valid.starts, strict=True)
        )
        if best is not None and log_prob <= best[0]:
            break
        best = (log_prob, order, model)
    if best is None:
        raise ValueError("no order to choose from")
    return best[1], best[2]


def encoded_with_starts(part: Part, alphabet: Alphabet) -> list[list[int]]:
    """Names as the n-grams want them: start symbol and letters."""
    return [
        [alphabet.start_index(start), *alphabet.encode(name)]
        for name, start in zip(part.names, part.starts, strict=True)
    ]


def mix_starts(
    log_probs: npt.NDArray[np.float64], starts: Sequence[Start], model: NameModel
) -> npt.NDArray[np.float64]:
    """log sum over start of share(start) p(name | start), from ``(starts, names)``."""
    shares = {
        start: statistics.share
        for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True)
    }
    priors = np.array([shares[start] for start in starts])
    mixed = np.logaddexp.reduce(log_probs + np.log(priors / priors.sum())[:, None], axis=0)
    return np.asarray(mixed)


def _network_log_probs(
    model: NameModel, names: Sequence[str], starts: Sequence[Start]
) -> npt.NDArray[np.float64]:
    encoded = [model.alphabet.encode(name) for name in names]
    by_start = np.empty((len(starts), len(names)))
    for row, start in enumerate(starts):
        sequences = encode_sequences([model.alphabet.start_index(start)] * len(names), encoded)
        by_start[row] = score(model.network, sequences).numpy()
    return mix_starts(by_start, starts, model)


def _baseline(
    log_prob: LogProb,
    names: Sequence[str],
    alphabet: Alphabet,
    starts: Sequence[Start],
    model: NameModel,
) -> Likelihood:
    encoded = [alphabet.encode(name) for name in names]
    by_start = np.array(
        [
            [log_prob(alphabet.start_index(start), letters) for letters in encoded]
            for start in starts
        ]
    )
    return _likelihood(names, alphabet, mix_starts(by_start, starts, model))


def _likelihood(
    names: Sequence[str], alphabet: Alphabet, log_probs: npt.NDArray[np.float64]
) -> Likelihood:
    encoded = [alphabet.encode(name) for name in names]
    symbols = sum(len(letters) + 1 for letters in encoded)
    return Likelihood(
        names=len(names),
        symbols=symbols,
        unknown=sum(letters.count(UNKNOWN) for letters in encoded),
        nats_per_symbol=-float(log_probs.sum()) / symbols,
    )
