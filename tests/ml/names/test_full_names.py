"""Which word of a full name is what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.names.full_names import read_full_name
from ml.names.records import Gender

INITIALS = {"surname": "с", "given": "и", "patronymic": "о"}


@pytest.mark.parametrize(
    ("text", "kinds", "gender"),
    [
        ("Иванов Иван Иванович", "сио", "m"),
        ("Иван Иванович Иванов", "иос", "m"),
        ("Гризодубова Валентина Степановна", "сио", "f"),
        ("Шевелевич Иван Петрович", "сио", "m"),
        ("Мамедова Гулар Мамед-кызы", "сио", "f"),
        ("Каренина Анна", "си", "f"),
        ("Анна Каренина", "ис", "f"),
        ("Шевченко Тарас", "си", "m"),
        ("Пушкин Саша", "си", "m"),
        ("Пётр Ильич", "ио", "m"),
        ("Ахматова", "с", "f"),
        ("Достоевский", "с", "m"),
        ("Матвеевна", "о", "f"),
        ("Евлампий", "и", "m"),
        ("Никита", "и", "m"),
        ("Феофилина", "и", "f"),
        ("Ярополд", "и", "m"),
        ("Саша", "и", None),
        ("Зюзо", "и", None),
    ],
)
def test_words_are_told_apart(text: str, kinds: str, gender: Gender | None) -> None:
    read = read_full_name(text.split())
    assert "".join(INITIALS[kind] for _, kind in read.words) == kinds
    assert read.gender == gender
    assert " ".join(word for word, _ in read.words) == text


@given(st.lists(st.text("абвгинморстчыьюя-", min_size=1), min_size=1, max_size=3))
def test_any_words_are_read(words: list[str]) -> None:
    kinds = [kind for _, kind in read_full_name(words).words]
    assert len(set(kinds)) == len(words)


@pytest.mark.parametrize("words", [[], ["а"] * 4])
def test_too_few_and_too_many_words_are_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match="one to three"):
        read_full_name(words)
