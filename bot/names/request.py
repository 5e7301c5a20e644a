"""What people can ask for, and what can be a prefix."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ml.names.records import Gender, Kind

LARGEST_COUNT = 10
LONGEST_PREFIX = 20  # letters; no given name in use is longer

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
# Stress marks, and what makes a picture of the character before it.
_MARKS = dict.fromkeys((0x0300, 0x0301, 0xFE0F, 0x20E3))
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
    """What a person asks for; ``prefix`` as typed (Russian letters, at most one hyphen).

    ``guessed``: it was typed in Latin letters, and is what they seem to mean.
    """

    prefix: str = ""
    gender: Gender | None = None
    count: int = 1
    kind: Kind = "given"
    novel_only: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """More of what the person asked for last, but for what is given here."""

    prefix: str | None = None
    gender: Gender | None = None
    count: int | None = None
    kind: Kind | None = None
    novel_only: bool = False
    guessed: bool = False


class Talk(Enum):
    """What people say without asking for a name."""

    GREETING = auto()
    THANKS = auto()
    FAREWELL = auto()
    SMALL_TALK = auto()
    PRAISE = auto()
    BLAME = auto()
    HELP = auto()
    BEYOND = auto()  # a wish that cannot be fulfilled
    CASES = auto()  # a wish to decline a name, for which there is a command
    UNCLEAR = auto()


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be answered with a name; ``word`` is the offending part, shortened, unescaped."""

    reason: Reason
    word: str


def clean(text: str) -> str:
    """Composed letters (й, ё), plain hyphens; no stress marks and no invisible characters."""
    text = unicodedata.normalize("NFD", text).translate(_MARKS)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", text).translate(_DASHES)


def prefix_problem(word: str) -> Reason | None:
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


def shown(word: str) -> str:
    """A word as an answer may repeat it: shortened, without invisible characters."""
    printable = "".join(c if c.isprintable() else "\ufffd" for c in word[:_LONGEST_SHOWN])
    return printable if len(word) <= _LONGEST_SHOWN else printable[:-1] + "…"
