"""Files of favourites, as other programs read them."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lists.export import as_csv, as_text
from bot.lists.texts import ENGLISH, RUSSIAN, ListTexts
from db.favorites import KeptName
from db.models import Generation

NOW = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)


def kept(name: str, **others: object) -> KeptName:
    values = {"kind": "given", "gender": "f", "status": "novel", **others}
    return KeptName(Generation(name=name, **values), NOW)


def rows(content: bytes, texts: ListTexts) -> list[list[str]]:
    table = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(table, delimiter=texts.csv_delimiter))


def test_one_name_a_line() -> None:
    assert as_text([kept("Евлампия"), kept("Ёлка")]) == "Евлампия\nЁлка\n".encode()


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (RUSSIAN, ["Евлампия", "Yevlampiya", "имя", "женский", "придумано", "2026-01-31 12:05"]),
        (ENGLISH, ["Евлампия", "Yevlampiya", "given name", "female", "invented"]),
    ],
)
def test_a_table_that_spreadsheet_programs_open(texts: ListTexts, row: list[str]) -> None:
    content = as_csv([kept("Евлампия"), kept("Бедов", kind="surname", gender=None)], texts)
    assert content.startswith(b"\xef\xbb\xbf")
    head, given_name, surname = rows(content, texts)
    assert head == list(texts.csv_columns)
    assert given_name[: len(row)] == row
    # Whether one exists is said of given names alone.
    assert surname[2:5] == [texts.csv_kinds["surname"], "", ""]


@pytest.mark.parametrize("name", ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_nothing_is_a_formula(name: str) -> None:
    assert rows(as_csv([kept(name)], RUSSIAN), RUSSIAN)[1][0] == f"'{name}"


@given(st.lists(st.text(min_size=1)), st.sampled_from([RUSSIAN, ENGLISH]))
def test_any_name_stays_in_its_cell(names: list[str], texts: ListTexts) -> None:
    table = rows(as_csv([kept(name) for name in names], texts), texts)
    assert [row[0].removeprefix("'") for row in table[1:]] == [n.removeprefix("'") for n in names]
    assert {len(row) for row in table} == {len(texts.csv_columns)}
