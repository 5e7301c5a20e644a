"""What may be shown to a person, and what may not."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ml.names.decency import is_decent, is_decent_beginning, is_decent_so_far, may_be_repeated
from ml.names.records import KINDS, Kind, read_records

# They begin Мударис (109 bearers), too, who comes after Мудар.
REFUSED_BEGINNINGS = {"Муд", "Муда"}
BORNE_BY = 10  # people, for a name of the package russiannames to count


@pytest.fixture(scope="module")
def real_names() -> set[tuple[str, Kind]]:
    """Those of the data set, and what people bear by russiannames."""
    names = {(record.name, record.kind) for record in read_records()}
    tables: dict[str, Kind] = {"names": "given", "midnames": "patronymic", "surnames": "surname"}
    for table, kind in tables.items():
        path = resources.files("russiannames") / "data" / f"{table}.parquet"
        with path.open("rb") as file:
            rows = parquet.read_table(
                file, columns=["text", "count"], filters=[("count", ">=", BORNE_BY)]
            )
        names |= {(name, kind) for name in rows["text"].to_pylist()}
    return names


def test_no_real_name_is_refused(real_names: set[tuple[str, Kind]]) -> None:
    assert len(real_names) > 60_000
    assert [name for name in real_names if not is_decent(*name)] == []


def test_hardly_a_beginning_of_a_real_given_name_is_refused(
    real_names: set[tuple[str, Kind]],
) -> None:
    given_names = [name for name, kind in real_names if kind == "given"]
    beginnings = {name[:length] for name in given_names for length in range(1, len(name) + 1)}
    assert {b for b in beginnings if not is_decent_beginning(b)} == REFUSED_BEGINNINGS


@pytest.mark.parametrize(
    "name",
    [
        *("Себастьян", "Глеб", "Хуан", "Хулио", "Хусейн", "Муза", "Пизан", "Мударис", "Херсон"),
        *("Педро", "Хачик", "Дилдора", "Трофим", "Серафим", "Анна-Ева", "Пульхерия", "Блажен", "Е"),
    ],
)
def test_innocent_names(name: str) -> None:
    assert is_decent(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Хуй",
            "Хуян",
            "Пизда",
            "Пиздор",
            "Ебан",
            "Ёбан",
            "Заебан",
            "Блядина",
            "Мудила",
            "Мудослав",
        ),
        *(
            "Сука",
            "Сукислав",
            "Жопий",
            "Говнослав",
            "Манда",
            "Пидор",
            "Шлюха",
            "Херослав",
            "Дристан",
        ),
        *(
            "Дурак",
            "Урод",
            "Жид",
            "Сифилис",
            "Гитлер",
            "Холера",
            "Срана",
            "Ссака",
            "Дрочислав",
            "Себунтий",
        ),
    ],
)
def test_indecent_names_in_every_disguise(name: str) -> None:
    assert not is_decent(name)
    assert not is_decent(name.upper())
    assert not is_decent(f"Анна-{name}")
    assert not is_decent(name + name[-1])
    latin = str.maketrans("аеоух", "aeoyx")
    assert not is_decent(name.lower().translate(latin))
    if "сс" not in name.lower():
        assert not is_decent("".join(letter * 2 for letter in name))
        assert not is_decent(f"{name[:2]}-{name[2:]}")


def test_surnames_may_be_what_given_names_may_not() -> None:
    for name in ("Дураков", "Вагина", "Козел", "Мудрый", "Заика", "Сукачев"):
        assert is_decent(name, "surname")
    assert not is_decent("Вагина")
    assert not any(is_decent(name, kind) for name in ("Пизда", "Ебан") for kind in KINDS)


@pytest.mark.parametrize("prefix", ["Еб", "Ёб", "Жоп", "Бля", "Сук", "Хуй", "Хуе", "Пиз", "Пизд"])
def test_beginnings_after_which_nothing_decent_comes(prefix: str) -> None:
    assert not is_decent_beginning(prefix)
    assert not is_decent_beginning(f"Анна-{prefix.lower()}")


@pytest.mark.parametrize("prefix", ["", "Ху", "Бл", "Му", "Ма", "Е", "Пи", "Су", "Мудр"])
def test_beginnings_after_which_names_are_judged_one_by_one(prefix: str) -> None:
    assert is_decent_beginning(prefix)
    assert is_decent_so_far(prefix)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "хуй",
            "Анна хуй",
            "х у й",
            "х.у.й",
            "ху_й",
            "х\u200bуй",
            "х\u0336у\u0336й\u0336",
            "ХУЙЙЙЙ",
        ),
        *("xyй", "xyu", "Хуї", "huy", "KHUY", "[eq", "gbplf", "pizda", "6лядь", "blyad", "suka"),
        *("п и з д а", "жоп5", "5хуев", "fuck", "Ебъ", "пиз", "щщщщжопа", "дура", "хуй" * 20),
    ],
)
def test_what_is_not_said_back(text: str) -> None:
    assert not may_be_repeated(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "5 6",
            "м ж",
            "Анна Мария",
            "Ев5",
            "Sebastian",
            "Evgeny",
            "Петр Удалов",
            "🙂",
            "<b>&",
        ),
        *("Иван Козлов", "Привет! Как дела?", "имя для девочки", "Hello", "Mikhail", "Їжак", "Td"),
        *("Рудольф Горбунов", "как тебя зовут", "с утра", "а" * 30, "Анна-Мария-Ева", "-Ев", "11"),
    ],
)
def test_what_is_said_back(text: str) -> None:
    assert may_be_repeated(text)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    for kind in KINDS:
        is_decent(text, kind)
        is_decent_beginning(text, kind)
        is_decent_so_far(text, kind)
    may_be_repeated(text)


@given(st.text(), st.text())
def test_what_is_not_to_be_repeated_is_not_either_in_a_sentence(before: str, after: str) -> None:
    assert not may_be_repeated(f"{before} блядство {after}")
