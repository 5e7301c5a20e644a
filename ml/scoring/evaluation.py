"""Held-out likelihood of a model, and of the baselines beside it.

When only the letters of a name are given, it is scored under every start symbol of its kind::

    p(name) = sum over start of share(start) p(name | start)

where the share is that of the training names; when the gender is given too, the sum goes over the
start symbols of that gender. Baselines are scored in just the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles
from ml.corpora.corpus import Part, corpus_of_records, part_of_records
from ml.corpora.sequences import encode_sequences
from ml.models.model import NameModel
from ml.models.ngram import KneserNey, highest_order
from ml.names.alphabet import ANY_NAME, UNKNOWN, Alphabet, Start
from ml.names.records import GENDERS, Gender, Kind, NameRecord
from ml.scoring.bigrams import BigramTable
from ml.scoring.likelihood import Likelihood
from ml.scoring.scorer import Scorer

_LOWEST_ORDER = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same names under the model and under the baselines; `order` is Kneser-Ney's.

    `network_alone` is the model without its mixture. `genders` are the same names apart, each
    scored knowing the gender.
    """

    model: Likelihood
    network_alone: Likelihood
    kneser_ney: Likelihood
    order: int
    bigram: Likelihood
    genders: Mapping[Gender, "Comparison"] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The figures of the model, those beside it under their names; no genders."""
        return {
            **self.model.as_json(),
            "network_alone": self.network_alone.as_json(),
            "baselines": {
                "kneser_ney": {"order": self.order, **self.kneser_ney.as_json()},
                "bigram": self.bigram.as_json(),
            },
        }


def list_log_probs(model: NameModel, names: Sequence[str], kind: Kind = "given") -> Doubles:
    """Log-probability ``(names,)`` in nats of bare names of one kind.

    A model of a plain list has a single start symbol and takes them for names of that list.
    """
    return _under(Scorer.of(model), model, names, kind).mixed()


def evaluate_list(model: NameModel, names: Sequence[str], kind: Kind = "given") -> Likelihood:
    """The likelihood of bare names, read as names of one kind."""
    return _likelihood(model.alphabet, names, list_log_probs(model, names, kind))


def evaluate_seen(model: NameModel, names: Sequence[str]) -> dict[str, Likelihood]:
    """The likelihood of ``all`` names, and of those that the model was trained on, ``seen``, apart
    from those it was not, ``unseen``; a part without names is left out.

    Of a model with a mixture also that of all names under its ``network_alone``.
    """
    scorer = Scorer.of(model)
    log_probs = _under(scorer, model, names).mixed()
    seen = np.array([model.fingerprints.was_trained_on(name) for name in names])
    parts = {"all": np.ones_like(seen), "seen": seen, "unseen": ~seen}
    likelihoods = {
        title: _likelihood(model.alphabet, _chosen(names, part), log_probs[part])
        for title, part in parts.items()
        if part.any()
    }
    if model.mixture:
        alone = _under(scorer.network_alone, model, names).mixed()
        likelihoods["network_alone"] = _likelihood(model.alphabet, names, alone)
    return likelihoods


def compare(model: NameModel, records: Sequence[NameRecord], kind: Kind = "given") -> Comparison:
    """The test split of one kind under the model, Kneser-Ney and a bigram table.

    The baselines learn from the train split alone; the order of Kneser-Ney is chosen on valid.
    The genders come apart if the model knows them: one of a plain list does not.
    """
    records = [record for record in records if record.kind == kind]
    test = [record for record in records if record.split == "test"]
    names = [record.name for record in test]
    corpus = corpus_of_records(records)
    alphabet = corpus.alphabet
    sequences = corpus.train.encode(alphabet).rows()
    kneser_ney = best_kneser_ney(sequences, corpus.valid, alphabet)
    bigram = BigramTable(sequences, predicted=alphabet.predicted)
    shares = {
        start: statistics.share
        for start, statistics in zip(alphabet.starts, corpus.statistics, strict=True)
    }
    encoded = [alphabet.encode(name) for name in names]

    def under_baseline(log_probs: Callable[[list[list[int]]], Doubles]) -> _ByStart:
        def log_probs_after(start: Start) -> Doubles:
            return log_probs([[alphabet.start_index(start), *letters] for letters in encoded])

        return _by_start(shares, log_probs_after)

    scorer = Scorer.of(model)
    scored = _under(scorer, model, names, kind)
    alone = _under(scorer.network_alone, model, names, kind)
    by_kneser_ney = under_baseline(kneser_ney.log_probs)
    by_bigram = under_baseline(bigram.log_probs)

    def part(gender: Gender | None) -> Comparison:
        those = np.array([gender in (None, record.gender) for record in test])

        def likelihood(alphabet: Alphabet, scored: _ByStart) -> Likelihood:
            return _likelihood(alphabet, _chosen(names, those), scored.mixed(gender)[those])

        return Comparison(
            model=likelihood(model.alphabet, scored),
            network_alone=likelihood(model.alphabet, alone),
            kneser_ney=likelihood(alphabet, by_kneser_ney),
            order=kneser_ney.order,
            bigram=likelihood(alphabet, by_bigram),
        )

    known = {start.gender for start in scored.shares} & {start.gender for start in shares}
    tested = {record.gender for record in test}
    apart = {gender: part(gender) for gender in GENDERS if gender in known & tested}
    return replace(part(None), genders=apart)


def best_kneser_ney(
    sequences: Sequence[Sequence[int]], valid: Part, alphabet: Alphabet
) -> KneserNey:
    """The one that predicts `valid` best: of what order, and whether the start is never forgotten.

    The order is raised while that helps.
    """
    held_out = valid.encode(alphabet).rows()
    best: tuple[float, KneserNey] | None = None
    for by_start in {False, len(alphabet.starts) > 1}:
        previous = -np.inf
        for order in range(_LOWEST_ORDER, highest_order(alphabet.read) + 1):
            model = KneserNey.fit(
                sequences,
                order=order,
                read=alphabet.read,
                predicted=alphabet.predicted,
                by_start=by_start,
            )
            log_prob = float(model.log_probs(held_out).sum())
            if log_prob <= previous:
                break
            previous = log_prob
            if best is None or log_prob > best[0]:
                best = log_prob, model
    assert best is not None, "an alphabet so large that no trigram fits a number"  # noqa: S101
    return best[1]


def conditional_likelihood(model: NameModel, records: Sequence[NameRecord]) -> Likelihood:
    """The likelihood of names whose kind, gender and origin are given, not summed over."""
    part = part_of_records(records)
    sequences = part.encode(model.alphabet)
    log_probs = Scorer.of(model).names(sequences).double().numpy()
    return _likelihood(model.alphabet, part.names, log_probs)


@dataclass(frozen=True, slots=True)
class _ByStart:
    """Names scored after each start symbol of `shares`: `log_probs` ``(starts, names)``."""

    shares: Mapping[Start, float]
    log_probs: Doubles

    def mixed(self, gender: Gender | None = None) -> Doubles:
        """The sum ``(names,)`` over all start symbols, or those of one gender, by their share."""
        summed = np.array([gender in (None, start.gender) for start in self.shares])
        priors = np.array([*self.shares.values()])[summed]
        weighed = self.log_probs[summed] + np.log(priors / priors.sum())[:, None]
        return np.asarray(np.logaddexp.reduce(weighed, axis=0))


def _by_start(
    shares: Mapping[Start, float], log_probs_after: Callable[[Start], Doubles]
) -> _ByStart:
    return _ByStart(shares, np.stack([log_probs_after(start) for start in shares]))


def _under(
    scorer: Scorer, model: NameModel, names: Sequence[str], kind: Kind = "given"
) -> _ByStart:
    shares = {
        start: float(share)
        for start, share in zip(model.alphabet.starts, model.shares, strict=True)
        if start == ANY_NAME or start.kind == kind
    }
    encoded = [model.alphabet.encode(name) for name in names]

    def log_probs_after(start: Start) -> Doubles:
        starts = [model.alphabet.start_index(start)] * len(names)
        return np.asarray(scorer.names(encode_sequences(starts, encoded)).double().numpy())

    return _by_start(shares, log_probs_after)


def _chosen(names: Sequence[str], those: npt.NDArray[np.bool_]) -> list[str]:
    return [name for name, chosen in zip(names, those, strict=True) if chosen]


def _likelihood(alphabet: Alphabet, names: Sequence[str], log_probs: Doubles) -> Likelihood:
    encoded = [alphabet.encode(name) for name in names]
    symbols = sum(len(letters) + 1 for letters in encoded)
    return Likelihood(
        names=len(names),
        symbols=symbols,
        unknown=sum(letters.count(UNKNOWN) for letters in encoded),
        nats_per_symbol=-float(log_probs.sum()) / symbols,
    )
