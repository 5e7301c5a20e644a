"""What the lists of the world know of a name: borne, a short form, a plain word, or found nowhere.

``ml/data/known.bin`` holds a fact in eight bytes: the number of its list in the highest byte, a
56-bit hash of the folded name in the others, all sorted. Two names of one list collide with
probability about 2**-56 times its length: never, in practice. It is mapped, not read: a question
touches a few pages. `ml.dataset.known` builds it, and ``ml/data/short_forms.csv`` is made by hand.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from ml.names.records import GENDERS, KINDS, Gender, Kind, fold

Status = Literal["known", "short", "novel"]
STATUSES: tuple[Status, ...] = get_args(Status)

SHIPPED_KNOWN = Path(__file__).parents[1] / "data" / "known.bin"
SHIPPED_SHORT_FORMS = Path(__file__).parents[1] / "data" / "short_forms.csv"

Fact = Literal["known", "doubtful"]
NameList: TypeAlias = tuple[Fact, Kind, Gender] | Literal["word"]
Facts: TypeAlias = npt.NDArray[np.uint64]

LISTS: tuple[NameList, ...] = (*product(get_args(Fact), KINDS, GENDERS), "word")


def status(name: str, kind: Kind, gender: Gender | None) -> Status:
    """Whether people bear `name` (as one of this gender; any for `None`), or call each other so.

    What is `is_doubtful` counts as novel here: ask for that first.
    """
    if any(_holds(("known", kind, asked), name) for asked in _asked(gender)):
        return "known"
    return "short" if kind == "given" and short_for(name, gender) else "novel"


def short_for(name: str, gender: Gender | None) -> str | None:
    """The given name that `name` is short for (Ирина for Ира), if our list has it."""
    forms = _short_forms()
    found = (forms.get((fold(name), asked)) for asked in _asked(gender))
    return next((full for full in found if full), None)


def is_doubtful(name: str, kind: Kind, gender: Gender | None) -> bool:
    """Whether some list has `name`, but hardly as a name of this kind and gender.

    Typing errors, surnames among the given names, names of the other gender: such a name neither
    exists nor was it invented.
    """
    return any(_holds(("doubtful", kind, asked), name) for asked in _asked(gender))


def is_word(name: str) -> bool:
    """Whether `name` is a word of the dictionary and no name: Вата, Трофей, Белый."""
    return _holds("word", name)


def facts_of(lists: Mapping[NameList, Iterable[str]]) -> Facts:
    """The facts of lists of names, as the file holds them."""
    return np.unique(
        np.fromiter(
            (_fact(which, name) for which, names in lists.items() for name in names),
            dtype=np.uint64,
        )
    )


def write_facts(facts: Facts, path: Path = SHIPPED_KNOWN) -> None:
    """Write what `facts_of` gave."""
    path.write_bytes(facts.astype("<u8").tobytes())


@lru_cache(maxsize=1)
def shipped_facts() -> Facts:
    """The facts of the shipped file, mapped into memory."""
    return np.asarray(np.memmap(SHIPPED_KNOWN, dtype="<u8", mode="r"))  # the plain class is faster


def _asked(gender: Gender | None) -> tuple[Gender, ...]:
    return (gender,) if gender else GENDERS


def _fact(which: NameList, name: str) -> int:
    digest = hashlib.blake2b(fold(name).encode(), digest_size=7).digest()
    return LISTS.index(which) << 56 | int.from_bytes(digest, "little")


def _holds(which: NameList, name: str) -> bool:
    facts, fact = shipped_facts(), np.uint64(_fact(which, name))
    position = int(np.searchsorted(facts, fact))
    return position < len(facts) and bool(facts[position] == fact)


@lru_cache(maxsize=1)
def _short_forms() -> dict[tuple[str, str], str]:
    with SHIPPED_SHORT_FORMS.open(encoding="utf-8", newline="") as file:
        return {(fold(row["short"]), row["gender"]): row["full"] for row in csv.DictReader(file)}
