"""What the lists of the world know of a name: borne, a short form, a plain word, or found nowhere;
and the origin of those in the data set.

``ml/data/known.bin`` holds a fact in eight bytes: the number of its list in the highest byte, a
56-bit hash of the folded name in the others, all sorted. Two names of one list collide with
probability about 2**-56 times its length: never, in practice. It is mapped, not read: a question
touches a few pages. `ml.dataset.known` builds it, and ``ml/data/short_forms.csv`` is made by hand.
"""

import csv
import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import product
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ml.names.records import GENDERS, KINDS, ORIGINS, Gender, Kind, Origin, fold

Status = Literal["known", "short", "novel"]
STATUSES: tuple[Status, ...] = get_args(Status)

SHIPPED_KNOWN = Path(__file__).parents[1] / "data" / "known.bin"
SHIPPED_SHORT_FORMS = Path(__file__).parents[1] / "data" / "short_forms.csv"

Fact = Literal["known", "doubtful"]
NameList: TypeAlias = tuple[Fact | Origin, Kind, Gender] | Literal["word"]
Facts: TypeAlias = "array[int]"

LISTS: tuple[NameList, ...] = (
    *product(get_args(Fact), KINDS, GENDERS),
    "word",
    *product(ORIGINS, KINDS, GENDERS),
)


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


def is_of_another_origin(name: str, kind: Kind, gender: Gender | None, origin: Origin) -> bool:
    """Whether the data set has `name`, but not as one of this origin: Борис is not of the world."""
    origins = {
        listed
        for listed, asked in product(ORIGINS, _asked(gender))
        if _holds((listed, kind, asked), name)
    }
    return bool(origins) and origin not in origins


def is_word(name: str) -> bool:
    """Whether `name` is a word of the dictionary and no name: Вата, Трофей, Белый."""
    return _holds("word", name)


def facts_of(lists: Mapping[NameList, Iterable[str]]) -> Facts:
    """The facts of lists of names, sorted, as the file holds them."""
    return array("Q", sorted({_fact(which, name) for which in lists for name in lists[which]}))


def read_facts(path: Path = SHIPPED_KNOWN) -> Sequence[int]:
    """The facts of a file, mapped into memory: it may be replaced meanwhile, but not cut short."""
    with path.open("rb") as file:
        return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ)).cast("Q")


def _asked(gender: Gender | None) -> tuple[Gender, ...]:
    return (gender,) if gender else GENDERS


def _fact(which: NameList, name: str) -> int:
    digest = hashlib.blake2b(fold(name).encode(), digest_size=7).digest()
    return LISTS.index(which) << 56 | int.from_bytes(digest, "little")


def _holds(which: NameList, name: str) -> bool:
    facts, (begin, end) = _shipped_facts(), _bounds(which)
    fact = _fact(which, name)
    position = bisect_left(facts, fact, begin, end)
    return position < end and facts[position] == fact


@cache
def _shipped_facts() -> Sequence[int]:
    return read_facts()


@cache
def _bounds(which: NameList) -> tuple[int, int]:
    """Where the facts of a list stand: a search among them leaves the pages of others alone."""
    number = LISTS.index(which)
    begin, end = (bisect_left(_shipped_facts(), edge << 56) for edge in (number, number + 1))
    return begin, end


@cache
def _short_forms() -> dict[tuple[str, str], str]:
    with SHIPPED_SHORT_FORMS.open(encoding="utf-8", newline="") as file:
        return {(fold(row["short"]), row["gender"]): row["full"] for row in csv.DictReader(file)}
