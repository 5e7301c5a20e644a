"""The tilt: what a taste says of start symbols after which nothing was written."""

import numpy as np

from ml.corpora.sequences import encode_sequences
from ml.learning.tilt import Samples, teach
from ml.models.model import NameModel
from ml.names.alphabet import Start


def samples_of(model: NameModel, names: list[str], start: Start) -> Samples:
    alphabet = model.alphabet
    sequences = encode_sequences(
        [alphabet.start_index(start)] * len(names), [alphabet.encode(name) for name in names]
    )
    return Samples(names, [start] * len(names), sequences)


def test_a_start_after_which_nothing_was_written_keeps_its_share(model: NameModel) -> None:
    written, other = model.alphabet.starts
    samples = samples_of(model, ["Яромир", "Боримир"], written)
    taste = teach(model, samples, np.log([0.5, 1.5]), seed=0)
    starts = dict(zip(model.alphabet.starts, taste.starts, strict=True))
    assert starts[other] == 0
    assert np.isfinite(taste.starts).all()
