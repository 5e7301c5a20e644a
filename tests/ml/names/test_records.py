from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import NamesFileError
from ml.names.records import (
    NameRecord,
    capitalize,
    fold,
    read_name_list,
    read_records,
    split_of,
    write_records,
)

CYRILLIC = st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюя-", min_size=1, max_size=20)


@given(CYRILLIC)
def test_spellings_of_one_name_share_a_split(name: str) -> None:
    assert split_of(name) == split_of(name.upper()) == split_of(name.replace("ё", "е"))


def test_splits_are_about_90_5_5_and_never_move() -> None:
    names = [f"имя{number}" for number in range(4000)]
    splits = [split_of(name) for name in names]
    assert 0.04 < splits.count("valid") / len(splits) < 0.06
    assert 0.04 < splits.count("test") / len(splits) < 0.06
    assert [split_of(name) for name in ("Евдокия", "Ярослав", "Фёдор")] == ["train"] * 3


def test_capitalize_and_fold() -> None:
    assert capitalize("анна-мария") == "Анна-Мария"
    assert fold("Фёдор") == "федор"


def test_records_survive_the_file(tmp_path: Path) -> None:
    records = [
        NameRecord("Ева", "given", "f", "russian", 12, "train"),
        NameRecord("Мухаметхан", "given", "m", "peoples", 3, "test"),
    ]
    write_records(records, tmp_path / "names.csv")
    assert read_records(tmp_path / "names.csv") == records


def test_an_origin_of_before_the_peoples_and_the_world_were_two_is_read(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(
        "name,kind,gender,origin,count,split\nАйгуль,given,f,other,1,train\n", encoding="utf-8"
    )
    assert read_records(path)[0].origin == "peoples"


@pytest.mark.parametrize(
    "row",
    [
        "Ева,given,f,russian,0,train",
        "Ева,given,f,martian,1,train",
        "Ева,given,x,russian,1,train",
        "Ева,pet,f,russian,1,train",
        "Ева,given,f,russian,many,train",
        "Ева,given,f,russian,1",
        ",given,f,russian,1,train",
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"name,kind,gender,origin,count,split\n{row}\n", encoding="utf-8")
    with pytest.raises(NamesFileError, match="line 2"):
        read_records(path)


def test_name_lists_are_read_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffemma\r\n\n  Zoë \nО'Нил".encode())
    assert read_name_list(path) == ["emma", "Zoë", "О'Нил"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"\xff\xfe\x00", "имя".encode("cp1251"), b"Eva\n" + b"a" * 1001],
)
def test_useless_lists_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    with pytest.raises(NamesFileError):
        read_name_list(path)
