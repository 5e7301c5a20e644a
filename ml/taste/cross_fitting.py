"""Every name judged by what was learnt from the others, so that few ratings are enough.

Cross-fitting (Stone 1974, "Cross-Validatory Choice and Assessment of Statistical Predictions"):
the names are parted into folds, and each fold is foretold by what was learnt from the other ones.
All ratings of one name, compared folded, are in one fold: otherwise a name would be learnt by heart
from one person's rating and foretold for the next.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ml.arrays import Doubles, Symbols
from ml.names.records import fold

FOLDS = 10

# Learns from the ratings of some rows and says of each of the others how probable a like is.
Foretell: TypeAlias = Callable[[Symbols, Symbols], Doubles]


def folds_of(names: Sequence[str], count: int = FOLDS) -> Symbols:
    """The fold of each name: as many names in each, by a hash, the same whatever their order."""
    different = sorted({fold(name) for name in names}, key=_hash)
    of_name = {name: position % count for position, name in enumerate(different)}
    return np.array([of_name[fold(name)] for name in names], dtype=np.int64)


def out_of_fold(folds: Symbols, foretell: Foretell) -> Doubles:
    """What is foretold of each row by the rows of the other folds.

    Raises:
        ValueError: all rows are in one fold.
    """
    present = np.unique(folds)
    if len(present) < 2:
        raise ValueError("there is nothing to learn from beside the only fold")
    foretold = np.empty(len(folds))
    for number in present:
        asked = np.flatnonzero(folds == number)
        foretold[asked] = foretell(np.flatnonzero(folds != number), asked)
    return foretold


def _hash(name: str) -> bytes:
    return hashlib.sha256(b"fold:" + name.encode()).digest()
