import math

import numpy as np
import pytest

from ml.corpora.corpus import corpus_of_names, corpus_of_records
from ml.corpora.sequences import encode_sequences
from ml.models.model import NameModel
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import Start
from ml.scoring.bigrams import BigramTable
from ml.scoring.evaluation import (
    compare,
    conditional_likelihood,
    evaluate_list,
    evaluate_seen,
    list_log_probs,
)
from ml.scoring.scorer import Scorer
from ml.training.recipes import Recipe
from ml.training.trainer import train
from tests.ml.conftest import slavic_records


def test_a_bare_name_is_summed_over_the_starts_by_their_share(model: NameModel) -> None:
    names = ["Богдан", "Любомира"]
    expected = np.zeros(len(names))
    for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True):
        sequences = encode_sequences(
            [model.alphabet.start_index(start)] * 2, [model.alphabet.encode(n) for n in names]
        )
        expected += statistics.share * np.exp(Scorer.of(model).names(sequences).numpy())
    np.testing.assert_allclose(list_log_probs(model, names), np.log(expected), rtol=1e-5)


def test_every_letter_and_every_end_counts(model: NameModel) -> None:
    likelihood = evaluate_list(model, ["Богдан", "Любомира"])
    assert (likelihood.names, likelihood.symbols, likelihood.unknown) == (2, 7 + 9, 0)
    assert likelihood.perplexity == pytest.approx(math.exp(likelihood.nats_per_symbol))


def test_strange_letters_are_counted_and_cost_something_finite(model: NameModel) -> None:
    likelihood = evaluate_list(model, ["Bogdan", "日本", "🙂"])
    assert likelihood.unknown == 6 + 2 + 1
    assert 1 < likelihood.nats_per_symbol < 100


def test_seen_and_unseen_make_the_whole(model: NameModel) -> None:
    names = [record.name for record in slavic_records()]
    parts = evaluate_seen(model, names)
    assert list(parts) == ["all", "seen", "unseen"]
    whole = parts.pop("all")
    assert whole == evaluate_list(model, names)
    total = sum(part.nats_per_symbol * part.symbols for part in parts.values())
    assert total == pytest.approx(whole.nats_per_symbol * whole.symbols)
    assert parts["seen"].nats_per_symbol < parts["unseen"].nats_per_symbol


def test_a_list_of_new_names_has_no_seen_part(model: NameModel) -> None:
    parts = evaluate_seen(model, ["Добрынюшка"])
    assert list(parts) == ["all", "unseen"]
    assert parts["all"] == parts["unseen"]


def test_the_baselines_stand_beside_the_model(model: NameModel) -> None:
    comparison = compare(model, slavic_records())
    assert comparison.model.names == comparison.bigram.names == comparison.kneser_ney.names == 8
    assert comparison.model.symbols == comparison.kneser_ney.symbols
    assert comparison.kneser_ney.nats_per_symbol < comparison.bigram.nats_per_symbol
    assert comparison.as_json()["baselines"]["kneser_ney"]["order"] == comparison.order


def test_the_genders_apart_are_scored_knowing_the_gender(model: NameModel) -> None:
    # There is one origin, so to know the gender is to know the start symbol.
    comparison = compare(model, slavic_records())
    assert set(comparison.genders) == {"m", "f"}
    for gender, part in comparison.genders.items():
        test = [r for r in slavic_records() if r.split == "test" and r.gender == gender]
        known = conditional_likelihood(model, test)
        assert part.model.nats_per_symbol == pytest.approx(known.nats_per_symbol, rel=1e-5)
        assert part.model.names == part.kneser_ney.names == part.bigram.names == len(test)
        assert part.kneser_ney.nats_per_symbol < part.bigram.nats_per_symbol


def test_baselines_know_the_gender_too(model: NameModel) -> None:
    corpus = corpus_of_records(slavic_records())
    alphabet = corpus.alphabet
    bigram = BigramTable(
        [
            [alphabet.start_index(start), *alphabet.encode(name)]
            for name, start in zip(corpus.train.names, corpus.train.starts, strict=True)
        ],
        predicted=alphabet.predicted,
    )
    for gender, part in compare(model, slavic_records()).genders.items():
        start = alphabet.start_index(Start("given", gender, "russian"))
        log_prob = sum(
            bigram.log_prob(start, alphabet.encode(record.name))
            for record in slavic_records()
            if record.split == "test" and record.gender == gender
        )
        assert part.bigram.nats_per_symbol == pytest.approx(-log_prob / part.bigram.symbols)


def test_knowing_the_start_helps(model: NameModel) -> None:
    test = [record for record in slavic_records() if record.split == "test"]
    known = conditional_likelihood(model, test).nats_per_symbol
    assert known < evaluate_list(model, [record.name for record in test]).nats_per_symbol


def test_a_model_of_a_plain_list_is_compared_too() -> None:
    names = [record.name for record in slavic_records()]
    recipe = Recipe(NetworkConfig(embedding_size=8, hidden_size=8), epochs=1)
    plain = train(corpus_of_names(names), recipe).model
    comparison = compare(plain, slavic_records())
    assert comparison.model.nats_per_symbol > 0
    assert not comparison.genders
