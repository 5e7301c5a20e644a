"""What people like, as a network beside the model: written, scored and kept alike."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ml.corpora.sequences import encode_sequences
from ml.models.checkpoint import load_model, model_bytes
from ml.models.model import NameModel, TasteNetwork
from ml.models.network_config import NetworkConfig, parameter_shapes
from ml.scoring.scorer import Scorer
from ml.writing.prediction import Predictor
from ml.writing.sampling import Sampler, SamplingSettings


def with_taste(model: NameModel, seed: int = 0) -> NameModel:
    rng = np.random.default_rng(seed)
    config = NetworkConfig("gru", embedding_size=4, hidden_size=6)
    shapes = parameter_shapes(config, read=model.alphabet.read, predicted=model.alphabet.predicted)
    weights = {
        name: (0.3 * rng.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()
    }
    return replace(
        model,
        taste=TasteNetwork(
            config, weights, rng.normal(size=len(model.alphabet.starts)).astype(np.float32)
        ),
    )


@pytest.fixture(params=["model", "mixed"])
def tasted(request: pytest.FixtureRequest) -> NameModel:
    return with_taste(request.getfixturevalue(request.param))


def test_what_is_written_is_scored_alike(tasted: NameModel) -> None:
    starts = list(tasted.alphabet.starts)
    for count in (1, 2, 200):
        written = Sampler(tasted).sample(
            "", starts, count, SamplingSettings(temperature=1.0), np.random.default_rng(count)
        )
        sequences = encode_sequences(
            [tasted.alphabet.start_index(each.start) for each in written],
            [tasted.alphabet.encode(each.name) for each in written],
        )
        scored = Scorer.of(tasted).names(sequences).numpy()
        assert scored == pytest.approx([each.log_prob for each in written], rel=1e-3, abs=1e-3)


def test_it_is_added_and_normalised(tasted: NameModel) -> None:
    symbols = [tasted.alphabet.predicted, 2, 3]
    names = {}
    for title, model in (("plain", replace(tasted, taste=None)), ("tasted", tasted)):
        predictor = Predictor(model)
        name = predictor.start(predictor.initial(1).select(0))
        names[title] = [name.step(symbol).copy() for symbol in symbols]
    for plain, changed in zip(names["plain"], names["tasted"], strict=True):
        assert np.exp(changed.astype(np.float64)).sum() == pytest.approx(1.0, abs=1e-5)
        assert not np.allclose(plain, changed, atol=1e-3)


def test_values_of_zero_change_nothing(model: NameModel) -> None:
    tasted = with_taste(model)
    assert tasted.taste
    silent = {name: np.zeros_like(weight) for name, weight in tasted.taste.weights.items()}
    tasted = replace(tasted, taste=replace(tasted.taste, weights=silent))
    sequences = encode_sequences([model.alphabet.predicted], [[2, 3, 4]])
    assert torch.allclose(
        Scorer.of(tasted).names(sequences), Scorer.of(model).names(sequences), atol=1e-5
    )


def test_a_name_does_not_know_the_one_before_it(tasted: NameModel) -> None:
    """In a text the state is carried on, but the taste reads each name by itself."""
    predictor = Predictor(replace(tasted, mixture=None))
    assert predictor.taste
    name = predictor.start(predictor.initial(1).select(0))
    start = tasted.alphabet.predicted
    name.step(start)
    fresh = name.state.hidden[-1][0].copy()
    name.step(2)
    name.step(start)
    assert name.state.hidden[-1][0] == pytest.approx(fresh)


def test_the_file_keeps_it(tasted: NameModel) -> None:
    again = load_model(model_bytes(tasted))
    assert again.taste is not None
    assert tasted.taste is not None
    assert again.taste.config == tasted.taste.config
    for name, weight in tasted.taste.weights.items():
        assert (again.taste.weights[name] == weight).all()
    assert (again.taste.starts == tasted.taste.starts).all()
