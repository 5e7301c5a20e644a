"""The picture of how a name was written."""

import io

import numpy as np
import pytest
from PIL import Image

from bot.written.picture import picture
from bot.written.texts import ENGLISH, RUSSIAN
from ml.writing.generator import NameGenerator, SamplingSettings
from tests.tiny_model import tiny_model

WORDS = RUSSIAN.picture


@pytest.fixture(scope="module")
def generator() -> NameGenerator:
    return NameGenerator(tiny_model())


def drawn(
    generator: NameGenerator, name: str, given: int = 0, temperature: float = 0.7
) -> Image.Image:
    traced = generator.trace(name, "given", "f", "russian")
    png = picture(name, traced, SamplingSettings(temperature), given, WORDS)
    assert len(png) < 100_000
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("name", ["Ян", "Евлампия", "Александрина-Виктория", "Ъ" * 30])
def test_a_row_a_letter_and_one_for_the_end(generator: NameGenerator, name: str) -> None:
    image = drawn(generator, name)
    assert image.format == "PNG"
    assert image.width == 800
    one_more = drawn(generator, name + "а")
    assert one_more.height - image.height == 60
    assert drawn(generator, "Я").height + 60 * (len(name) - 1) == image.height


def test_given_letters_are_marked_and_chosen_ones_are_orange(generator: NameGenerator) -> None:
    def orange(image: Image.Image) -> int:
        red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), dtype=int), 2, 0)
        chips = np.s_[:, 100:520]
        return int(((red > 1.5 * green) & (green > 1.5 * blue))[chips].sum())

    none_given, three_given = drawn(generator, "Евлампия"), drawn(generator, "Евлампия", given=3)
    assert orange(none_given) > orange(three_given) > 0
    assert orange(drawn(generator, "Евлампия", given=8)) > 0  # the end was chosen, at least


def test_it_is_the_same_picture_each_time(generator: NameGenerator) -> None:
    traced = generator.trace("Ева", "given", "f", "russian")
    first, second = (picture("Ева", traced, SamplingSettings(), 0, WORDS) for _ in range(2))
    assert first == second
    assert picture("Ева", traced, SamplingSettings(), 0, ENGLISH.picture) != first
