"""An interpolated Kneser-Ney n-gram: the model that counts.

Kneser & Ney 1995 in the modified, interpolated form of Chen & Goodman 1999, "An empirical study of
smoothing techniques for language modeling", section 3, equations 23 to 26::

    p(w | h) = (c(h w) - D(c(h w)) + p(w | h') sum_v D(c(h v))) / c(h .)

with h' the context h less its first symbol, and three discounts D for n-grams counted once, twice
and more often. The highest order counts occurrences; every lower one counts in how many different
contexts a symbol was seen. The start symbol is an ordinary first symbol of the context, never
predicted.

An n-gram is kept as one number whose digits are its symbols. Sorted arrays of such numbers take
the place of nested tables: counting is sorting, looking up is bisecting, a batch goes at once, and
a model file holds the arrays as they are.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles, Symbols
from ml.names.alphabet import END

NO_SYMBOL = -1
"""Stands in a context where there is nothing: before the start symbol."""

_LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Level:
    """The n-grams of one length: sorted numbers of ``(context, symbol)``, digits to base `read`.

    `kept` is the share that each keeps of the count of its context after the discount; what is
    left of 1, the *backoff* of the context, goes to the next shorter context.
    """

    ngrams: Symbols
    kept: npt.NDArray[np.float32]
    read: int

    @cached_property
    def contexts(self) -> Symbols:
        """The different contexts, sorted."""
        return self.ngrams[self._first[:-1]] // self.read

    @cached_property
    def backoff(self) -> Doubles:
        """What each context leaves to the next shorter one."""
        kept = np.add.reduceat(self.kept.astype(np.float64), self._first[:-1])
        return np.maximum(1.0 - kept, 0.0)

    @cached_property
    def symbols(self) -> Symbols:
        """The last symbol of each n-gram."""
        return self.ngrams % self.read

    @cached_property
    def _first(self) -> Symbols:
        """Where the n-grams of each context begin, and where the last ones end."""
        changes = np.flatnonzero(np.diff(self.ngrams // self.read)) + 1
        return np.concatenate([[0], changes, [len(self.ngrams)]])

    def blend(self, contexts: Symbols, symbols: Symbols, shorter: Doubles) -> Doubles:
        """p(symbol | context) where the context is known, given that after the next shorter one."""
        row, known = _find(self.contexts, contexts)
        ngram, counted = _find(self.ngrams, contexts * self.read + symbols)
        blended = np.where(counted, self.kept[ngram], 0.0) + self.backoff[row] * shorter
        return np.where(known, blended, shorter)

    def blend_one(self, context: int, shorter: Doubles) -> Doubles:
        """p(symbol | context) ``(predicted,)`` of every symbol after one context."""
        row = int(np.searchsorted(self.contexts, context))
        if row == len(self.contexts) or self.contexts[row] != context:
            return shorter
        ngrams = slice(self._first[row], self._first[row + 1])
        blended = self.backoff[row] * shorter
        blended[self.symbols[ngrams]] += self.kept[ngrams]
        return np.asarray(blended)

    def blend_all(self, contexts: Symbols, shorter: Doubles) -> None:
        """The same for every symbol at once, in place, of `shorter` ``(batch, predicted)``."""
        row, known = _find(self.contexts, contexts)
        shorter *= np.where(known, self.backoff[row], 1.0)[:, None]
        first, size = self._first[row], np.where(known, np.diff(self._first)[row], 0)
        # The n-grams of all contexts one after another: `size` of them for each row.
        rows = np.repeat(np.arange(len(row)), size)
        ngrams = np.arange(len(rows)) + np.repeat(first - (np.cumsum(size) - size), size)
        shorter[rows, self.symbols[ngrams]] += self.kept[ngrams]


@dataclass(frozen=True)
class KneserNey:
    """A modified Kneser-Ney model; `levels` hold n-grams of 1, 2, ... symbols.

    `read` symbols can stand in a context, `predicted` of them can come next. Names are given as
    their start symbol and letters, without the end.

    A model `by_start` never forgets what kind of name it is about: the start symbol stands at the
    end of every context, nearest to what is predicted, and is the last to be dropped.
    """

    levels: tuple[Level, ...]
    read: int
    predicted: int
    by_start: bool = False

    @classmethod
    def fit(
        cls,
        names: Sequence[Sequence[int]],
        *,
        order: int,
        read: int,
        predicted: int,
        by_start: bool = False,
    ) -> Self:
        """Count names; n-grams longer than the longest name are left out.

        Raises:
            ValueError: the order is below 1, or too high for n-grams to fit a number.
        """
        if not 1 <= order <= highest_order(read):
            raise ValueError(f"the order of n-grams lies between 1 and {highest_order(read)} here")
        order = min(order, 1 + by_start + max(len(name) for name in names))
        windows = _windows(names, order, by_start)
        levels: list[Level] = []
        longer: Symbols | None = None
        for length in range(order, 0, -1):
            # Those that begin with the start have nothing before them to be counted by, so
            # occurrences count for them, as they do for the highest order.
            whole = windows[:, -length] != NO_SYMBOL
            if longer is not None:
                whole &= windows[:, -length - 1] == NO_SYMBOL
            numbers = windows[whole, -length:] @ read ** np.arange(length)[::-1]
            ngrams, counts = np.unique(numbers, return_counts=True)
            if longer is not None:
                seen, predecessors = np.unique(longer % read**length, return_counts=True)
                ngrams, counts = np.concatenate([ngrams, seen]), np.append(counts, predecessors)
                order_of_ngrams = np.argsort(ngrams)
                ngrams, counts = ngrams[order_of_ngrams], counts[order_of_ngrams]
            levels.append(Level(ngrams, _kept(ngrams // read, counts), read))
            longer = ngrams
        return cls(tuple(reversed(levels)), read, predicted, by_start)

    @property
    def order(self) -> int:
        """Symbols of the longest n-grams."""
        return len(self.levels)

    def context(self, symbols: Sequence[int]) -> list[int]:
        """What the model knows after `symbols`, a start and letters: ``order - 1`` symbols."""
        if self.order == 1:
            return []
        width = self.order - 1 - self.by_start
        nothing = [NO_SYMBOL] * (width - len(symbols))
        return [*nothing, *symbols[max(len(symbols) - width, 0) :], *symbols[: self.by_start]]

    def probabilities(self, contexts: Symbols, symbols: Symbols) -> Doubles:
        """p(symbol | context) ``(batch,)`` of `symbols` ``(batch,)``.

        `contexts` ``(batch, order - 1)`` are the symbols before each, the latest last;
        `NO_SYMBOL` where there is none.
        """
        blended = np.full(len(symbols), 1.0 / self.predicted)
        for level, numbers in zip(self.levels, self._numbers(contexts), strict=True):
            blended = level.blend(numbers, symbols, blended)
        return blended

    def distributions(self, contexts: Symbols) -> Doubles:
        """p(symbol | context) ``(batch, predicted)`` of every symbol, see `probabilities`."""
        blended = np.full((len(contexts), self.predicted), 1.0 / self.predicted)
        for level, numbers in zip(self.levels, self._numbers(contexts), strict=True):
            level.blend_all(numbers, blended)
        return blended

    def symbol_log_probs(self, names: Sequence[Sequence[int]]) -> Doubles:
        """Log-probability ``(symbols,)`` in nats of every letter and end, name after name."""
        windows = _windows(names, self.order, self.by_start)
        return np.log(self.probabilities(windows[:, :-1], windows[:, -1]))

    def log_probs(self, names: Sequence[Sequence[int]]) -> Doubles:
        """Log-probability ``(names,)`` in nats of whole names, their ends included."""
        lengths = np.array([len(name) for name in names])  # letters and end: start and letters
        return np.add.reduceat(self.symbol_log_probs(names), np.cumsum(lengths) - lengths)

    def _numbers(self, contexts: Symbols) -> Iterator[Symbols]:
        """Of each context the last 0, 1, ... symbols as a number; -1 where it is not so long."""
        numbers = np.zeros(len(contexts), dtype=np.int64)
        yield numbers
        for length in range(1, self.order):
            symbols = contexts[:, -length]
            numbers = numbers + symbols * self.read ** (length - 1)
            numbers = np.where(symbols == NO_SYMBOL, -1, numbers)
            yield numbers


def highest_order(read: int) -> int:
    """The longest n-grams of `read` different symbols that fit a number."""
    return int(math.log(_LARGEST_KEY, max(read, 2)))


def _windows(names: Sequence[Sequence[int]], order: int, by_start: bool) -> Symbols:
    """Every predicted symbol with its context before it, ``(symbols, order)``."""
    # What is read from the text as it stands; a start at the end of contexts is put in afterwards.
    width = order - 1 if by_start and order > 1 else order
    before = [NO_SYMBOL] * (width - 1)
    text: list[int] = []
    predicted: list[bool] = []
    starts: list[int] = []
    for name in names:
        text += [*before, *name, END]
        predicted += [*[False] * width, *[True] * len(name)]
        starts += [name[0]] * len(name)
    windows = np.lib.stride_tricks.sliding_window_view(np.array(text), width)
    chosen: Symbols = windows[np.array(predicted)[width - 1 :]]
    return chosen if width == order else np.insert(chosen, -1, starts, axis=1)


def _kept(contexts: Symbols, counts: Symbols) -> npt.NDArray[np.float32]:
    """The share of its context that each n-gram keeps; `contexts` are sorted."""
    _, context = np.unique(contexts, return_inverse=True)
    totals = np.bincount(context, weights=counts)
    kept = counts - _discounts(counts)[np.minimum(counts, 3)]
    return (kept / totals[context]).astype(np.float32)


def _discounts(counts: Symbols) -> Doubles:
    """Discounts of n-grams counted 0, 1, 2, and 3 or more times (Chen & Goodman 1999, eq. 26)."""
    once, twice, thrice, four_times = (int((counts == count).sum()) for count in range(1, 5))
    # A handful of names may hold no n-gram of some count; zero discounts would then forbid every
    # unseen symbol.
    if not (once and twice and thrice and four_times):
        return np.array([0.0, 0.5, 0.5, 0.5])
    ratio = once / (once + 2 * twice)
    discounts = (
        1 - 2 * ratio * twice / once,
        2 - 3 * ratio * thrice / twice,
        3 - 4 * ratio * four_times / thrice,
    )
    # Counts of a short list can be so uneven that the estimate leaves its range.
    return np.array([0.0, *(min(max(d, 0.05), most) for most, d in enumerate(discounts, start=1))])


def _find(numbers: Symbols, wanted: Symbols) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Where each wanted number stands in sorted ones, and whether it does at all."""
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return places, numbers[places] == wanted
