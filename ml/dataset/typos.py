"""Finding spellings that are one typing error away from a far more frequent one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

TYPO_RATIO = 100
"""A spelling one edit away from one so many times as frequent is taken for a typing error."""


def is_one_edit(a: str, b: str) -> bool:
    """Whether two different words are one edit apart.

    An edit inserts, deletes or replaces a letter, or swaps two neighbours (Damerau, "A technique
    for computer detection and correction of spelling errors", 1964).
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    return a[start + 1 :] == b[start + 1 :] or (
        a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    )


def deletions(word: str) -> Iterator[str]:
    """The word, and the word with each letter left out."""
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


class OneEditIndex:
    """Answers which of a set of words are one edit away from a given word.

    Two words one edit apart share a form with at most one letter deleted, so words meet in a
    dictionary of such forms instead of being compared pair by pair (the symmetric delete of
    Garbe's SymSpell).
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_deletion: dict[str, list[str]] = defaultdict(list)
        for word in words:
            for form in set(deletions(word)):
                self._by_deletion[form].append(word)

    def neighbours(self, word: str) -> set[str]:
        """The indexed words exactly one edit away from ``word``."""
        return {
            other
            for form in set(deletions(word))
            for other in self._by_deletion.get(form, ())
            if is_one_edit(word, other)
        }


def find_typos(counts: Mapping[str, int], ratio: int) -> dict[str, str]:
    """Each word one edit away from a word at least ``ratio`` times as frequent, and that word.

    A count below 1 is taken as 1. Of several such neighbours the most frequent is named.
    """
    index = OneEditIndex(word for word, count in counts.items() if count >= ratio)
    typos = {}
    for word, count in counts.items():
        neighbours = [
            other for other in index.neighbours(word) if counts[other] >= ratio * max(count, 1)
        ]
        if neighbours:
            typos[word] = max(neighbours, key=lambda other: (counts[other], other))
    return typos
