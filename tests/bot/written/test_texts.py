"""What is said below the picture."""

import math
import re
from dataclasses import asdict

import pytest
from telegram.constants import MessageLimit

from bot.playground.telegram.html import parse_html
from bot.written.texts import ENGLISH, RUSSIAN, WrittenTexts, written_texts
from ml.names.records import KINDS, Kind
from ml.writing.sampling import SamplingSettings

LANGUAGES = pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH], ids=lambda t: t.language)


def caption(
    texts: WrittenTexts,
    once_in: float,
    kind: Kind = "given",
    prefix: str = "",
    temperature: float = 0.7,
    *,
    by_another: bool = False,
) -> str:
    html = texts.caption(
        "Евлампия",
        kind,
        prefix,
        SamplingSettings(temperature),
        640,
        -math.log(once_in),
        by_another=by_another,
    )
    return parse_html(html).text


@pytest.mark.parametrize(
    ("once_in", "kind", "said"),
    [
        (1.1, "given", "почти каждый раз"),
        (4.2, "given", "примерно одно имя из 4"),
        (1_234, "given", "примерно одно имя из 1\u00a0200"),
        (4_321, "given", "примерно одно имя из 4\u00a0000"),
        (4_321, "surname", "примерно одна фамилия из 4\u00a0000"),
        (432_100, "patronymic", "примерно одно отчество из 400\u00a0000"),
        (2_000_000, "given", "реже одного имени из миллиона"),
        (2_000_000, "surname", "реже одной фамилии из миллиона"),
        (3e9, "given", "реже одного имени из миллиарда"),
        (math.inf, "patronymic", "реже одного отчества из миллиарда"),
    ],
)
def test_the_chance_in_words(once_in: float, kind: Kind, said: str) -> None:
    assert f"Как часто у меня выходит такое: {said}. " in caption(RUSSIAN, once_in, kind)


def test_a_prefix_is_no_chance() -> None:
    said = caption(RUSSIAN, 300, prefix="ев")
    assert "Начало «Ев» было задано." in said
    assert "Как часто такое выходит после «Ев»: примерно одно имя из 300." in said
    assert "“Ев”" in caption(ENGLISH, 300, prefix="ев")


def test_the_temperature_is_named_unless_it_does_nothing() -> None:
    assert "при «температуре» 0,7: с нею я осторожнее" in caption(RUSSIAN, 300)
    assert "при «температуре» 1,5: с нею я смелее" in caption(RUSSIAN, 300, temperature=1.5)
    assert "температур" not in caption(RUSSIAN, 300, temperature=1.0)


@LANGUAGES
@pytest.mark.parametrize("kind", KINDS)
def test_it_fits_below_a_picture(texts: WrittenTexts, kind: Kind) -> None:
    said = caption(texts, math.inf, kind, "е" * 40, by_another=True)
    assert len(said) <= MessageLimit.CAPTION_LENGTH
    assert said.endswith(texts.by_another)
    assert "{" not in said


def test_what_was_written_is_escaped() -> None:
    html = RUSSIAN.caption("<b>&", "given", "<i>", SamplingSettings(), 640, -1.0, by_another=False)
    assert parse_html(html).text.startswith("<b>&\n")


def test_languages() -> None:
    assert written_texts("ru") is RUSSIAN
    assert written_texts("en") is ENGLISH
    assert asdict(RUSSIAN).keys() == asdict(ENGLISH).keys()
    assert not re.search("[а-яё]", str(asdict(ENGLISH)), re.IGNORECASE)
