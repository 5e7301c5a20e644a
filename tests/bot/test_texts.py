"""Every sentence exists in both languages and fits where Telegram shows it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import pytest
from telegram.constants import (
    BotCommandLimit,
    BotDescriptionLimit,
    CallbackQueryLimit,
    MessageLimit,
)

from bot.names.request import Problem, Reason, Talk
from bot.playground.telegram.html import parse_html
from bot.texts import ENGLISH, RUSSIAN, Texts, counted, texts_for
from ml.names.records import ORIGINS

LANGUAGES = pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH], ids=lambda t: t.language)


def sentences(texts: Texts) -> Iterator[str]:
    yield from sentences_in(asdict(texts))


def sentences_in(value: object) -> Iterator[str]:
    """Every string in a text or a mapping of such."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from sentences_in(inner)


@LANGUAGES
def test_nothing_is_left_unsaid(texts: Texts) -> None:
    assert texts.problems.keys() == set(Reason)
    assert all(texts.reply(talk) for talk in Talk)
    assert texts.genders.keys() == {"m", "f"}
    for words in texts.other_kinds.values():
        assert words.genders.keys() == texts.genders.keys()
        assert words.origins.keys() == texts.origins.keys()
    assert texts.origins.keys() == texts.novel_origins.keys() == set(ORIGINS)
    assert texts.origin_buttons.keys() == set(ORIGINS)
    assert len(set(texts.origin_buttons.values())) == len(ORIGINS)
    assert texts.commands.keys() == RUSSIAN.commands.keys()
    assert texts.other_kinds.keys() == {"surname", "patronymic"}
    # A Russian given name, known or invented; a Russian surname and patronymic.
    assert [s for s in sentences(texts) if not s] == [""] * 4


@LANGUAGES
def test_every_sentence_is_well_formed_html(texts: Texts) -> None:
    for sentence in sentences(texts):
        assert bool(parse_html(sentence).text) == bool(sentence)


def test_no_russian_sentence_is_left_in_english() -> None:
    shown_as_examples = re.compile(r"Евлампия|Ев ж 5|Ев ж|Ев 5|Анна-М|Ев|[мжМ]\b|<[^>]*>")
    for sentence in sentences(ENGLISH):
        assert not re.search("[а-яё]", shown_as_examples.sub("", sentence), re.IGNORECASE)


@LANGUAGES
@pytest.mark.parametrize("reason", Reason)
def test_a_problem_says_what_to_send_instead(texts: Texts, reason: Reason) -> None:
    said = texts.problem(Problem(reason, "<b>{0}&"))
    assert "/name" in said
    assert "<b>" not in said
    assert "{" not in said.replace("{0}", "")


@LANGUAGES
def test_telegrams_limits_hold(texts: Texts) -> None:
    notices = [texts.liked, texts.disliked, texts.withdrawn, texts.name_gone, texts.failure]
    assert all(
        len(n) <= CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
        for n in [*notices, texts.unknown_button, texts.no_chat]
    )
    assert all(1 <= len(d) <= BotCommandLimit.MAX_DESCRIPTION for d in texts.commands.values())
    assert len(texts.short_description) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
    assert len(texts.description) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
    assert max(len(texts.start), len(texts.help)) <= MessageLimit.MAX_TEXT_LENGTH


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        (None, RUSSIAN),
        ("", RUSSIAN),
        ("ru", RUSSIAN),
        ("RU-ru", RUSSIAN),
        ("en", ENGLISH),
        ("de", ENGLISH),
        ("uk", ENGLISH),
        ("run", ENGLISH),
    ],
)
def test_the_language_of_a_person(code: str | None, texts: Texts) -> None:
    assert texts_for(code) is texts


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (0, "0 имён", "0 names"),
        (1, "1 имя", "1 name"),
        (2, "2 имени", "2 names"),
        (5, "5 имён", "5 names"),
        (11, "11 имён", "11 names"),
        (21, "21 имя", "21 names"),
        (1234, "1\u00a0234 имени", "1,234 names"),
    ],
)
def test_plurals(number: int, russian: str, english: str) -> None:
    assert counted("ru", number, RUSSIAN.name_forms) == russian
    assert counted("en", number, ENGLISH.name_forms) == english
