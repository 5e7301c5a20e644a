"""What can be liked in a name: its letters, how they stand together, how it sounds, how long it is.

Each feature is a string, and its column is a hash of that string: no list of features needs to be
kept or sent along (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning").
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles
from ml.names.records import fold

COLUMNS = 2**15
"""How many columns features are spread over; a name has about a hundred features."""

_VOWELS = "аеёиоуыэюя"
_SOUNDS: Mapping[str, str] = {
    **dict.fromkeys(_VOWELS, "V"),
    **dict.fromkeys("лмнрй", "N"),
    **dict.fromkeys("бвгджз", "B"),
    **dict.fromkeys("пфктсшщхцч", "P"),
    **dict.fromkeys("ьъ", "S"),
}
_ALPHABET = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LONGEST_GRAM = 4
_LENGTHS = range(3, 13)
_SYLLABLES = range(1, 6)
_REMEMBERED = 1 << 15
# How much each group of features may explain, divided by how many of it a name has.
_VARIANCES: Mapping[str, float] = {
    "1": 1 / 8,
    "2": 1 / 8,
    "3": 0.7 / 7,
    "4": 0.5 / 6,
    "sounds": 0.8 / 16,
    "length": 1 / 14,
    "double": 0.5,
    "order": 0.5 / 16,
    "place": 0.7 / 8,
    "later": 0.3 / 20,
}


@dataclass(frozen=True, slots=True)
class Letters:
    """The features of names: `columns` and `values`, both ``(names, widest)``.

    Shorter rows are filled up with values of 0.
    """

    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.columns)

    def select(self, rows: npt.NDArray[np.intp]) -> "Letters":
        """Those of some names."""
        return Letters(self.columns[rows], self.values[rows])

    def dot(self, weights: Doubles) -> Doubles:
        """The sum ``(names,)`` of the `weights` ``(COLUMNS,)`` of each name's features."""
        return np.asarray(np.einsum("nf,nf->n", self.values, weights[self.columns]))

    def transposed_dot(self, of_names: Doubles) -> Doubles:
        """The sum ``(COLUMNS,)`` of what is said `of_names` ``(names,)``, by feature."""
        said = (self.values * of_names[:, None]).ravel()
        summed = np.bincount(self.columns.ravel(), weights=said, minlength=COLUMNS)
        return summed.astype(np.float64)

    def kernel(self) -> Doubles:
        """How alike the names are, ``(names, names)``: the inner products of their features."""
        used, places = np.unique(self.columns, return_inverse=True)
        rows = np.repeat(np.arange(len(self)), self.columns.shape[1])
        dense = np.zeros((len(self), len(used)), dtype=np.float32)
        np.add.at(dense, (rows, places.ravel()), self.values.ravel())
        return np.asarray(dense @ dense.T, dtype=np.float64)


def letters_of(names: Sequence[str]) -> Letters:
    """The features of names, which may be in any alphabet and any case."""
    found = [_features(fold(name)) for name in names]
    widest = max((len(columns) for columns, _ in found), default=0)
    letters = Letters(
        np.zeros((len(found), widest), dtype=np.int32),
        np.zeros((len(found), widest), dtype=np.float32),
    )
    for row, (columns, values) in enumerate(found):
        letters.columns[row, : len(columns)] = columns
        letters.values[row, : len(columns)] = values
    return letters


@lru_cache(_REMEMBERED)
def _features(name: str) -> tuple[list[int], list[float]]:
    features = {(group, what) for group, what in _named_features(name)}
    ordered = sorted(features)
    return (
        [_column(group, what) for group, what in ordered],
        [_VARIANCES[group] ** 0.5 for group, _ in ordered],
    )


@lru_cache(_REMEMBERED)
def _column(group: str, what: str) -> int:
    return zlib.crc32(f"{group}:{what}".encode()) % COLUMNS


def _named_features(name: str) -> Iterator[tuple[str, str]]:
    text = f"^{name}$"
    for size in range(1, _LONGEST_GRAM + 1):
        for begin in range(len(text) - size + 1):
            yield str(size), text[begin : begin + size]
    sounds = "".join(_SOUNDS.get(letter, "-") for letter in name)
    voices = "".join(letter if letter in "VS-" else "C" for letter in sounds)
    for spelt, sizes in ((f"^{sounds}$", (1, 2, 3)), (f"^{voices}$", (2, 3, 4))):
        for size in sizes:
            for begin in range(len(spelt) - size + 1):
                yield "sounds", spelt[begin : begin + size]
    for length in _LENGTHS:
        yield "length", f"{'<=' if len(name) <= length else '>'}{length}"
    syllables = sounds.count("V")
    for count in _SYLLABLES:
        yield "length", f"{'<=' if syllables <= count else '>'}{count} syllables"
    yield "length", "vowels" if 2 * syllables >= len(name) else "consonants"
    double = any(one == other for one, other in pairwise(name))
    yield "double", "yes" if double else "no"
    if name:
        first = _ALPHABET.find(name[0])
        for border in range(1, len(_ALPHABET), 2):
            yield "order", f"{'<' if first < border else '>='}{border}"
    for place in (0, 1, 2, -1, -2, -3):
        if -len(name) <= place < len(name):
            yield "place", f"{place}{name[place]}"
            yield "place", f"{place}{sounds[place]}"
            yield "place", f"{place}{voices[place]}"
    for begin, letter in enumerate(name):
        if begin >= 2:
            yield "later", letter
        for later in name[begin + 2 :]:
            yield "later", f"{letter}.{later}"
