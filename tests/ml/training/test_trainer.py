import itertools
from dataclasses import replace

import pytest
import torch

from ml.corpora.corpus import Corpus, corpus_of_names, corpus_of_records
from ml.errors import TooLittleData
from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig
from ml.progress import Step
from ml.scoring.scorer import Scorer
from ml.training.recipes import Recipe
from ml.training.trainer import Clock, train
from tests.ml.conftest import slavic_records

TINY = Recipe(NetworkConfig(embedding_size=8, hidden_size=12), epochs=4, batch_size=32)


def test_the_saved_state_is_the_best_on_valid(corpus: Corpus) -> None:
    result = train(corpus, replace(TINY, learning_rate=0.3, epochs=12, patience=1.0))
    valid = corpus.valid.encode(corpus.alphabet)
    loss = Scorer.of(result.model).network_alone.nats_per_symbol(valid)
    # The best of the curve, calibrated.
    assert min(result.curves.valid) - 0.2 < loss < min(result.curves.valid) + 1e-4
    alone = result.model.metrics["network_alone"]["valid_nats_per_symbol"]
    assert alone == pytest.approx(loss, rel=1e-4)
    assert result.model.metrics["valid_nats_per_symbol"] <= alone


def test_training_learns(model: NameModel, corpus: Corpus) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    assert Scorer.of(model).nats_per_symbol(valid) < 1.0
    uniform = torch.log(torch.tensor(float(corpus.alphabet.predicted)))
    assert model.metrics["valid_nats_per_symbol"] < float(uniform) / 2


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_seed_repeats_up_to_rounding(corpus: Corpus, cell: Cell) -> None:
    recipe = replace(TINY, network=replace(TINY.network, cell=cell))
    first, again, other = (train(corpus, recipe, seed=seed) for seed in (1, 1, 2))
    # Rounding depends on where memory happens to lie; what the seed decides is far larger.
    assert first.curves.valid == pytest.approx(again.curves.valid, rel=1e-3)
    assert first.curves.valid != pytest.approx(other.curves.valid, rel=1e-3)


def test_no_improvement_stops_early(corpus: Corpus) -> None:
    recipe = replace(TINY, learning_rate=0.0, epochs=40, patience=0.2)
    result = train(corpus, recipe)
    # Were rounding to improve it now and then, it would stop later, but well before the end.
    assert len(result.curves.valid) < 40
    assert not result.model.metrics["cut_short_by_minutes"]


def hurrying(seconds: float) -> Clock:
    """A clock that shows so many more seconds at each look."""
    return itertools.count(0.0, seconds).__next__


def test_how_fast_the_machine_is_changes_nothing(corpus: Corpus) -> None:
    fast, slow = (train(corpus, TINY, clock=hurrying(seconds)) for seconds in (0.001, 3600.0))
    assert slow.model.metrics["seconds"] > 3600 > fast.model.metrics["seconds"]
    for result in (fast, slow):
        assert result.model.metrics["epochs"] == TINY.epochs
        assert result.model.metrics["planned_epochs"] == TINY.epochs
        assert not result.model.metrics["cut_short_by_minutes"]
    assert slow.curves.valid == pytest.approx(fast.curves.valid, rel=1e-3)


def test_minutes_end_training_at_the_end_of_the_cycle_and_say_so(corpus: Corpus) -> None:
    steps: list[Step] = []
    recipe = replace(TINY, epochs=1000, minutes=0.5)
    result = train(corpus, recipe, report=steps.append, clock=hurrying(1.0))
    assert 1 < len(result.curves.valid) < 20
    assert steps[-1].done == steps[-1].total
    # The bar went all the way, not a fiftieth of it.
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert max(step.done for step in steps if step.message.startswith("epoch")) > 90
    metrics = result.model.metrics
    assert metrics["epochs"] == len(result.curves.valid)
    assert metrics["planned_epochs"] == 1000
    assert metrics["cut_short_by_minutes"]


def test_minutes_that_are_long_enough_cut_nothing(corpus: Corpus) -> None:
    result = train(corpus, replace(TINY, minutes=60.0), clock=hurrying(1.0))
    assert result.model.metrics["epochs"] == TINY.epochs
    assert not result.model.metrics["cut_short_by_minutes"]


def test_the_bar_says_which_epoch_and_at_what_loss(corpus: Corpus) -> None:
    steps: list[Step] = []
    train(corpus, TINY, report=steps.append)
    first, last = steps[0].message, steps[-3].message
    assert first.startswith(f"epoch 1 of {TINY.epochs}, loss ")
    assert last.startswith(f"epoch {TINY.epochs} of {TINY.epochs}, loss ")
    assert ", best valid " in last


def test_kinds_are_drawn_by_their_share_and_the_names_of_one_alike() -> None:
    records = slavic_records()
    kinds = [replace(record, kind="surname") for record in records[:30]]
    corpus = corpus_of_records([*records, *kinds])
    given = torch.tensor([start.kind == "given" for start in corpus.train.starts])
    assert float(corpus.weights[given].sum() / corpus.weights.sum()) == pytest.approx(
        0.25 / 0.775, rel=1e-4
    )
    assert len(set(corpus.weights[given].tolist())) == 1


def test_lines_of_a_list_are_held_out_whether_their_names_recur_or_not() -> None:
    names = [f"{number:05}" for number in range(5_000)]
    corpus = corpus_of_names(names * 2)
    assert len(corpus.valid) == 500
    assert sorted(corpus.valid.names + corpus.train.names) == sorted(names * 2)
    recurring = [name for name in corpus.valid.names if name in corpus.train.names]
    assert 400 < len(recurring) < 500
    assert corpus_of_names(names * 2).valid == corpus.valid


def test_of_a_long_list_only_so_many_lines_are_held_out() -> None:
    assert len(corpus_of_names([f"{number:05}" for number in range(40_000)]).valid) == 600
    assert len(corpus_of_names(["Ева", "Яна"]).valid) == 1


def test_too_short_a_list_is_refused() -> None:
    with pytest.raises(TooLittleData):
        corpus_of_names(["Ева"])


def test_held_out_names_are_known_but_not_trained_on(corpus: Corpus) -> None:
    for name in corpus.valid.names:
        assert corpus.fingerprints.knows(name)
        assert not corpus.fingerprints.was_trained_on(name)
    assert not corpus.fingerprints.knows("Невиданка")
