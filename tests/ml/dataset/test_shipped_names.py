"""What the shipped ml/data/names.csv promises, whatever built it."""

from collections import Counter, defaultdict

import pytest

from ml.dataset import rules
from ml.dataset.derivation import patronymic_forms
from ml.names.records import SHIPPED_NAMES, NameRecord, capitalize, fold, read_records, split_of


@pytest.fixture(scope="module")
def records() -> list[NameRecord]:
    return read_records()


def test_it_is_large_enough_and_small_enough(records: list[NameRecord]) -> None:
    given = [record for record in records if record.kind == "given"]
    assert len(given) >= 3000
    assert sum(record.origin == "russian" for record in given) >= 1200
    for kind in ("patronymic", "surname"):
        genders = Counter(record.gender for record in records if record.kind == kind)
        assert min(genders["m"], genders["f"]) >= 1000
    assert SHIPPED_NAMES.stat().st_size <= 3_000_000


def test_names_are_well_written(records: list[NameRecord]) -> None:
    for record in records:
        word = record.name.lower()
        assert rules.is_word(word)
        assert rules.is_pronounceable(word)
        assert record.name == capitalize(word)


def test_no_name_stands_twice(records: list[NameRecord]) -> None:
    keys = Counter((record.kind, fold(record.name), record.gender) for record in records)
    assert max(keys.values()) == 1


def test_rows_are_in_order(records: list[NameRecord]) -> None:
    keys = [(record.kind, fold(record.name), record.gender) for record in records]
    assert keys == sorted(keys)


def test_splits_follow_the_hash_and_are_shared_fairly(records: list[NameRecord]) -> None:
    assert all(r.split == split_of(r.name) for r in records if r.kind == "given")
    counts = Counter(record.split for record in records)
    shares = {split: count / len(records) for split, count in counts.items()}
    assert shares == pytest.approx({"train": 0.9, "valid": 0.05, "test": 0.05}, abs=0.01)


def test_no_patronymic_gives_a_held_out_father_away(records: list[NameRecord]) -> None:
    fathers: dict[str, list[NameRecord]] = defaultdict(list)
    for record in records:
        if record.kind == "given" and record.gender == "m":
            for form in patronymic_forms(record.name.lower()):
                fathers[fold(form)].append(record)
    for record in records:
        if record.kind == "patronymic":
            father = max(fathers[fold(record.name)], key=lambda father: father.count)
            assert record.split == father.split


def test_both_genders_of_a_surname_share_a_split(records: list[NameRecord]) -> None:
    surnames = {r.name: r.split for r in records if r.kind == "surname"}
    pairs = [
        name for name in surnames if name.endswith(("ов", "ев", "ин")) and name + "а" in surnames
    ]
    assert len(pairs) > 5000
    assert all(surnames[name] == surnames[name + "а"] for name in pairs)


@pytest.mark.parametrize(
    "error", ["Андррей", "Валенгтина", "Игорьй", "Ович", "Александрович", "Генадий", "Саша"]
)
def test_known_traps_are_no_given_names(records: list[NameRecord], error: str) -> None:
    assert not any(record.kind == "given" and record.name == error for record in records)


@pytest.mark.parametrize(
    ("name", "gender", "origin"),
    [
        ("Ярослав", "m", "russian"),
        ("Евдокия", "f", "russian"),
        ("Эдуард", "m", "russian"),
        ("Пелагея", "f", "russian"),
        ("Феофан", "m", "russian"),
        ("Семён", "m", "russian"),
        ("Алёна", "f", "russian"),
        ("Рустам", "m", "peoples"),
        ("Гульнара", "f", "peoples"),
        ("Ашот", "m", "peoples"),
    ],
)
def test_known_names_are_there(
    records: list[NameRecord], name: str, gender: str, origin: str
) -> None:
    found = [(r.gender, r.origin) for r in records if r.kind == "given" and r.name == name]
    assert found == [(gender, origin)]
