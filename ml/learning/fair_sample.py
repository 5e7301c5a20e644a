"""As many ratings as fit, with room for everybody: whoever said much is sampled, nobody is lost.

A bottom-k sample (Cohen and Kaplan 2007, "Summarizing Data using Bottom-k Sketches"): of each
person those names stay whose hashes are the smallest. So it does not matter in which order ratings
come, nor how many of them are in memory at once, and the same ratings always give the same sample.
"""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

Item = TypeVar("Item")


@dataclass(slots=True)
class _Kept(Generic[Item]):
    arrived: int  # before or after others
    item: Item


class FairSample(Generic[Item]):
    """At most `most` items, as many of everybody as of anybody else who has so many.

    Twice as many are in memory at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: dict[Hashable, dict[str, _Kept[Item]]] = {}
        self._count = 0
        self._arrived = 0
        self._each: int | None = None  # how many of a person stay, once there were too many

    def put(self, person: Hashable, name: str, item: Item) -> None:
        """Add what a person says of a name, in place of what the same person said of it before."""
        said = self._of.setdefault(person, {})
        if name in said:
            said[name].item = item
            return
        said[name] = _Kept(self._arrived, item)
        self._arrived += 1
        self._count += 1
        if self._count > 2 * self._most:
            self._thin()

    def items(self) -> list[Item]:
        """What stays, in the order in which it was first put."""
        if self._count > self._most or self._each is not None:
            self._thin()
        kept = [entry for said in self._of.values() for entry in said.values()]
        return [entry.item for entry in sorted(kept, key=lambda entry: entry.arrived)]

    def _thin(self) -> None:
        each = _most_of_each([len(said) for said in self._of.values()], self._most)
        # Never more than before: what was let go then might belong to them.
        self._each = each if self._each is None else min(each, self._each)
        people = list(self._of.items())
        if self._each == 0:  # more people than there is room for
            people = sorted(people, key=lambda entry: _hash(entry[0]))[: self._most]
        self._of = {person: _lowest(person, said, max(self._each, 1)) for person, said in people}
        self._count = sum(map(len, self._of.values()))


def _most_of_each(counts: Sequence[int], most: int) -> int:
    """The largest bound on each count under which they come to no more than `most`."""
    ordered = np.sort(np.array(counts))
    # If the bound is the i-th count, all before it are whole and the others at the bound.
    below = np.concatenate([[0], np.cumsum(ordered)[:-1]])
    left = len(ordered) - np.arange(len(ordered))
    bounds = (most - below) // left
    open_ones = bounds < ordered
    return int(bounds[open_ones.argmax()]) if open_ones.any() else int(ordered[-1])


def _lowest(person: Hashable, said: dict[str, _Kept[Item]], count: int) -> dict[str, _Kept[Item]]:
    if len(said) <= count:
        return said
    names = sorted(said, key=lambda name: _hash((person, name)))[:count]
    return {name: said[name] for name in names}


def _hash(what: Hashable) -> bytes:
    # Not the built-in hash, which differs from run to run.
    return hashlib.blake2b(repr(what).encode("utf-8", "surrogatepass"), digest_size=8).digest()
