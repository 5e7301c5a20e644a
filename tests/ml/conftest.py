"""Small models that take a second to make."""

from dataclasses import replace

import pytest
import torch

from ml.corpora.corpus import Corpus, corpus_of_records
from ml.models.model import Mixture, NameModel
from ml.models.network_config import NetworkConfig
from ml.models.ngram import KneserNey
from ml.names.records import Gender, NameRecord, capitalize, split_of
from ml.training.recipes import Recipe
from ml.training.trainer import train

# Networks this small lose more by waiting for a second thread than it does for them.
torch.set_num_threads(1)

_STEMS = ["яро", "свято", "мсти", "бори", "вячо", "любо", "рости", "влади", "бого", "брати"]
_MEN = ["слав", "мир", "люб", "дан", "свет"]
_WOMEN = ["слава", "мира", "люба", "дана", "света"]


def slavic_records() -> list[NameRecord]:
    """A hundred regular names, enough for a small network to learn the rule."""
    endings: list[tuple[Gender, str]] = [("m", ending) for ending in _MEN]
    endings += [("f", ending) for ending in _WOMEN]
    return [
        NameRecord(name, "given", gender, "russian", 1 + position, split_of(name))
        for stem in _STEMS
        for position, (gender, ending) in enumerate(endings)
        for name in [capitalize(stem + ending)]
    ]


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return corpus_of_records(slavic_records())


@pytest.fixture(scope="session")
def model(corpus: Corpus) -> NameModel:
    """A network alone."""
    recipe = Recipe(
        NetworkConfig(embedding_size=16, hidden_size=48),
        epochs=90,
        batch_size=16,
        learning_rate=2e-2,
        patience=1.0,
    )
    return replace(train(corpus, recipe, seed=0).model, mixture=None)


@pytest.fixture(scope="session")
def mixed(model: NameModel, corpus: Corpus) -> NameModel:
    """The same network beside an n-gram."""
    alphabet = corpus.alphabet
    names = corpus.train.encode(alphabet).rows()
    ngram = KneserNey.fit(
        names, order=5, read=alphabet.read, predicted=alphabet.predicted, by_start=True
    )
    return replace(model, mixture=Mixture(ngram, 0.3))
