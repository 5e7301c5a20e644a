"""No way out of the shipped model shows what is not decent.

The whole of the beginnings takes a minute or two: ``python -m pytest -m exhaustive``.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from ml.errors import ImpossiblePrefix, IndecentPrefix
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.names.decency import is_decent
from ml.writing.generator import NameGenerator, NameRequest
from ml.writing.text_sampling import TextSampler
from ml.writing.text_state import continue_text
from tests.ml.names.obscene import is_obscene

LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
PAIRS = ["".join(pair) for pair in product(LETTERS, repeat=2)]
ROOTS = (
    *("бзд", "бля", "бляд", "влаг", "гав", "гамн", "говн", "гонд", "дерь", "дрис", "дроч", "дур"),
    *(
        "еба",
        "ебл",
        "жид",
        "жоп",
        "залу",
        "засс",
        "ипа",
        "как",
        "кал",
        "курв",
        "ман",
        "манд",
        "мля",
    ),
    *("моч", "муд", "мудо", "негр", "педе", "перд", "пид", "пиз", "пизд", "пис", "поп", "сис"),
    *("соск", "сра", "сса", "сук", "суч", "твар", "трах", "хач", "хер", "хох", "хрен", "ху", "хуе"),
    *("хуй", "хул", "член", "чмо", "чур", "шала", "шлю", "шма", "ури", "уро"),
)
SAMPLES = 200


@pytest.fixture(scope="module")
def generator() -> NameGenerator:
    return NameGenerator(load_model(SHIPPED_MODEL))


def obscene_after(generator: NameGenerator, beginnings: Sequence[str]) -> list[str]:
    """What a second list finds among samples; a beginning may be refused altogether."""
    found = []
    for number, beginning in enumerate(beginnings):
        # Not judged: what nobody would believe is to be decent by itself.
        request = NameRequest(
            prefix=beginning.capitalize(), origin=None, count=SAMPLES, judged=False
        )
        try:
            sampled = generator.sample(request, seed=number)
        except IndecentPrefix:
            continue
        found += [name.name for name in sampled if is_obscene(name.name)]
    return found


def test_no_obscenity_after_roots(generator: NameGenerator) -> None:
    assert obscene_after(generator, ROOTS) == []


def test_no_obscenity_after_some_pairs_of_letters(generator: NameGenerator) -> None:
    assert obscene_after(generator, random.Random(0).sample(PAIRS, 64)) == []


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_no_obscenity_after_any_pair_of_letters(generator: NameGenerator) -> None:
    assert obscene_after(generator, PAIRS) == []


@pytest.mark.parametrize("prefix", ["Еб", "жоп", "БЛЯ", "Сук", "Пизд", "Муд", "Анна-хуй"])
def test_an_indecent_prefix_is_refused_without_being_repeated(
    generator: NameGenerator, prefix: str
) -> None:
    for ask in (generator.generate, generator.sample):
        with pytest.raises(IndecentPrefix) as refusal:
            ask(NameRequest(prefix=prefix))
        assert prefix.lower() not in str(refusal.value).lower()
    assert isinstance(refusal.value, ImpossiblePrefix)
    assert generator.sample(NameRequest(prefix="Еб", count=3, uncensored=True))


def test_of_names_after_a_risky_prefix_the_indecent_ones_are_left_out(
    generator: NameGenerator,
) -> None:
    request = NameRequest(prefix="Бл", origin="peoples", count=300, judged=False)
    # Most of these are not decent: no seed and no rounding decides whether one comes.
    uncensored = replace(request, prefix="Муд", origin="russian", uncensored=True)
    assert not all(is_decent(x.name) for x in generator.sample(uncensored, seed=0))
    names = generator.sample(request, seed=0)
    assert len(names) == 300
    assert all(is_decent(x.name) for x in names)


def test_a_line_that_may_not_stand_is_never_written(model: NameModel) -> None:
    """Nor one that ends as it may not, wherever a piece of the text ends."""

    def may_stand(name: str, ends: bool) -> bool:
        return "слав" not in name and not (ends and name.endswith("мира"))

    women = [Start("given", "f", "russian")]

    def sampler() -> TextSampler:
        return TextSampler(model, women, np.random.default_rng(0), may_stand=may_stand)

    whole, piecewise = sampler().write(400), sampler()
    names = whole.lower().split("\n")[:-1]
    assert len(names) > 20
    assert all(may_stand(name, True) for name in names)
    assert "".join(piecewise.write(1) for _ in range(400)) == whole


def test_a_text_of_names_does_not_go_on_with_an_indecent_prefix(model: NameModel) -> None:
    with pytest.raises(IndecentPrefix):
        continue_text(model, NameRequest(prefix="Еб"), 10, None, 0)
    uncensored = NameRequest(prefix="Сра", uncensored=True)
    assert len(continue_text(model, uncensored, 10, None, 0)) == 10
