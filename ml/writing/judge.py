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

from ml.arrays import Doubles, Symbols
from ml.models.model import NameModel
from ml.models.ngram import KneserNey
from ml.names import known
from ml.names.alphabet import Start
from ml.names.records import fold
from ml.writing.prediction import log_softmax
from ml.writing.sampling import Sample
from ml.writing.stepper import Stepper

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "data" / "judge.csv"

Column = Literal["russian", "elsewhere"]

FIGURES = ("log_prob", "least", "length", "ngram")
"""What is known from writing it, and log p a letter by the n-gram alone, which remembers best."""
KIN = ("kin", "patronymic")
"""Whether a name of another ending is borne, and a patronymic from it: see `kin`."""
MARGINS = ("kind", "gender")
"""How much rather it is a given name than a surname, and one of its gender than of the other."""
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

    def __init__(self, model: NameModel, stepper: Stepper, ngram: KneserNey) -> None:
        self._stepper = stepper
        self._ngram = ngram
        self._alphabet = model.alphabet
        self._log_shares = np.log([statistics.share for statistics in model.statistics])

    def scores(self, samples: Sequence[Sample], *, enough: float) -> Doubles:
        """How believable each name is, ``(samples,)``: the log-odds that a reader accepts it.

        Of a name that cannot come up to `enough` it is only said that it does not, and how nearly.
        """
        scores = np.empty(len(samples))
        russian = [sample.start.origin == "russian" for sample in samples]
        columns: tuple[tuple[Column, bool], ...] = (("russian", True), ("elsewhere", False))
        for column, wanted in columns:
            rows = [row for row, is_russian in enumerate(russian) if is_russian == wanted]
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
        # Kin is looked up, and the margins take as long as to write the name: they are asked for
        # where they may still decide. Until then a name has the most that they could give it.
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
        """`MARGINS` of each name, ``(samples, margins)``, in nats, at most `_BEYOND_DOUBT`."""
        margins = np.empty((len(samples), len(MARGINS)))
        for start in {sample.start for sample in samples}:
            rows = [row for row, sample in enumerate(samples) if sample.start == start]
            letters = [self._alphabet.encode(samples[row].name) for row in rows]
            lengths = np.array([len(name) for name in letters])
            margins[rows] = np.column_stack(self._margins(letters, lengths, start))
        return margins

    def _margins(
        self, letters: Sequence[Sequence[int]], lengths: Symbols, start: Start
    ) -> tuple[Doubles, Doubles]:
        """By how many nats each name is rather of its kind, and of its gender, than of another."""
        related = [
            (row, rival)
            for row, rival in enumerate(self._alphabet.starts)
            if rival.origin == start.origin
        ]
        own = [row for row, rival in related if rival == start]
        surnames = [row for row, rival in related if rival.kind == "surname"]
        others = [
            row
            for row, rival in related
            if rival.kind == start.kind and rival.gender != start.gender
        ]
        rows = own + surnames + others
        joint = self._log_probs(letters, lengths, rows) + self._log_shares[rows]

        def margin(columns: slice) -> Doubles:
            rivals = joint[:, columns]
            if not rivals.shape[1]:
                return np.full(len(letters), _BEYOND_DOUBT)
            clipped = np.clip(joint[:, 0] - rivals.max(axis=1), -_BEYOND_DOUBT, _BEYOND_DOUBT)
            return np.asarray(clipped)

        return margin(slice(1, 1 + len(surnames))), margin(slice(1 + len(surnames), None))

    def _log_probs(
        self, letters: Sequence[Sequence[int]], lengths: Symbols, rows: Sequence[int]
    ) -> Doubles:
        """Log p ``(names, rows)`` of each name by the network alone, after each of some starts."""
        longest = int(lengths.max())
        # A row a name and start; what is read beyond a name's end is not counted.
        symbols = np.zeros((len(letters), longest + 1), dtype=np.int64)
        for name, row in zip(letters, symbols, strict=True):
            row[: len(name)] = name
        symbols = symbols.repeat(len(rows), axis=0)
        counted = np.arange(longest + 1) <= lengths.repeat(len(rows))[:, None]
        names = self._stepper.start(self._stepper.initial(len(symbols)))
        before = np.tile(np.array(rows) + self._alphabet.predicted, len(letters))
        total = np.zeros(len(symbols))
        for place in range(longest + 1):
            log_probs = log_softmax(names.step(before))
            came = symbols[:, place]
            total += np.where(counted[:, place], log_probs[np.arange(len(came)), came], 0.0)
            before = came
        return total.reshape(len(letters), len(rows))


def _of(names: Sequence[str], weights: Mapping[str, float]) -> Doubles:
    return np.array([weights.get(name, 0.0) for name in names])
