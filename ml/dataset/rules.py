"""What disqualifies a spelling: one small function for each rule. All take lower case."""

import re

_WORD = re.compile(r"[а-яё]{2,}(?:-[а-яё]{2,})?")
_THREE_ALIKE = re.compile(r"(.)\1\1")
_BAD_START = re.compile(r"(?:^|-)[ьъы]")
_PATRONYMIC = re.compile(r"(?:..ич|[оеё]вна|[иы]чна|оглы|кызы)$")
_SURNAME = re.compile(
    r"(?:[оеё]ва?|[иы]на?|[сц]кий|[сц]кая|[иы]х|енко|швили|дзе|[ая]н|янц|ко|ук|юк|ик|ый|ая)$"
)
_VOWELS = frozenset("аеёиоуыэюя")
LONGEST = 24


def is_word(text: str) -> bool:
    """Cyrillic letters with ё and at most one hyphen, each part at least two letters long."""
    return len(text) <= LONGEST and _WORD.fullmatch(text) is not None


def is_pronounceable(text: str) -> bool:
    """Every part has a vowel, none starts with ь, ъ or ы, and no letter stands thrice in a row."""
    return (
        all(_VOWELS & set(part) for part in text.split("-"))
        and not _BAD_START.search(text)
        and not _THREE_ALIKE.search(text)
    )


def looks_like_patronymic(text: str) -> bool:
    """``александрович``, ``ильинична``, and the scrap ``ович``."""
    return _PATRONYMIC.search(text) is not None


def is_surname(text: str, as_given: int, as_surname: int) -> bool:
    """Whether a would-be given name is a surname: it ends like one and is seen more often as one.

    ``as_given`` and ``as_surname`` are how often the spelling stands in either column.
    """
    return as_surname > as_given and _SURNAME.search(text) is not None
