"""What is written after /cases, and what it is answered with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.constants import MessageLimit

from bot.cases.request import parse_case_query
from bot.cases.texts import ENGLISH, RUSSIAN, CaseTexts
from bot.playground.telegram.html import parse_html
from ml.names.declension import Cases, decline, decline_all
from ml.names.records import Gender

LANGUAGES = pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH], ids=["ru", "en"])


@pytest.mark.parametrize(
    ("text", "words", "gender"),
    [
        ("Евлампия", "Евлампия", None),
        (" евлампия ", "Евлампия", None),
        ("ЕВЛАМПИЯ ж", "Евлампия", "f"),
        ("м Лель", "Лель", "m"),
        ("f Лель", "Лель", "f"),
        ("иванов-петров лев ильич", "Иванов-Петров Лев Ильич", None),
        ("Иванов, Лев Ильич", "Иванов Лев Ильич", None),
        ("Евла\u0301мпия", "Евлампия", None),
        ("Мамедов Али Гейдар-оглы", "Мамедов Али Гейдар-оглы", None),
    ],
)
def test_names_are_read(text: str, words: str, gender: Gender | None) -> None:
    query = parse_case_query(text)
    assert query
    assert " ".join(word for word, _ in query.name.words) == words
    assert query.gender == gender


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "м", "м ж", "Ева м ж", "Eva", "Ева5", "5", "🙂", "а", "-", "а-", "-ева", "Ева-"),
        *("раз два три четыре", "а" * 41, "<b>Ева</b>", "'; DROP TABLE users; --", "%s", "Їжак"),
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    assert parse_case_query(text) is None


@given(st.text() | st.from_regex(r"[а-яёА-ЯЁмжEv -]{0,60}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    query = parse_case_query(text)
    if query:
        assert 1 <= len(query.name.words) <= 3
        for word, _ in query.name.words:
            assert word[0].isupper() or word in ("оглы", "кызы")
        decline_all(query.name.words, "f")


@LANGUAGES
@given(st.text(min_size=1, max_size=200))
def test_any_name_fits_into_a_message_and_is_escaped(texts: CaseTexts, name: str) -> None:
    name = name.strip() or "а"
    for taken_for in ("m", "f", None):
        html = texts.table(Cases(name, *(name + end for end in "абвгд")), taken_for)
        assert len(html) <= 4 * MessageLimit.MAX_TEXT_LENGTH
        assert parse_html(html).text


def test_a_table() -> None:
    said = parse_html(RUSSIAN.table(decline("Евлампия", "given", "f"), None)).text
    assert said == (
        "Евлампия\n\n"
        "Именительный, кто? — Евлампия\n"
        "Родительный, кого? — Евлампии\n"
        "Дательный, кому? — Евлампии\n"
        "Винительный, кого? — Евлампию\n"
        "Творительный, кем? — Евлампией\n"
        "Предложный, о ком? — Евлампии"
    )
    said = parse_html(ENGLISH.table(decline("Лель", "given", "m"), "m")).text
    assert "Instrumental, by whom? — Лелем (Lelem)" in said
    assert said.endswith("For a woman's: /cases Лель ж")


@LANGUAGES
def test_an_indeclinable_name_is_said_to_be_one(texts: CaseTexts) -> None:
    said = parse_html(texts.table(decline("Эстер", "given", "f"), "f")).text
    assert said.startswith(f"Эстер\n\n{texts.indeclinable}\n\n")
    assert said.endswith("/cases Эстер м")
