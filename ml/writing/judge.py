"""Would a reader believe it? The model judges what it wrote before anybody sees it.

Sampling says which letter comes next; that the whole is a name is another question, and a model
that is asked it answers better than it writes. The judge is a logistic regression on what the
model itself says of a name: how probable it is, its least probable letter, how much more probable
as a given name of this gender than of the other one or as a surname, and what its n-gram alone,
which remembers real names best, makes of it. It was fitted to 595 invented names that two readers
had marked blind beside real ones (``bench/readings``; `bench.reading` says how).

Names that people bear are not judged: they are names, whatever the model thinks.
"""

from collections.abc import Sequence

import numpy as np

from ml.arrays import Doubles, Symbols
from ml.models.model import NameModel
from ml.models.ngram import KneserNey
from ml.names.alphabet import Start
from ml.writing.prediction import log_softmax
from ml.writing.sampling import Sample
from ml.writing.stepper import Stepper

# Fitted: of log p, of that of the least probable letter, of the length, of log p a symbol by the
# n-gram; then of the margins of kind and gender.
_WEIGHTS = np.array([0.408, 0.320, 0.034, 1.178])
_MARGIN_WEIGHTS = np.array([0.192, 0.226])
_BIAS = 5.482
# Beyond so many nats it is beyond doubt which kind or gender a name is of.
_BEYOND_DOUBT = 4.0


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
        for start in {sample.start for sample in samples}:
            rows = [row for row, sample in enumerate(samples) if sample.start == start]
            scores[rows] = self._after_one_start([samples[row] for row in rows], start, enough)
        return scores

    def _after_one_start(self, samples: Sequence[Sample], start: Start, enough: float) -> Doubles:
        letters = [self._alphabet.encode(sample.name) for sample in samples]
        lengths = np.array([len(name) for name in letters])
        first = self._alphabet.start_index(start)
        by_ngram = self._ngram.log_probs([[first, *name] for name in letters]) / (lengths + 1)
        log_probs = [sample.log_prob for sample in samples]
        least = [sample.least for sample in samples]
        features = np.stack([log_probs, least, lengths, by_ngram], axis=1)
        # As if there were no doubt of kind and gender. To look takes as long as to write the name,
        # and most are refused anyhow.
        scores = features @ _WEIGHTS + _BIAS + _BEYOND_DOUBT * _MARGIN_WEIGHTS.sum()
        rows = np.flatnonzero(scores >= enough)
        if len(rows):
            margins = self._margins([letters[row] for row in rows], lengths[rows], start)
            scores[rows] += (np.stack(margins, axis=1) - _BEYOND_DOUBT) @ _MARGIN_WEIGHTS
        return np.asarray(scores)

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
