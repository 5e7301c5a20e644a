import pytest

from ml.dataset.derivation import (
    feminine_surname,
    has_slavic_ending,
    is_feminine_surname,
    patronymic_forms,
    surname_from,
)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("иван", {"иванович", "ивановна"}),
        ("семён", {"семёнович", "семёновна"}),
        ("андрей", {"андреевич", "андреевна"}),
        ("игорь", {"игоревич", "игоревна"}),
        ("василий", {"василиевич", "василиевна", "васильевич", "васильевна"}),
        ("дмитрий", {"дмитриевич", "дмитриевна"}),
        ("георгий", {"георгиевич", "георгиевна"}),
        ("пётр", {"петрович", "петровна"}),
        ("илья", {"ильич", "ильинична"}),
        ("савва", {"саввич", "саввична"}),
        ("мустафа", {"мустафович", "мустафовна"}),
        ("али", {"алиевич", "алиевна"}),
        ("франц", {"францевич", "францевна"}),
        ("михайло", {"михайлович", "михайловна"}),
    ],
)
def test_patronymics(name: str, forms: set[str]) -> None:
    assert patronymic_forms(name) == forms


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [
        ("иванов", "иванова"),
        ("соловьёв", "соловьёва"),
        ("пушкин", "пушкина"),
        ("достоевский", "достоевская"),
        ("толстой", "толстая"),
        ("белый", "белая"),
        ("нижний", "нижняя"),
    ],
)
def test_surnames_of_two_genders(masculine: str, feminine: str) -> None:
    assert feminine_surname(masculine) == feminine
    assert is_feminine_surname(feminine)
    assert not is_feminine_surname(masculine)


@pytest.mark.parametrize("surname", ["шевченко", "черных", "мороз", "гоголь"])
def test_surnames_that_serve_both_genders(surname: str) -> None:
    assert feminine_surname(surname) is None
    assert not is_feminine_surname(surname)


def test_surnames_from_given_names() -> None:
    assert [
        surname_from(name) for name in ("иван", "сергей", "игорь", "никита", "али", "франц")
    ] == [
        "иванов",
        "сергеев",
        "игорев",
        "никитин",
        "алиев",
        "францев",
    ]


def test_slavic_endings() -> None:
    assert has_slavic_ending("шевченко")
    assert has_slavic_ending("белых")
    assert not has_slavic_ending("мухаметов")
