"""Favourites as a file that other programs read. Pure functions."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC

from bot.lists.texts import ListTexts
from db.favorites import KeptName
from ml.names.romanization import romanize

# What a spreadsheet program takes for the beginning of a formula; the last ones are full width.
_FORMULA = "=+-@\t\r\n＝＋－＠"


def as_text(names: Sequence[KeptName]) -> bytes:
    """One name a line."""
    return "".join(f"{each.generation.name}\n" for each in names).encode()


def as_csv(names: Sequence[KeptName], texts: ListTexts) -> bytes:
    """A table that a spreadsheet program opens as one, in the language of the person.

    Without the byte order mark Excel takes UTF-8 for something else, and it expects the separator
    that belongs to the person's language.
    """
    table = io.StringIO()
    writer = csv.writer(table, delimiter=texts.csv_delimiter)
    writer.writerow(texts.csv_columns)
    for each in names:
        writer.writerow([_not_a_formula(cell) for cell in _cells(each, texts)])
    return table.getvalue().encode("utf-8-sig")


def _cells(each: KeptName, texts: ListTexts) -> Iterator[str]:
    name = each.generation
    yield name.name
    yield romanize(name.name)
    yield texts.csv_kinds.get(name.kind, "")
    yield texts.csv_genders[name.gender] if name.gender else ""
    yield texts.csv_statuses[name.status] if name.kind == "given" else ""
    yield each.kept_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _not_a_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(tuple(_FORMULA)) else cell
