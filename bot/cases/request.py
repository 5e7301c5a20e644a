"""What people write after /cases. Pure functions."""

import re
from dataclasses import dataclass

from bot.names.request import clean
from ml.names.full_names import FullName, read_full_name
from ml.names.records import Gender, capitalize

_LONGEST_WORD = 40  # letters; Рождественская-Преображенская has thirty
_MOST_WORDS = 3
_WORD = re.compile(r"[а-яё]{2,}(?:-[а-яё]+)*", re.IGNORECASE)
_GENDERS: dict[str, Gender] = {"м": "m", "m": "m", "ж": "f", "f": "f"}


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """A name to decline, with capitals, and the gender that the person gave, if any."""

    name: FullName
    gender: Gender | None


def parse_case_query(text: str) -> CaseQuery | None:
    """One to three words of a name, and м or ж anywhere among them; None for anything else."""
    words = clean(text).replace(",", " ").split()
    genders = [_GENDERS[word] for word in words if word in _GENDERS]
    names = [word for word in words if word not in _GENDERS]
    if len(genders) > 1 or not 0 < len(names) <= _MOST_WORDS:
        return None
    if not all(_WORD.fullmatch(word) and len(word) <= _LONGEST_WORD for word in names):
        return None
    full_name = read_full_name([_with_capitals(word) for word in names])
    return CaseQuery(full_name, genders[0] if genders else None)


def _with_capitals(word: str) -> str:
    """As names are written; оглы and кызы, son and daughter, are small."""
    parts = word.lower().split("-")
    return "-".join(part if part in ("оглы", "кызы") else capitalize(part) for part in parts)
