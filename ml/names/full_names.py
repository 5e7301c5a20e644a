"""Which word of a full name is the surname, which the given name, and whose name it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.names import known
from ml.names.records import GENDERS, Gender, Kind

_MOST_WORDS = 3
_PATRONYMICS: dict[str, Gender] = {
    "ич": "m",
    "овна": "f",
    "евна": "f",
    "ёвна": "f",
    "ична": "f",
    "ишна": "f",
    "оглы": "m",
    "кызы": "f",
}
# Of surnames: the others are alike for both.
_SURNAMES: tuple[tuple[tuple[str, ...], Gender], ...] = (
    (("ов", "ев", "ёв", "ин", "ын", "ий", "ый", "ой"), "m"),
    (("ова", "ева", "ёва", "ина", "ына", "ая", "яя"), "f"),
)
_CERTAIN_SURNAMES = ("ов", "ев", "ёв", "ова", "ева", "ёва", "ский", "цкий", "ская", "цкая")
_CONSONANTS = "бвгджзйклмнпрстфхцчшщ"


@dataclass(frozen=True, slots=True)
class FullName:
    """One to three words, in the order in which they were written.

    `gender` is that of the person, if the words tell.
    """

    words: tuple[tuple[str, Kind], ...]
    gender: Gender | None


def read_full_name(words: Sequence[str]) -> FullName:
    """What one to three words are: Иванов Иван Иванович, Иван Иванов, Иван Иванович, Иван.

    Raises:
        ValueError: there are none, or more.
    """
    if not 0 < len(words) <= _MOST_WORDS:
        raise ValueError("not one to three words")
    kinds = _kinds(words)
    named = tuple(zip(words, kinds, strict=True))
    # A patronymic tells more than a given name, and that more than a surname.
    found = {kind: _gender_of(word, kind) for word, kind in named}
    genders = [found.get(kind) for kind in ("patronymic", "given", "surname")]
    return FullName(named, next((gender for gender in genders if gender), None))


def _kinds(words: Sequence[str]) -> tuple[Kind, ...]:
    first, *others = words
    if not others:
        if _is_surname(first):
            return ("surname",)
        return ("patronymic",) if _is_patronymic(first) and not _is_known(first) else ("given",)
    if len(others) == 1:
        if _is_patronymic(others[0]) and not _is_known(others[0]):
            return ("given", "patronymic")
        turned = _is_known(others[0]) and not _is_known(first)
        turned = turned or (_is_surname(first) and not _is_known(first))
        return ("surname", "given") if turned else ("given", "surname")
    if _is_patronymic(others[0]) and not _is_patronymic(others[1]):
        return ("given", "patronymic", "surname")
    return ("surname", "given", "patronymic")


def _is_known(word: str) -> bool:
    return any(known.status(word, "given", gender) != "novel" for gender in GENDERS)


def _is_patronymic(word: str) -> bool:
    return _by_ending(word) is not None


def _is_surname(word: str) -> bool:
    """Whether a word is one rather than a given name: by the lists, or by its ending.

    Whoever is called Мелина may be so by either; an invented one is given.
    """
    if _is_known(word):
        return False
    listed = any(known.status(word, "surname", gender) == "known" for gender in GENDERS)
    return listed or word.lower().endswith(_CERTAIN_SURNAMES)


def _by_ending(word: str) -> Gender | None:
    small = word.lower()
    return next((g for ending, g in _PATRONYMICS.items() if small.endswith(ending)), None)


def _gender_of(word: str, kind: Kind) -> Gender | None:
    small = word.lower()
    if kind == "patronymic":
        return _by_ending(word)
    if kind == "surname":
        return next((g for endings, g in _SURNAMES if small.endswith(endings)), None)
    genders = [g for g in GENDERS if known.status(word, "given", g) != "novel"]
    if genders:
        return genders[0] if len(genders) == 1 else None
    if small[-1] in _CONSONANTS:
        return "m"
    return "f" if small[-1] in "ая" else None
