"""Names as data: one record, the two file formats, folding and the split.

A name is kept as people write it (``Анна-Мария``). Wherever two spellings must count as one name
(splits, novelty, duplicates) the *folded* form is compared: lower case, ё as е.
"""

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from ml.errors import NamesFileError

Kind = Literal["given", "patronymic", "surname"]
Gender = Literal["m", "f"]
Origin = Literal["russian", "peoples", "world"]
Split = Literal["train", "valid", "test"]

KINDS: tuple[Kind, ...] = get_args(Kind)
GENDERS: tuple[Gender, ...] = get_args(Gender)
ORIGINS: tuple[Origin, ...] = get_args(Origin)
SPLITS: tuple[Split, ...] = get_args(Split)

SHIPPED_NAMES = Path(__file__).parents[1] / "data" / "names.csv"

LONGEST_NAME = 1000  # letters; a longer line is a sign that the file is something else

# In lists, models and ratings from when the peoples and the world were one origin.
_FORMER_ORIGIN = "other"

_VALID_PERCENT = 5
_TEST_PERCENT = 5


@dataclass(frozen=True, slots=True)
class NameRecord:
    """One row of ``ml/data/names.csv``; ``count`` is how many bearers the sources saw (>= 1)."""

    name: str
    kind: Kind
    gender: Gender
    origin: Origin
    count: int
    split: Split


COLUMNS = tuple(field.name for field in fields(NameRecord))


def fold(name: str) -> str:
    """The form under which two spellings are one name: lower case, ё as е."""
    return name.lower().replace("ё", "е")


def capitalize(name: str) -> str:
    """``анна-мария`` as it is written: ``Анна-Мария``."""
    return "-".join(part[:1].upper() + part[1:] for part in name.split("-"))


def current_origin(origin: object) -> object:
    """What an origin is called today; anything else as it is."""
    return "peoples" if origin == _FORMER_ORIGIN else origin


def split_of(name: str) -> Split:
    """The split of a name: 5% test, 5% valid, the rest train, by a hash of the folded name.

    Spelling variants share a split, and a name never moves when the list grows.
    """
    bucket = int.from_bytes(hashlib.sha256(fold(name).encode()).digest()[:8], "big") % 100
    if bucket < _TEST_PERCENT:
        return "test"
    if bucket < _TEST_PERCENT + _VALID_PERCENT:
        return "valid"
    return "train"


def read_records(path: Path = SHIPPED_NAMES) -> list[NameRecord]:
    """The rows of a names CSV.

    Raises:
        NamesFileError: the file cannot be read, is not UTF-8, or has a malformed row.
    """
    reader = csv.reader(io.StringIO(_read_text(path)))
    if tuple(next(reader, ())) != COLUMNS:
        raise NamesFileError(f"{path}: the first line must be {','.join(COLUMNS)}")
    return [_parse_row(row, path, line) for line, row in enumerate(reader, start=2)]


def write_records(records: Iterable[NameRecord], path: Path) -> None:
    """Write a names CSV, the inverse of `read_records`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(astuple(record) for record in records)


def read_name_list(path: Path) -> list[str]:
    """The names of a plain text file, one a line; surrounding white space and empty lines go.

    Raises:
        NamesFileError: the file cannot be read, is not UTF-8, holds no name, or a line too long to
            be one.
    """
    lines = [line.strip() for line in _read_text(path).removeprefix("\ufeff").split("\n")]
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_NAME:
            raise NamesFileError(f"{path}, line {number}: longer than any name ({LONGEST_NAME})")
    names = [line for line in lines if line]
    if not names:
        raise NamesFileError(f"{path}: the file holds no names")
    return names


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NamesFileError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise NamesFileError(f"{path}: {error.strerror}") from error


def _parse_row(row: list[str], path: Path, line: int) -> NameRecord:
    try:
        name, kind, gender, origin, count, split = row
        origin = "peoples" if origin == _FORMER_ORIGIN else origin
        if (
            name
            and kind in KINDS
            and gender in GENDERS
            and origin in ORIGINS
            and split in SPLITS
            and int(count) >= 1
        ):
            return NameRecord(name, kind, gender, origin, int(count), split)
    except ValueError:
        pass
    raise NamesFileError(f"{path}, line {line}: not a row of {','.join(COLUMNS)}")
