"""The words after /name."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.names.phrases import parse_name_request
from bot.names.request import (
    LARGEST_COUNT,
    LONGEST_PREFIX,
    Again,
    NameQuery,
    Problem,
    Reason,
    Talk,
)
from bot.names.vocabulary import VOCABULARY
from ml.names.records import fold

RUSSIAN_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", NameQuery()),
        ("  \n\t ", NameQuery()),
        ("Ев", NameQuery("Ев")),
        ("ев", NameQuery("ев")),
        ("ж", NameQuery(gender="f")),
        ("м 5", NameQuery(gender="m", count=5)),
        ("5 м", NameQuery(gender="m", count=5)),
        ("М", NameQuery("М")),
        ("Ж м", NameQuery("Ж", "m")),
        ("Ев ж 5", NameQuery("Ев", "f", 5)),
        ("5 ж Ев", NameQuery("Ев", "f", 5)),
        ("женское Ан", NameQuery("Ан", "f")),
        ("муж", NameQuery(gender="m")),
        ("f 3", NameQuery(gender="f", count=3)),
        ("Ев, ж, 5", NameQuery("Ев", "f", 5)),
        ("007", NameQuery(count=7)),
        ("Анна-", NameQuery("Анна-")),
        ("Анна\u2011М", NameQuery("Анна-М")),
        ("Еле\u0301на", NameQuery("Елена")),
        ("\u200bЕв\ufeff", NameQuery("Ев")),
        ("Ев\u00adгения", NameQuery("Евгения")),
        ("Ев!", NameQuery("Ев")),
        ("«Ев» 🙂", NameQuery("Ев")),
        ("На ж 5", NameQuery("На", "f", 5)),
        ("Три 5", NameQuery("Три", count=5)),
        ("А женское", NameQuery("А", "f")),
    ],
)
def test_requests(text: str, query: NameQuery) -> None:
    assert parse_name_request(text) == query


@pytest.mark.parametrize(
    ("text", "reason", "word"),
    [
        ("Анна Мария", Reason.TWO_PREFIXES, "Анна Мария"),
        ("М Ж", Reason.TWO_PREFIXES, "М Ж"),
        ("м ж", Reason.TWO_GENDERS, "м ж"),
        ("2 3", Reason.TWO_COUNTS, "2 3"),
        ("0", Reason.COUNT_OUT_OF_RANGE, "0"),
        ("11", Reason.COUNT_OUT_OF_RANGE, "11"),
        ("9" * 5000, Reason.COUNT_OUT_OF_RANGE, "9" * 29 + "…"),
        ("Ev", Reason.LATIN_LETTERS, "Ev"),
        ("M", Reason.LATIN_LETTERS, "M"),
        ("Eва", Reason.LATIN_LETTERS, "Eва"),
        ("Ев5", Reason.DIGITS_IN_WORD, "Ев5"),
        ("٣", Reason.DIGITS_IN_WORD, "٣"),
        ("Їжак", Reason.FOREIGN_CYRILLIC, "Їжак"),
        ("-Ев", Reason.HYPHENS, "-Ев"),
        ("а--б", Reason.HYPHENS, "а--б"),
        ("а" * 30, Reason.TOO_LONG, "а" * 30),
        ("ъ", Reason.NO_FIRST_LETTER, "ъ"),
        ("Ьев", Reason.NO_FIRST_LETTER, "Ьев"),
        ("🙂", Reason.NOT_LETTERS, "🙂"),
        ("Ев!а", Reason.NOT_LETTERS, "Ев!а"),
        ("Ев\x00", Reason.NOT_LETTERS, "Ев\ufffd"),
    ],
)
def test_problems_name_the_word(text: str, reason: Reason, word: str) -> None:
    assert parse_name_request(text) == Problem(reason, word)


@given(st.text())
def test_any_text_is_read_or_explained(text: str) -> None:
    match found := parse_name_request(text, lambda prefix: -len(prefix)):
        case NameQuery(prefix, gender, count):
            assert set(prefix) <= {*RUSSIAN_LETTERS, "-"}
            assert len(prefix) <= LONGEST_PREFIX
            assert gender in ("m", "f", None)
            assert 1 <= count <= LARGEST_COUNT
        case Problem(_, word):
            assert word.isprintable()
            assert len(word) <= 30
        case _:
            assert isinstance(found, Talk | Again)


@given(st.text(st.characters(whitelist_categories=["Cs", "Cc", "Cf", "Mn", "Nd", "Zs"])))
def test_no_invisible_character_gets_into_an_answer(text: str) -> None:
    match parse_name_request(text):
        case Problem(_, shown) | NameQuery(shown):
            assert shown.isprintable()


@given(
    prefix=st.text("абвгдеёжийАБВЁЙ", min_size=2, max_size=LONGEST_PREFIX),
    gender=st.sampled_from(["м", "ж"]),
    count=st.integers(1, LARGEST_COUNT),
    data=st.data(),
)
def test_the_order_and_the_spelling_of_letters_do_not_matter(
    prefix: str, gender: str, count: int, data: st.DataObject
) -> None:
    assume(not (word := VOCABULARY.get(fold(prefix))) or not word.alone)
    words = data.draw(st.permutations([prefix, gender, str(count)]))
    text = " ".join(words)
    text = data.draw(st.sampled_from([text, unicodedata.normalize("NFD", text)]))
    expected = NameQuery(prefix, "m" if gender == "м" else "f", count)
    assert parse_name_request(text) == expected
