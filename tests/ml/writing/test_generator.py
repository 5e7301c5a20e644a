import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ml.errors import ImpossiblePrefix, ImpossibleRequest, IndecentPrefix
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.alphabet import ANY_NAME
from ml.names.known import is_doubtful, is_of_another_origin
from ml.names.records import ORIGINS, fold
from ml.writing.generator import NameGenerator, NameRequest, SamplingSettings
from tests.ml.conftest import slavic_records
from tests.tiny_model import tiny_model


def test_distinct_names_as_asked(model: NameModel) -> None:
    generator = NameGenerator(model, version=3)
    answer = generator.generate(NameRequest(gender="f", prefix="Л", count=5), seed=1)
    assert answer.version == 3
    assert len({name.name for name in answer.names}) == 5
    assert {name.gender for name in answer.names} == {"f"}
    assert {name.name[0] for name in answer.names} == {"Л"}


def test_what_lists_have_but_do_not_vouch_for_is_not_said_at_all(model: NameModel) -> None:
    """The tiny list's model writes surnames, and men's names for women: neither is invented."""
    drawn = NameGenerator(model).sample(
        NameRequest(count=500, settings=SamplingSettings(temperature=1.5)), seed=0
    )
    assert not [
        name for name in drawn if name.novel and is_doubtful(name.name, "given", name.gender)
    ]


def test_a_name_of_another_origin_is_passed_over(model: NameModel) -> None:
    """A Russian name is nothing that those who ask for names of the world should be told."""
    starts = [replace(start, origin="world") for start in model.alphabet.starts]
    worldly = replace(model, alphabet=replace(model.alphabet, starts=tuple(starts)))
    request = NameRequest(count=200, settings=SamplingSettings(temperature=1.0), judged=False)
    russian = NameGenerator(model).sample(request, seed=0)
    others = NameGenerator(worldly).sample(replace(request, origin="world"), seed=0)
    assert any(is_of_another_origin(x.name, "given", x.gender, "world") for x in russian)
    assert len(others) == 200
    assert not any(is_of_another_origin(x.name, "given", x.gender, "world") for x in others)


def test_novel_means_in_no_split(model: NameModel) -> None:
    generator = NameGenerator(model)
    request = NameRequest(count=200, settings=SamplingSettings(temperature=1.0))
    drawn = generator.sample(request, seed=0)
    assert {name.novel for name in drawn} == {True, False}
    novel = generator.sample(replace(request, novel_only=True), seed=0)
    assert len(novel) == 200
    assert all(name.novel for name in novel)
    known = {fold(record.name) for record in slavic_records()}
    assert {name.novel for name in drawn if fold(name.name) in known} == {False}
    assert not {fold(name.name) for name in novel} & known


def test_names_seen_lately_are_passed_over_as_long_as_others_are_found(model: NameModel) -> None:
    generator = NameGenerator(model)
    narrow = NameRequest(prefix="Богосла", gender="m", settings=SamplingSettings(temperature=0.01))
    only = generator.generate(narrow).names[0].name
    assert generator.generate(replace(narrow, exclude=frozenset({only}))).names[0].name == only
    wide = NameRequest(exclude=frozenset({"Богдан", "БОГДАНА"}), count=10)
    names = {name.name for name in generator.generate(wide, seed=0).names}
    assert not names & {"Богдан", "Богдана"}


def test_candidates_are_what_passes_of_one_batch(model: NameModel) -> None:
    generator = NameGenerator(model, version=3)
    wide = NameRequest(prefix="Б", gender="m")
    first = generator.candidates(wide, 64, seed=0)
    names = {fold(name.name) for name in first.names}
    assert first.version == 3
    assert 5 < len(names) == len(first.names) <= 64
    assert {(name.name[0], name.gender) for name in first.names} == {("Б", "m")}
    others = generator.candidates(replace(wide, exclude=frozenset(names)), 64, seed=0)
    assert not names & {fold(name.name) for name in others.names}
    with pytest.raises(ImpossiblePrefix):
        generator.candidates(NameRequest(prefix="Ev"), 64)
    with pytest.raises(IndecentPrefix):
        generator.candidates(NameRequest(prefix="Хуй"), 64)


def test_first_names_are_not_the_short_ones(model: NameModel) -> None:
    # Short names end first; were they handed out first, they would come too often.
    generator = NameGenerator(model)
    drawn = generator.sample(NameRequest(count=2000), seed=0)
    single = [generator.generate(NameRequest(), seed=seed).names[0] for seed in range(300)]
    mean = sum(len(name.name) for name in drawn) / len(drawn)
    assert sum(len(name.name) for name in single) / len(single) == pytest.approx(mean, rel=0.05)


def test_how_probable_a_beginning_is(model: NameModel) -> None:
    generator = NameGenerator(model)
    assert generator.prefix_log_prob("") == pytest.approx(0)
    letters = model.alphabet.letters
    every = sum(math.exp(generator.prefix_log_prob(letter)) for letter in letters)
    assert every == pytest.approx(1, abs=0.05)  # the rest: the end, and unknown letters
    first = generator.prefix_log_prob("Бог")
    assert first < generator.prefix_log_prob("Бо")
    assert generator.prefix_log_prob("бог") == pytest.approx(first)
    assert generator.prefix_log_prob("Bog") == generator.prefix_log_prob("б" * 1000) == -math.inf


def test_prefixes_that_begin_no_name_are_refused() -> None:
    generator = NameGenerator(load_model(SHIPPED_MODEL))
    for prefix in ("Щщщ", "Жжж", "Цз", "ъъ", "Бзт"):
        with pytest.raises(ImpossiblePrefix):
            generator.generate(NameRequest(prefix=prefix))
        with pytest.raises(ImpossiblePrefix):
            generator.candidates(NameRequest(prefix=prefix), 16)
    for prefix in ("Ев", "Щ", "Юв", "Фёк", "Мстисл", "Евпатий"):
        assert generator.generate(NameRequest(prefix=prefix)).names[0].name.startswith(prefix)
    assert len(generator.sample(NameRequest(prefix="Цз", count=3))) == 3


def test_a_kind_that_the_model_does_not_write(model: NameModel) -> None:
    with pytest.raises(ImpossibleRequest, match="of that kind"):
        NameGenerator(model).generate(NameRequest(kind="surname"))


def test_swapping_under_load_never_mixes_versions(model: NameModel) -> None:
    generator = NameGenerator(model, version=0)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(generator.generate, NameRequest(count=3)) for _ in range(50)]
        for version in range(1, 20):
            generator.swap(model, version)
        assert {answer.result().version for answer in answers} <= set(range(20))
    assert generator.version == 19


def test_a_generator_knows_the_origins_that_it_can_be_asked_for(model: NameModel) -> None:
    generator = NameGenerator(tiny_model(origins=("russian", "world")))
    assert generator.origins == {"russian", "world"}
    generator.swap(replace(model, alphabet=replace(model.alphabet, starts=(ANY_NAME,))), 1)
    assert generator.origins == set(ORIGINS)
