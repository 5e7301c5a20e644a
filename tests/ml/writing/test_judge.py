"""What the judge of invented names thinks, with the shipped model."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.names.records import Gender, read_records
from ml.writing.generator import NameGenerator, NameRequest
from ml.writing.judge import Judge
from ml.writing.prediction import Predictor
from ml.writing.sampling import Sample


@pytest.fixture(scope="module")
def shipped() -> NameModel:
    return load_model(SHIPPED_MODEL)


@pytest.fixture(scope="module")
def judge(shipped: NameModel) -> Judge:
    assert shipped.mixture is not None
    return Judge(shipped, shipped.mixture.ngram)


def sample(model: NameModel, name: str, gender: Gender) -> Sample:
    """A name as if the model had written it."""
    start = Start("given", gender, "russian")
    symbols = [model.alphabet.start_index(start), *model.alphabet.encode(name)]
    names = Predictor(model).start(Predictor(model).initial(1).select(0))
    chosen = [
        float(names.step(symbol)[following])
        for symbol, following in zip(symbols, [*symbols[1:], 0], strict=True)
    ]
    return Sample(name, start, sum(chosen), min(chosen))


def scores(judge: Judge, model: NameModel, names: Sequence[str], gender: Gender) -> list[float]:
    samples = [sample(model, name, gender) for name in names]
    return [float(score) for score in judge.scores(samples, enough=-np.inf)]


def test_real_names_it_never_saw_are_believed_and_their_letters_shuffled_are_not(
    judge: Judge, shipped: NameModel
) -> None:
    held_out = [
        record.name
        for record in read_records()
        if (record.kind, record.gender, record.origin, record.split)
        == ("given", "m", "russian", "valid")
    ][:30]
    shuffled = [name[::-1].capitalize() for name in held_out]
    real, unreal = (scores(judge, shipped, names, "m") for names in (held_out, shuffled))
    assert np.median(real) > np.median(unreal) + 3
    assert np.mean(np.array(unreal) < 0) > 0.9


@pytest.mark.parametrize(
    ("name", "not_a_name"), [("Миломир", "Маскиров"), ("Василиан", "Витальев")]
)
def test_a_surname_is_no_given_name(
    judge: Judge, shipped: NameModel, name: str, not_a_name: str
) -> None:
    believed, refused = scores(judge, shipped, [name, not_a_name], "m")
    assert believed > refused + 1


def test_a_woman_s_name_is_not_a_man_s(judge: Judge, shipped: NameModel) -> None:
    (as_hers,), (as_his,) = (scores(judge, shipped, ["Милослава"], gender) for gender in ("f", "m"))
    assert as_hers > as_his + 2


def test_the_company_makes_no_difference(judge: Judge, shipped: NameModel) -> None:
    names = ["Добромил", "Евдлкин", "Ким"]
    together = scores(judge, shipped, names, "m")
    alone = [scores(judge, shipped, [name], "m")[0] for name in names]
    assert together == pytest.approx(alone, abs=1e-2)


def test_what_cannot_come_up_to_enough_does_not(judge: Judge, shipped: NameModel) -> None:
    samples = [sample(shipped, name, "m") for name in ("Евдлкин", "Добромил")]
    exactly, roughly = (judge.scores(samples, enough=enough) for enough in (-np.inf, 0.2))
    assert [score >= 0.2 for score in exactly] == [score >= 0.2 for score in roughly]


def test_after_a_strange_prefix_names_come_all_the_same(shipped: NameModel) -> None:
    names = NameGenerator(shipped).generate(NameRequest("Ци", count=5, novel_only=True), seed=0)
    assert len(names.names) == 5
    assert all(name.name.startswith("Ци") for name in names.names)


def test_a_model_without_an_ngram_is_not_judged(shipped: NameModel) -> None:
    alone = NameGenerator(replace(shipped, mixture=None))
    share = [
        np.mean([name.novel for name in generator.sample(NameRequest(count=400), seed=1)])
        for generator in (alone, NameGenerator(shipped))
    ]
    assert share[0] > share[1] + 0.1
