"""The sample of given names that was checked by eye: ``ml/data/audit.csv``.

It was drawn from the list as it stood before the second pass over it, 300 Russian names and 200
others, so it tells how many names of that list were wrong; and the right ones among them are a
clean sample of real names, by which the rules of the list can be judged.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from ml.errors import NamesFileError
from ml.names.records import GENDERS, ORIGINS, Gender, Origin

SHIPPED_AUDIT = Path(__file__).parent.parent / "data" / "audit.csv"

VERDICTS = ("ok", "wrong")


@dataclass(frozen=True, slots=True)
class Audited:
    """A row of the list as it was, whether it was right, and if not, why."""

    name: str
    gender: Gender
    origin: Origin
    verdict: str
    reason: str

    @property
    def is_ok(self) -> bool:
        """Whether the name is right, and so are its spelling, gender and origin."""
        return self.verdict == "ok"


_COLUMNS = tuple(field.name for field in fields(Audited))


def read_audit(path: Path = SHIPPED_AUDIT) -> list[Audited]:
    """The rows of an audit.

    Raises:
        NamesFileError: the file is not UTF-8, or has a malformed row: a wrong name needs a reason,
            a right one has none.
        OSError: the file cannot be read.
    """
    try:
        reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError as error:
        raise NamesFileError(f"{path}: not UTF-8 (byte {error.start})") from error
    if tuple(next(reader, ())) != _COLUMNS:
        raise NamesFileError(f"{path}: the first line must be {','.join(_COLUMNS)}")
    return [_parse_row(row, path, line) for line, row in enumerate(reader, start=2)]


def _parse_row(row: Sequence[str], path: Path, line: int) -> Audited:
    if len(row) == len(_COLUMNS):
        name, gender, origin, verdict, reason = row
        if (
            name
            and gender in GENDERS
            and origin in ORIGINS
            and verdict in VERDICTS
            and bool(reason) == (verdict == "wrong")
        ):
            return Audited(name, gender, origin, verdict, reason)
    raise NamesFileError(f"{path}, line {line}: not a row of {','.join(_COLUMNS)}")
