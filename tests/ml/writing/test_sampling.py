import math
from dataclasses import replace
from unittest.mock import create_autospec

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ml.corpora.sequences import encode_sequences
from ml.errors import ImpossiblePrefix
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.scoring.scorer import Scorer
from ml.writing.sampling import Sample, Sampler, SamplingSettings, choose
from tests.ml.conftest import slavic_records

MEN, WOMEN = Start("given", "m", "russian"), Start("given", "f", "russian")


def draw(
    model: NameModel,
    prefix: str = "",
    starts: tuple[Start, ...] = (MEN, WOMEN),
    count: int = 50,
    settings: SamplingSettings | None = None,
    seed: int = 0,
) -> list[Sample]:
    rng = np.random.default_rng(seed)
    return Sampler(model).sample(prefix, starts, count, settings or SamplingSettings(), rng)


def test_a_seed_repeats_and_another_differs(model: NameModel) -> None:
    assert draw(model, seed=1) == draw(model, seed=1) != draw(model, seed=2)


def test_names_begin_with_the_prefix_whatever_its_case(model: NameModel) -> None:
    for prefix in ("бог", "Бог", "БОГ"):
        assert {sample.name[:3] for sample in draw(model, prefix)} == {"Бог"}


@pytest.mark.parametrize("count", [1, 2, 50])  # a few are written in another way than many
@pytest.mark.parametrize("prefix", ["", "Люб", "Любослав"])
def test_log_probs_are_the_models_own(
    model: NameModel, mixed: NameModel, prefix: str, count: int
) -> None:
    settings = SamplingSettings(temperature=1.7, top_k=9)
    for writer in (model, mixed):
        samples = [
            sample
            for seed in range(5)
            for sample in draw(writer, prefix, count=count, settings=settings, seed=seed)
        ]
        assert samples
        for sample in samples:
            start = writer.alphabet.start_index(sample.start)
            sequences = encode_sequences([start], [writer.alphabet.encode(sample.name)])
            expected = float(Scorer.of(writer).names(sequences)[0])
            assert sample.log_prob == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("count", [0, 1, 3, 5, 600])
def test_as_many_names_as_asked_for_from_more_starts_or_fewer(model: NameModel, count: int) -> None:
    names = draw(model, starts=model.alphabet.starts, count=count)
    assert 0.9 * count - 1 <= len(names) <= count


def test_the_start_follows_from_the_prefix(model: NameModel) -> None:
    samples = draw(model, "Богослава", settings=SamplingSettings(temperature=0.5))
    assert {sample.start for sample in samples} == {WOMEN}


@pytest.mark.parametrize("count", [1, 4000])
def test_frequencies_are_those_of_the_model(model: NameModel, count: int) -> None:
    sampler, rng = Sampler(model), np.random.default_rng(0)
    settings = SamplingSettings(temperature=1.0)
    names = [
        sample.name
        for _ in range(4000 // count)
        for sample in sampler.sample("", [MEN], count, settings, rng)
    ]
    taught = [record.name for record in slavic_records() if record.gender == "m"]
    start = model.alphabet.start_index(MEN)
    encoded = encode_sequences([start] * len(taught), [model.alphabet.encode(n) for n in taught])
    expected = 4000 * np.exp(Scorer.of(model).names(encoded).numpy())
    assert expected.sum() > 1000  # it learnt them, so most of them are drawn often
    for name, often in zip(taught, expected, strict=True):
        # Five standard deviations, and a few for rare names: every machine draws others.
        assert abs(names.count(name) - often) < 5 * math.sqrt(often) + 4


def test_top_k_of_one_is_the_most_probable_name(model: NameModel) -> None:
    settings = SamplingSettings(top_k=1)
    assert len({sample.name for sample in draw(model, starts=(MEN,), settings=settings)}) == 1
    tiny = SamplingSettings(top_p=1e-6)
    assert draw(model, starts=(MEN,), settings=settings, count=1)[0].name == (
        draw(model, starts=(MEN,), settings=tiny, count=1)[0].name
    )


@given(st.integers(0, 10_000), st.sampled_from([0.3, 1.0, 3.0, 10.0]), st.sampled_from([2, 20]))
def test_hot_samples_keep_to_the_lengths_and_endings_of_names(
    model: NameModel, seed: int, temperature: float, count: int
) -> None:
    settings = SamplingSettings(temperature=temperature)
    statistics = dict(zip(model.alphabet.starts, model.statistics, strict=True))
    for sample in draw(model, count=count, settings=settings, seed=seed):
        allowed = statistics[sample.start]
        assert allowed.shortest <= len(sample.name) <= allowed.longest
        assert sample.name[-1] in allowed.finals


def test_impossible_prefixes_are_refused(model: NameModel) -> None:
    for prefix in ("Бxг", "Бог" * 10, "🙂"):
        with pytest.raises(ImpossiblePrefix):
            draw(model, prefix)


def test_a_name_too_long_for_its_own_start_is_dropped(model: NameModel) -> None:
    shortened = NameModel(
        model.config,
        model.weights,
        alphabet=model.alphabet,
        statistics=tuple(
            replace(statistics, longest=6) if start == MEN else statistics
            for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True)
        ),
        fingerprints=model.fingerprints,
    )
    many = draw(shortened, count=100)
    few = [sample for seed in range(50) for sample in draw(shortened, count=2, seed=seed)]
    for samples in (many, few):
        lengths = {
            start: [len(x.name) for x in samples if x.start == start] for start in (MEN, WOMEN)
        }
        assert max(lengths[MEN]) <= 6 < max(lengths[WOMEN])


def test_an_exponential_of_exactly_0_lets_no_forbidden_symbol_through() -> None:
    log_probs = np.array([[-np.inf, -1.0, -np.inf]], dtype=np.float32)
    rng = create_autospec(np.random.Generator)
    rng.standard_exponential.return_value = np.zeros(log_probs.shape)
    assert choose(log_probs, SamplingSettings(), rng).tolist() == [1]


def test_a_state_near_overflow_does_not_spoil_a_choice(model: NameModel) -> None:
    loud = NameModel(
        model.config,
        model.weights,
        alphabet=model.alphabet,
        statistics=tuple(replace(s, longest=1000) for s in model.statistics),
        fingerprints=model.fingerprints,
    )
    settings = SamplingSettings(temperature=0.01)
    assert all(math.isfinite(sample.log_prob) for sample in draw(loud, settings=settings))


@pytest.mark.parametrize(
    "wrong", [{"temperature": 0.0}, {"temperature": math.nan}, {"top_k": 0}, {"top_p": 1.5}]
)
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        SamplingSettings(**wrong)  # type: ignore[arg-type]


def test_sampling_leaves_torchs_generator_alone(model: NameModel) -> None:
    before = torch.get_rng_state()
    draw(model)
    assert torch.equal(before, torch.get_rng_state())
