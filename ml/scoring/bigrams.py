"""The other baseline: a bigram table."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ml.arrays import Doubles
from ml.names.alphabet import END


class BigramTable:
    """Counts of symbol pairs with one added to each, as in a learner's first model."""

    def __init__(self, sequences: Sequence[Sequence[int]], *, predicted: int) -> None:
        self._predicted = predicted
        self._counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for sequence in sequences:
            for symbol, following in zip(sequence, (*sequence[1:], END), strict=True):
                self._counts[symbol][following] += 1

    def log_probs(self, names: Sequence[Sequence[int]]) -> Doubles:
        """Log-probability ``(names,)`` in nats of whole names, their ends included."""
        return np.array([self.log_prob(start, letters) for start, *letters in names])

    def log_prob(self, start: int, letters: Sequence[int]) -> float:
        """Log-probability in nats of a whole name, its end included."""
        total = 0.0
        for symbol, following in zip((start, *letters), (*letters, END), strict=True):
            counts = self._counts.get(symbol, {})
            total += math.log(
                (counts.get(following, 0) + 1) / (sum(counts.values()) + self._predicted)
            )
        return total
