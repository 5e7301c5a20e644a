"""The baselines: an interpolated Kneser-Ney n-gram, and a bigram table.

Kneser & Ney 1995 in the modified, interpolated form of Chen & Goodman 1999, "An empirical study of
smoothing techniques for language modeling", section 3, equations 23 to 26::

    p(w | h) = (c(h w) - D(c(h w)) + p(w | h') sum_v D(c(h v))) / c(h .)

with h' the context h less its first symbol, and three discounts D for n-grams counted once, twice
and more often. The highest order counts occurrences; every lower one counts in how many different
contexts a symbol was seen. The start symbol is an ordinary first symbol of the context, never
predicted.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ml.alphabet import END

Context = tuple[int, ...]
_Counts = dict[Context, dict[int, float]]


class KneserNey:
    """An interpolated Kneser-Ney model of `order` over the symbols of an alphabet.

    `sequences` are the training names: start symbol, letters, without the end.
    """

    def __init__(self, sequences: Sequence[Sequence[int]], *, order: int, predicted: int) -> None:
        if order < 1:
            raise ValueError("the order of an n-gram is at least 1")
        self.order = order
        self._uniform = 1.0 / predicted
        # By length of context: what follows it, how often (or after how many different symbols).
        self._counts: list[_Counts] = [defaultdict(dict) for _ in range(order)]
        self._count(sequences)
        self._discounts = [_discounts_of(counts) for counts in self._counts]
        # By context: the sum of its counts, and how much of that its discounts take.
        self._totals = [
            {
                context: (
                    sum(following.values()),
                    sum(discounts[min(int(count), 3)] for count in following.values()),
                )
                for context, following in counts.items()
            }
            for counts, discounts in zip(self._counts, self._discounts, strict=True)
        ]

    def probability(self, context: Sequence[int], symbol: int) -> float:
        """p(symbol | context); of the context at most the last ``order - 1`` symbols count."""
        probability = self._uniform
        for length in range(min(self.order - 1, len(context)) + 1):
            seen = tuple(context[len(context) - length :])
            following = self._counts[length].get(seen)
            if following is None:
                break
            total, discounted = self._totals[length][seen]
            count = following.get(symbol, 0.0)
            kept = count - self._discounts[length][min(int(count), 3)]
            probability = (kept + discounted * probability) / total
        return probability

    def log_prob(self, start: int, letters: Sequence[int]) -> float:
        """Log-probability in nats of a whole name, its end included."""
        context = [start]
        total = 0.0
        for symbol in (*letters, END):
            total += math.log(self.probability(context, symbol))
            context.append(symbol)
        return total

    def distribution(self, context: Sequence[int], predicted: int) -> list[float]:
        """p(symbol | context) of every predicted symbol."""
        return [self.probability(context, symbol) for symbol in range(predicted)]

    def _count(self, sequences: Sequence[Sequence[int]]) -> None:
        highest = self.order - 1
        for sequence in sequences:
            symbols = (*sequence, END)
            for position in range(1, len(symbols)):
                longest = min(highest, position)
                for length in range(longest + 1):
                    context = symbols[position - length : position]
                    following = self._counts[length][context]
                    symbol = symbols[position]
                    # A context that begins with the start has no symbol before it to be counted
                    # by, so occurrences count for it, as they do for the highest order.
                    if length in (highest, position):
                        following[symbol] = following.get(symbol, 0.0) + 1.0
                    else:
                        following.setdefault(symbol, 0.0)
        for length in range(highest):
            seen_after: dict[Context, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
            for context, following in self._counts[length + 1].items():
                for symbol in following:
                    seen_after[context[1:]][symbol].add(context[0])
            for context, before in seen_after.items():
                counts = self._counts[length][context]
                for symbol, predecessors in before.items():
                    counts[symbol] = float(len(predecessors))


class BigramTable:
    """Counts of symbol pairs with one added to each, as in a learner's first model."""

    def __init__(self, sequences: Sequence[Sequence[int]], *, predicted: int) -> None:
        self._predicted = predicted
        self._counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for sequence in sequences:
            for symbol, following in zip(sequence, (*sequence[1:], END), strict=True):
                self._counts[symbol][following] += 1

    def log_prob(self, start: int, letters: Sequence[int]) -> float:
        """Log-probability in nats of a whole name, its end included."""
        total = 0.0
        for symbol, following in zip((start, *letters), (*letters, END), strict=True):
            counts = self._counts.get(symbol, {})
            total += math.log(
                (counts.get(following, 0) + 1) / (sum(counts.values()) + self._predicted)
            )
        return total


def _discounts_of(counts: Mapping[Context, Mapping[int, float]]) -> tuple[float, ...]:
    """Discounts of n-grams counted 0, 1, 2, and 3 or more times (Chen & Goodman 1999, eq. 26)."""
    seen = [0, 0, 0, 0, 0]  # n-grams counted (unused), once, twice, three and four times
    for following in counts.values():
        for count in following.values():
            if count < len(seen):
                seen[int(count)] += 1
    _, once, twice, thrice, four_times = seen
    # A handful of names may hold no n-gram of some count; zero discounts would then forbid every
    # unseen symbol.
    if not (once and twice and thrice and four_times):
        return (0.0, 0.5, 0.5, 0.5)
    ratio = once / (once + 2 * twice)
    discounts = (
        1 - 2 * ratio * twice / once,
        2 - 3 * ratio * thrice / twice,
        3 - 4 * ratio * four_times / thrice,
    )
    # Counts of a short list can be so uneven that the estimate leaves its range.
    return (0.0, *(min(max(d, 0.05), highest) for highest, d in enumerate(discounts, start=1)))
