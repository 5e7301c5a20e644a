"""Would a reader believe it? The model judges what it wrote before anybody sees it.

Sampling says which letter comes next; that the whole is a name is another question, and a model
that is asked it answers better than it writes. The judge is a logistic regression on what the
model itself says of a name (how probable it is, its least probable letter, how much more probable
as a given name of this gender than of the other one or as a surname), on the letters that stand
together in it, and on its kin: whether people bear its stem with another ending, or a patronymic
from it. `bench.judging` fitted the weights to some 6,400 invented names that were read blind.

Names that people bear are not judged: they are names, whatever the model thinks.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from ml.arrays import Doubles
from ml.models.model import NameModel
from ml.models.ngram import KneserNey
from ml.names import known
from ml.names.alphabet import Start
from ml.names.records import fold
from ml.writing.sampling import Sample

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "data" / "judge.csv"

Column = Literal["russian", "elsewhere"]

FIGURES = ("log_prob", "least", "length", "ngram")
"""What is known from writing it, and log p a letter by the n-gram alone, which remembers best."""
KIN = ("kin", "patronymic")
"""Whether a name of another ending is borne, and a patronymic from it: see `kin`."""
MARGINS = ("kind", "gender")
"""How much rather it is a given name than a surname, and one of its gender than of the other, by
the n-gram: the network says the same, and takes as long for it as to write the name."""
# Beyond so many nats it is beyond doubt which kind or gender a name is of.
_BEYOND_DOUBT = 4.0
_LONGEST_GRAM = 4
_ENDINGS = ("", "а", "я", "ь", "ий", "ия", "ей", "ья")
_FATHERS = ("ович", "евич", "иевич", "ьевич")


@cache
def shipped_weights(column: Column) -> Mapping[str, float]:
    """The weight of each figure, margin and gram, and the ``bias``.

    Elsewhere than in Russian names the letters that readers like are others, so grams weigh
    nothing there.
    """
    with SHIPPED_WEIGHTS.open(encoding="utf-8", newline="") as file:
        return {row["feature"]: float(row[column]) for row in csv.DictReader(file) if row[column]}


def grams(name: str) -> set[str]:
    """The one to four letters that stand together in a name, ``^`` before and ``$`` after it."""
    text = f"^{fold(name)}$"
    return {
        text[begin:end]
        for begin in range(len(text))
        for end in range(begin + 1, min(begin + _LONGEST_GRAM, len(text)) + 1)
    }


def kin(name: str) -> tuple[bool, bool]:
    """Whether a name of another ending is borne, and a patronymic from it: Зоилий by Зоил."""
    folded = fold(name)
    stem = folded.rstrip("аяйьи") or folded
    relatives = (stem + ending for ending in _ENDINGS)
    return (
        any(
            known.status(relative, "given", None) == "known"
            for relative in relatives
            if relative != folded
        ),
        any(known.status(stem + ending, "patronymic", "m") == "known" for ending in _FATHERS),
    )


class Judge:
    """Judges given names with the model that wrote them."""

    def __init__(self, model: NameModel, ngram: KneserNey) -> None:
        self._ngram = ngram
        self._alphabet = model.alphabet
        self._log_shares = np.log([statistics.share for statistics in model.statistics])

    def scores(self, samples: Sequence[Sample], *, enough: float) -> Doubles:
        """How believable each name is, ``(samples,)``: the log-odds that a reader accepts it.

        Of a name that cannot come up to `enough` it is only said that it does not, and how nearly.
        """
        scores = np.empty(len(samples))
        rows_of: dict[Column, list[int]] = {"russian": [], "elsewhere": []}
        for row, sample in enumerate(samples):
            rows_of["russian" if sample.start.origin == "russian" else "elsewhere"].append(row)
        for column, rows in rows_of.items():
            if rows:
                weights = shipped_weights(column)
                scores[rows] = self._scores([samples[row] for row in rows], weights, enough)
        return scores

    def _scores(
        self, samples: Sequence[Sample], weights: Mapping[str, float], enough: float
    ) -> Doubles:
        of_kin, of_margins = _of(KIN, weights), _of(MARGINS, weights)
        most_by_margins = _BEYOND_DOUBT * np.abs(of_margins).sum()
        scores = self.figures(samples) @ _of(FIGURES, weights) + weights["bias"]
        scores += [sum(weights.get(gram, 0.0) for gram in grams(each.name)) for each in samples]
        # Kin and margins take longer, and are asked for where they may still decide. Until then a
        # name has the most that they could give it.
        scores += most_by_margins + of_kin.clip(min=0).sum()
        rows = [row for row, score in enumerate(scores) if score >= enough]
        if rows:
            found = np.array([kin(samples[row].name) for row in rows])
            scores[rows] += found @ of_kin - of_kin.clip(min=0).sum()
            rows = [row for row in rows if scores[row] >= enough]
        if rows:
            margins = self.margins([samples[row] for row in rows])
            scores[rows] += margins @ of_margins - most_by_margins
        return np.asarray(scores)

    def figures(self, samples: Sequence[Sample]) -> Doubles:
        """`FIGURES` of each name, ``(samples, figures)``."""
        letters = [self._alphabet.encode(sample.name) for sample in samples]
        lengths = np.array([len(name) for name in letters])
        firsts = [self._alphabet.start_index(sample.start) for sample in samples]
        by_ngram = self._ngram.log_probs(
            [[first, *name] for first, name in zip(firsts, letters, strict=True)]
        )
        of_samples = [(sample.log_prob, sample.least) for sample in samples]
        return np.column_stack([of_samples, lengths, by_ngram / (lengths + 1)])

    def margins(self, samples: Sequence[Sample]) -> Doubles:
        """`MARGINS` of each name by the n-gram, ``(samples, margins)``, in nats.

        At most `_BEYOND_DOUBT`, and just that where the model knows no other kind or gender.
        """
        margins = np.full((len(samples), len(MARGINS)), _BEYOND_DOUBT)
        for start in {sample.start for sample in samples}:
            rows = [row for row, sample in enumerate(samples) if sample.start == start]
            names = [self._alphabet.encode(samples[row].name) for row in rows]
            own = self._log_joint(names, [start])
            related = [rival for rival in self._alphabet.starts if rival.origin == start.origin]
            surnames = [rival for rival in related if rival.kind == "surname"]
            others = [r for r in related if r.kind == start.kind and r.gender != start.gender]
            for column, rivals in enumerate((surnames, others)):
                if rivals:
                    margins[rows, column] = own[:, 0] - self._log_joint(names, rivals).max(axis=1)
        return margins.clip(-_BEYOND_DOUBT, _BEYOND_DOUBT)

    def _log_joint(self, names: Sequence[Sequence[int]], starts: Sequence[Start]) -> Doubles:
        """Log p ``(names, starts)`` of a start and, after it, of a name."""
        rows = [self._alphabet.start_index(start) - self._alphabet.predicted for start in starts]
        read = [[self._alphabet.predicted + row, *name] for name in names for row in rows]
        log_probs = self._ngram.log_probs(read).reshape(len(names), len(starts))
        return np.asarray(log_probs + self._log_shares[rows])


def _of(names: Sequence[str], weights: Mapping[str, float]) -> Doubles:
    return np.array([weights.get(name, 0.0) for name in names])
