from itertools import pairwise
from pathlib import Path

import pytest

from ml.names.known import (
    LISTS,
    Status,
    facts_of,
    is_doubtful,
    is_of_another_origin,
    is_word,
    read_facts,
    short_for,
    status,
)
from ml.names.records import ORIGINS, Gender, Kind, read_records


@pytest.mark.parametrize(
    ("name", "kind", "gender", "expected"),
    [
        ("Иван", "given", "m", "known"),
        ("Иван", "given", None, "known"),
        ("Иван", "given", "f", "novel"),
        ("Иванов", "surname", "m", "known"),
        ("Иванов", "surname", "f", "novel"),
        ("Иванова", "surname", "f", "known"),
        ("Иванович", "patronymic", "m", "known"),
        ("Иванов", "given", "m", "novel"),
        ("Артём", "given", "m", "known"),
        ("АРТЕМ", "given", "m", "known"),
        ("Антроп", "given", "m", "known"),
        ("Ира", "given", "f", "short"),
        ("Ира", "given", "m", "novel"),
        ("Ира", "surname", "f", "novel"),
        ("Велимудра", "given", "f", "novel"),
        ("", "given", "f", "novel"),
    ],
)
def test_status(name: str, kind: Kind, gender: Gender | None, expected: Status) -> None:
    assert status(name, kind, gender) == expected


def test_a_short_form_says_of_what() -> None:
    assert (short_for("Ира", "f"), short_for("ира", None)) == ("Ирина", "Ирина")
    assert short_for("Ира", "m") is short_for("Ирина", "f") is None


@pytest.mark.parametrize(
    ("name", "gender", "doubtful"),
    [
        ("Иван", "f", True),
        ("Иванов", "m", True),
        ("Ивановна", "f", True),
        ("Степант", "m", True),
        ("Иван", "m", False),
        ("Велимудра", "f", False),
    ],
)
def test_what_neither_exists_nor_is_invented(name: str, gender: Gender, doubtful: bool) -> None:
    assert is_doubtful(name, "given", gender) is doubtful


@pytest.mark.parametrize("word", ["Вата", "Трофей", "Урина", "Арест", "Белый", "Варила", "Надо"])
def test_words(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize("name", ["Вера", "Роза", "Лев", "Слава", "Май", "Велимудра"])
def test_names_are_no_words(name: str) -> None:
    assert not is_word(name)


def test_every_given_name_of_the_data_set_is_known() -> None:
    given = [record for record in read_records() if record.kind == "given"]
    assert {status(record.name, "given", record.gender) for record in given} == {"known"}
    assert not [r.name for r in given if is_doubtful(r.name, "given", r.gender) or is_word(r.name)]


def test_the_origin_of_every_name_of_the_data_set_is_known() -> None:
    for record in read_records():
        wrong = {
            origin
            for origin in ORIGINS
            if is_of_another_origin(record.name, record.kind, record.gender, origin)
        }
        assert wrong == set(ORIGINS) - {record.origin}, record


def test_a_name_of_no_list_may_be_of_any_origin() -> None:
    assert not any(is_of_another_origin("Велимудра", "given", "f", origin) for origin in ORIGINS)
    assert is_of_another_origin("Борис", "given", None, "world")
    assert not is_of_another_origin("Борис", "given", "f", "world")


def test_the_shipped_facts_are_sorted_and_of_lists_that_there_are() -> None:
    facts = read_facts()
    assert all(one < two for one, two in pairwise(facts))
    assert {fact >> 56 for fact in facts} == {
        i for i, which in enumerate(LISTS) if which[0] != "doubtful" or which[1] == "given"
    }


def test_facts_come_back_from_their_file(tmp_path: Path) -> None:
    facts = facts_of({"word": ["вата", "Вата"], ("known", "given", "m"): ["Пётр"]})
    (tmp_path / "known.bin").write_bytes(facts.tobytes())
    assert len(facts) == 2
    assert list(read_facts(tmp_path / "known.bin")) == list(facts)
