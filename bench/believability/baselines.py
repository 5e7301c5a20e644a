"""Kneser-Ney and a bigram table of each kind of name: to be outdone, and to judge by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.believability.suspects import Suspect
from ml.arrays import Doubles
from ml.corpora.corpus import corpus_of_records
from ml.models.ngram import KneserNey
from ml.names.alphabet import Alphabet, Start
from ml.names.records import KINDS, NameRecord
from ml.names.statistics import StartStatistics
from ml.scoring.bigrams import BigramTable
from ml.scoring.evaluation import best_kneser_ney


@dataclass(frozen=True, eq=False)
class Baselines:
    """The two models of one kind, learnt as `ml evaluate` does it."""

    alphabet: Alphabet
    statistics: Mapping[Start, StartStatistics]
    kneser_ney: KneserNey
    bigram: BigramTable

    def symbol_nats(self, name: Suspect) -> Doubles:
        """What each letter and the end cost under Kneser-Ney, ``(letters + 1,)``, in nats."""
        start = self.alphabet.start_index(name.start)
        return -self.kneser_ney.symbol_log_probs([[start, *self.alphabet.encode(name.name)]])


def fit_baselines(records: Sequence[NameRecord]) -> dict[Start, Baselines]:
    """The baselines of each start symbol's kind, from the train split; valid chooses the order."""
    fitted: dict[Start, Baselines] = {}
    for kind in KINDS:
        of_kind = _fit([record for record in records if record.kind == kind])
        fitted |= dict.fromkeys(of_kind.statistics, of_kind)
    return fitted


def _fit(records: Sequence[NameRecord]) -> Baselines:
    corpus = corpus_of_records(records)
    alphabet = corpus.alphabet
    sequences = corpus.train.encode(alphabet).rows()
    return Baselines(
        alphabet,
        statistics=dict(zip(alphabet.starts, corpus.statistics, strict=True)),
        kneser_ney=best_kneser_ney(sequences, corpus.valid, alphabet),
        bigram=BigramTable(sequences, predicted=alphabet.predicted),
    )
