"""Both languages say everything, and what they say fits."""

from collections.abc import Mapping
from dataclasses import asdict

import pytest
from telegram.constants import CallbackQueryLimit

from bot.lists.texts import ENGLISH, RUSSIAN, ListTexts
from bot.playground.telegram.html import parse_html
from tests.bot.test_texts import sentences_in

LANGUAGES = pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH], ids=lambda t: t.language)


@LANGUAGES
def test_nothing_is_left_unsaid(texts: ListTexts) -> None:
    for name, value in asdict(texts).items():
        assert value
        if isinstance(value, Mapping) and not name.endswith("_forms"):
            assert value.keys() == asdict(RUSSIAN)[name].keys()
    assert len(texts.csv_columns) == len(RUSSIAN.csv_columns)


@LANGUAGES
def test_every_sentence_is_well_formed_html(texts: ListTexts) -> None:
    for sentence in sentences_in(asdict(texts)):
        assert parse_html(sentence).text


@LANGUAGES
def test_notices_fit(texts: ListTexts) -> None:
    longest = CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
    for notice in (texts.not_yours, texts.kept, texts.let_go, texts.nothing_to_export):
        assert len(notice) <= longest
        assert "<" not in notice
