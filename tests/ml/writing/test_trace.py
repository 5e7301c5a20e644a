"""How a name was written, looked at again."""

import numpy as np
import pytest

from ml.errors import ImpossiblePrefix, ImpossibleRequest
from ml.models.model import NameModel
from ml.names.alphabet import END, Start
from ml.writing.generator import NameGenerator
from ml.writing.sampling import Sampler, SamplingSettings
from ml.writing.trace import trace

MEN = Start("given", "m", "russian")


@pytest.mark.parametrize("prefix", ["", "Люб"])
def test_what_was_chosen_adds_up_to_the_log_prob_of_the_sample(
    model: NameModel, mixed: NameModel, prefix: str
) -> None:
    for writer in (model, mixed):
        sampler, rng = Sampler(writer), np.random.default_rng(0)
        for sample in sampler.sample(prefix, [MEN], 20, SamplingSettings(), rng):
            traced = trace(sampler, sample.name, sample.start)
            chosen = traced.of_chosen(traced.log_probs)
            assert chosen.sum() == pytest.approx(sample.log_prob, abs=1e-3)
            assert chosen[len(prefix) :].min() == pytest.approx(sample.least, abs=1e-3)
            assert writer.alphabet.decode(traced.symbols[:-1].tolist()) == sample.name


def test_a_step_is_one_letter_and_the_last_one_the_end(mixed: NameModel) -> None:
    traced = trace(Sampler(mixed), "Любомир", MEN)
    steps, predicted = len("Любомир") + 1, mixed.alphabet.predicted
    assert traced.log_probs.shape == traced.rules.shape == (steps, predicted)
    assert traced.hidden.shape == (steps, mixed.config.hidden_size)
    assert traced.symbols[-1] == END
    assert np.abs(traced.hidden).max() <= 1
    # The same beginning has the same steps.
    other = trace(Sampler(mixed), "Любослав", MEN)
    np.testing.assert_allclose(other.log_probs[:5], traced.log_probs[:5], atol=1e-4)
    np.testing.assert_allclose(other.hidden[:5], traced.hidden[:5], atol=1e-4)


def test_what_letters_are_drawn_from_is_what_is_drawn(model: NameModel) -> None:
    """The share of the names that begin with a letter is the probability that the trace tells."""
    settings = SamplingSettings(temperature=1.5, top_k=4)
    sampler = Sampler(model)
    traced = trace(sampler, "Любомир", MEN)
    drawn_from = np.exp(traced.drawn_from(settings))
    np.testing.assert_allclose(drawn_from.sum(axis=1), 1, atol=1e-3)
    assert ((drawn_from > 0).sum(axis=1) <= 4).all()
    samples = sampler.sample("", [MEN], 4000, settings, np.random.default_rng(0))
    firsts = np.bincount(
        [model.alphabet.encode(sample.name)[0] for sample in samples],
        minlength=model.alphabet.predicted,
    )
    np.testing.assert_allclose(firsts / firsts.sum(), drawn_from[0], atol=0.05)


def test_no_name_ends_where_the_sampler_lets_none_end(model: NameModel) -> None:
    traced = trace(Sampler(model), "Любомир", MEN)
    drawn_from = traced.drawn_from(SamplingSettings(temperature=10))
    assert drawn_from[0, END] == -np.inf
    assert drawn_from[-1, END] > -np.inf


def test_strange_letters_and_kinds_that_are_not_written(model: NameModel) -> None:
    with pytest.raises(ImpossiblePrefix):
        trace(Sampler(model), "Ъуъ", MEN)
    generator = NameGenerator(model)
    assert len(generator.trace("Любомир", "given", "m", "russian").symbols) == 8
    with pytest.raises(ImpossibleRequest):
        generator.trace("Любомир", "surname", "m", "russian")
