"""Reads what a person wrote after ``/name``: a prefix, a gender and a count, in any order."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ml.names.records import Gender

LARGEST_COUNT = 10
LONGEST_PREFIX = 20  # letters; no given name in use is longer

_GENDERS: dict[str, Gender] = {
    **dict.fromkeys(("м", "муж", "мужское", "мужской", "m"), "m"),
    **dict.fromkeys(("ж", "жен", "женское", "женский", "f"), "f"),
}

_SEPARATORS = re.compile(r"[\s,;]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_STRESS_MARKS = dict.fromkeys((0x0300, 0x0301))
_RUSSIAN = r"[А-Яа-яЁё]"
_PREFIX = re.compile(rf"{_RUSSIAN}+(-{_RUSSIAN}*)?")
_CYRILLIC = re.compile(r"[\u0400-\u052f-]+")
_NO_FIRST_LETTER = "ъьЪЬ"
_LONGEST_SHOWN = 30


class Reason(Enum):
    """Why a text is no request for a name."""

    TWO_PREFIXES = auto()
    TWO_GENDERS = auto()
    TWO_COUNTS = auto()
    COUNT_OUT_OF_RANGE = auto()
    LATIN_LETTERS = auto()
    DIGITS_IN_WORD = auto()
    FOREIGN_CYRILLIC = auto()
    HYPHENS = auto()
    TOO_LONG = auto()
    NO_FIRST_LETTER = auto()
    NOT_LETTERS = auto()
    IMPOSSIBLE_PREFIX = auto()  # found by the model, not by this parser
    INDECENT = auto()  # what was written is not to be repeated


@dataclass(frozen=True, slots=True)
class NameQuery:
    """What a person asks for; ``prefix`` as typed (Russian letters, at most one hyphen)."""

    prefix: str = ""
    gender: Gender | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be answered with a name; ``word`` is the offending part, shortened, unescaped."""

    reason: Reason
    word: str


def parse_name_request(text: str) -> NameQuery | Problem:
    """The request in a text such as ``Ев ж 5``; an empty text asks for any name.

    A lone lower-case м or ж is the gender, a capital one the prefix. Never raises.
    """
    prefixes: list[str] = []
    genders: list[str] = []
    counts: list[str] = []
    for word in _SEPARATORS.split(_clean(text)):
        if not word:
            continue
        if word in _GENDERS:
            genders.append(word)
        elif word.isascii() and word.isdigit():
            counts.append(word)
        elif reason := _prefix_problem(word):
            return Problem(reason, _shown(word))
        else:
            prefixes.append(word)

    for found, reason in (
        (prefixes, Reason.TWO_PREFIXES),
        (genders, Reason.TWO_GENDERS),
        (counts, Reason.TWO_COUNTS),
    ):
        if len(found) > 1:
            return Problem(reason, _shown(" ".join(found)))
    count = counts[0].lstrip("0") if counts else "1"
    # The length is looked at first: int() refuses thousands of digits.
    if len(count) > 2 or not 1 <= int(count or 0) <= LARGEST_COUNT:
        return Problem(Reason.COUNT_OUT_OF_RANGE, _shown(counts[0]))
    return NameQuery(
        prefix=prefixes[0] if prefixes else "",
        gender=_GENDERS[genders[0]] if genders else None,
        count=int(count),
    )


def _clean(text: str) -> str:
    """Composed letters (й, ё), plain hyphens; no stress marks and no invisible characters."""
    text = unicodedata.normalize("NFD", text).translate(_STRESS_MARKS)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", text).translate(_DASHES)


def _prefix_problem(word: str) -> Reason | None:
    """Why a word cannot be a prefix; the rules stand in the order in which they explain best."""
    rules: tuple[tuple[Reason, Callable[[str], object]], ...] = (
        (Reason.LATIN_LETTERS, re.compile(r"[A-Za-z\u00c0-\u024f]").search),
        (Reason.DIGITS_IN_WORD, re.compile(r"\d").search),
        (Reason.NOT_LETTERS, lambda w: not _CYRILLIC.fullmatch(w)),
        (Reason.FOREIGN_CYRILLIC, lambda w: not re.fullmatch(rf"({_RUSSIAN}|-)+", w)),
        (Reason.HYPHENS, lambda w: not _PREFIX.fullmatch(w)),
        (Reason.TOO_LONG, lambda w: len(w) > LONGEST_PREFIX),
        (Reason.NO_FIRST_LETTER, lambda w: w[0] in _NO_FIRST_LETTER),
    )
    return next((reason for reason, broken in rules if broken(word)), None)


def _shown(word: str) -> str:
    printable = "".join(c if c.isprintable() else "\ufffd" for c in word[:_LONGEST_SHOWN])
    return printable if len(word) <= _LONGEST_SHOWN else printable[:-1] + "…"
