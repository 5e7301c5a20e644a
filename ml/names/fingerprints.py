"""Which names are known, in eight bytes each: how a model file can tell an invented name.

A list of names as sorted 64-bit hashes of their folded forms. Two names collide with probability
about 2**-64 times the length of the list: never, in practice.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.names.records import fold


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The names of a data set: `trained` of the training split, `held_out` of the others.

    Both int64, sorted, of shape ``(names,)``.
    """

    trained: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]

    @classmethod
    def of(cls, trained: Iterable[str], held_out: Iterable[str] = ()) -> "Fingerprints":
        """The fingerprints of two lists of names."""
        return cls(_sorted_hashes(trained), _sorted_hashes(held_out))

    def was_trained_on(self, name: str) -> bool:
        """Whether `name` was among the training names."""
        return _holds(self.trained, fingerprint(name))

    def knows(self, name: str) -> bool:
        """Whether `name` stands in the data set at all, in whichever split."""
        hashed = fingerprint(name)
        return _holds(self.trained, hashed) or _holds(self.held_out, hashed)


def fingerprint(name: str) -> int:
    """A signed 64-bit hash of the folded name."""
    digest = hashlib.blake2b(fold(name).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _sorted_hashes(names: Iterable[str]) -> npt.NDArray[np.int64]:
    return np.unique(np.fromiter((fingerprint(name) for name in names), dtype=np.int64))


def _holds(hashes: npt.NDArray[np.int64], hashed: int) -> bool:
    position = int(np.searchsorted(hashes, hashed))
    return position < len(hashes) and int(hashes[position]) == hashed
