import pytest

from ml.dataset.curated import Curated
from ml.dataset.known import build_known
from ml.dataset.sources import RawName
from ml.names.known import NameList
from ml.names.records import ORIGINS, Gender, Kind, NameRecord


def people(text: str, gender: Gender | None, count: int, kind: Kind = "given") -> RawName:
    return RawName(text, kind, gender, count, "russiannames")


def dictionary(text: str, gender: Gender, kind: Kind = "given") -> RawName:
    return RawName(text, kind, gender, 0, "pymorphy3")


RAW = [
    people("Иван", "m", 50_000),
    people("ИВАН", "f", 30),  # in the column of the other gender
    people("Ивван", "m", 60),  # a frequent typing error
    people("Иварн", "m", 3),  # a rare one
    people("Ира", "f", 90),  # short for Ирина
    people("Вата", "f", 2),
    people("Заря", "f", 20),
    people("Гандым", "m", 4),
    people("Зорислава", "f", 2),
    dictionary("зорислава", "f"),
    dictionary("альферт", "m"),
    people("Альферт", "m", 1),
    people("Агрипина", "f", 400),
    people("Умирхан", None, 25),
    people("Петрович", "m", 9),
    people("Сидоров", "m", 9),
    people("Сидоров", "m", 400, "surname"),
    people("Петровская", "f", 2, "surname"),
    people("Чуж", None, 1, "surname"),
    dictionary("мороз", "m", "surname"),
    people("Петрович", "m", 900, "patronymic"),
    people("Ильинична", "f", 2, "patronymic"),
]
RECORDS = [
    NameRecord("Софония", "given", "m", "russian", 1, "train"),
    NameRecord("Иванова", "surname", "f", "russian", 1, "train"),
]


@pytest.fixture(scope="module")
def lists() -> dict[NameList, set[str]]:
    return build_known(
        RAW, RECORDS, ["вата", "заря", "ира", "окно"], Curated(misspelled=frozenset({"агрипина"}))
    )


def test_names_of_the_list_by_their_origin(lists: dict[NameList, set[str]]) -> None:
    origins = {which: names for which, names in lists.items() if which[0] in ORIGINS}
    assert origins == {
        ("russian", "given", "m"): {"софония"},
        ("russian", "surname", "f"): {"иванова"},
    }


def test_given_names_that_are_borne(lists: dict[NameList, set[str]]) -> None:
    assert lists["known", "given", "m"] == {"иван", "софония"}
    assert lists["known", "given", "f"] == {"заря", "зорислава"}


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("иван", "f"),
        ("ивван", "m"),
        ("иварн", "m"),
        ("вата", "f"),
        ("гандым", "m"),
        ("альферт", "m"),
        ("агрипина", "f"),
        ("умирхан", "m"),
        ("умирхан", "f"),
        ("петрович", "m"),
        ("сидоров", "m"),
        ("софония", "f"),
        ("иванова", "f"),
    ],
)
def test_what_is_seen_but_not_vouched_for(
    lists: dict[NameList, set[str]], name: str, gender: Gender
) -> None:
    assert name in lists["doubtful", "given", gender]


def test_nothing_is_both_borne_and_doubtful(lists: dict[NameList, set[str]]) -> None:
    for gender in ("m", "f"):
        assert not lists["known", "given", gender] & lists["doubtful", "given", gender]
        assert "ира" not in lists["doubtful", "given", gender] or gender == "m"


def test_surnames_get_the_form_of_the_other_gender(lists: dict[NameList, set[str]]) -> None:
    assert lists["known", "surname", "m"] == {"сидоров", "мороз"}
    assert lists["known", "surname", "f"] == {"иванова", "сидорова", "петровская", "мороз"}
    assert lists["known", "patronymic", "m"] == {"петрович"}
    assert lists["known", "patronymic", "f"] == {"ильинична"}


def test_words_are_those_that_are_no_names(lists: dict[NameList, set[str]]) -> None:
    assert lists["word"] == {"вата", "окно"}
