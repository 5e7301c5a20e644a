"""The baselines: an interpolated Kneser-Ney n-gram, and a bigram table.

Kneser & Ney 1995; the interpolated form with one discount an order is Chen & Goodman 1999,
"An empirical study of smoothing techniques", equations 24 to 26::

    p(w | h) = max(c(h w) - D, 0) / c(h .)  +  D N(h .) / c(h .) * p(w | h')

with h' the context h less its first symbol. The highest order counts occurrences; every lower one
counts in how many different contexts a symbol was seen. The start symbol is an ordinary first
symbol of the context, never predicted.
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
        self._discounts = [_discount(counts) for counts in self._counts]
        self._totals = [
            {context: sum(following.values()) for context, following in counts.items()}
            for counts in self._counts
        ]

    def probability(self, context: Sequence[int], symbol: int) -> float:
        """p(symbol | context); of the context at most the last ``order - 1`` symbols count."""
        probability = self._uniform
        for length in range(min(self.order - 1, len(context)) + 1):
            seen = tuple(context[len(context) - length :])
            following = self._counts[length].get(seen)
            if following is None:
                break
            discount = self._discounts[length]
            backed_off = discount * len(following) * probability
            kept = max(following.get(symbol, 0.0) - discount, 0.0)
            probability = (kept + backed_off) / self._totals[length][seen]
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


def _discount(counts: Mapping[Context, Mapping[int, float]]) -> float:
    """D = n1 / (n1 + 2 n2), n1 and n2 the n-grams counted once and twice (Chen & Goodman, 26)."""
    once = twice = 0
    for following in counts.values():
        for count in following.values():
            once += count == 1
            twice += count == 2
    # Without a single n-gram counted once nothing speaks for a discount, but zero would forbid
    # every unseen symbol.
    return once / (once + 2 * twice) if once and twice else 0.5
