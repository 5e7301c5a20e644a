"""A network that is too sure of itself."""

import copy

import pytest

from ml.corpora.corpus import Corpus
from ml.models.model import NameModel
from ml.networks.network import network_of
from ml.scoring.scorer import Scorer
from ml.training.calibration import calibrate


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.25])
def test_logits_that_are_too_large_or_small_are_corrected(
    model: NameModel, corpus: Corpus, factor: float
) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    right = network_of(model)
    best = calibrate(right, valid)
    assert best == pytest.approx(Scorer(right).nats_per_symbol(valid), rel=1e-4)
    wrong = copy.deepcopy(right)
    wrong.output.weight.data *= factor
    wrong.output.bias.data *= factor
    assert calibrate(wrong, valid) == pytest.approx(best, abs=2e-3)


def test_what_comes_first_stays_first(model: NameModel, corpus: Corpus) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    inputs, _ = valid.batch(valid.lengths.argsort())
    calibrated = network_of(model)
    calibrate(calibrated, valid)
    before, after = network_of(model)(inputs)[0], calibrated(inputs)[0]
    assert (before.argmax(-1) == after.argmax(-1)).all()
