"""Latin letters, read in the two ways in which people mean them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names.latin import on_the_russian_keyboard, spelt_by_ear


@pytest.mark.parametrize(
    ("word", "russian"),
    [
        ("Ev", "Ев"),
        ("Yaro", "Яро"),
        ("Zh", "Ж"),
        ("Shch", "Щ"),
        ("Evgeniya", "Евгения"),
        ("Yevgeniy", "Евгений"),
        ("alexey", "алексей"),
        ("Natalya", "Наталья"),
        ("Dmitry", "Дмитрий"),
        ("Olga", "Олга"),
        ("anna-maria", "анна-мария"),
        ("Eleonora", "Элеонора"),
        ("Fyodor", "Фёдор"),
        ("Igor'", "Игорь"),
        ("Eва", "Ева"),
        ("Cаша", "Саша"),
    ],
)
def test_spelt_by_ear(word: str, russian: str) -> None:
    assert russian in spelt_by_ear(word)


def test_what_is_likeliest_comes_first() -> None:
    assert spelt_by_ear("Ev") == ["Ев", "Эв"]


@pytest.mark.parametrize("word", ["", "a1", "<b>", "é", "%s", "Ев5"])
def test_no_word(word: str) -> None:
    assert spelt_by_ear(word) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Td", "Ев"), ("Zhj", "Яро"), ("ghbdtn", "привет"), (";fyyf", "жанна"), ("<jhbc", "Борис")],
)
def test_the_wrong_keyboard(typed: str, meant: str) -> None:
    assert on_the_russian_keyboard(typed) == meant


@given(st.text(st.characters(max_codepoint=0x500)))
def test_any_word_has_few_spellings(word: str) -> None:
    spellings = spelt_by_ear(word)
    assert len(spellings) == len(set(spellings)) <= 6
