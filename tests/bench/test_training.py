"""The contestants of ``python -m bench training`` do the same work and are judged alike."""

import itertools
import math
from collections.abc import Iterator

import pytest

from bench.training import PLAIN, Contestant, bigram_loss, contestants, race
from ml.corpora.corpus import Corpus, corpus_of_records
from tests.ml.conftest import slavic_records


@pytest.fixture
def corpus() -> Corpus:
    return corpus_of_records(slavic_records())


def test_an_epoch_of_each_is_every_symbol_once(corpus: Corpus) -> None:
    symbols = sum(len(name) + 1 for name in corpus.train.names)
    for contestant in contestants(corpus, seed=0).values():
        learnt = itertools.accumulate(contestant.steps)
        assert next(so_far for so_far in learnt if so_far >= symbols) == symbols


def test_they_know_nothing_at_first_and_beat_the_bigram_table_in_the_end(corpus: Corpus) -> None:
    runners = contestants(corpus, seed=0)
    for contestant in runners.values():
        assert contestant.valid_loss() == pytest.approx(
            math.log(corpus.alphabet.predicted), abs=0.2
        )
    goal = bigram_loss(corpus)
    runs = race(runners, goal)
    assert all(run.there for run in runs.values())
    assert all(contestant.valid_loss() < goal for contestant in runners.values())
    assert PLAIN in runs


def test_who_has_arrived_rests_while_the_others_go_on() -> None:
    def walking(pace: int) -> Contestant:
        done = 0

        def steps() -> Iterator[int]:
            nonlocal done
            while True:
                done += pace
                yield pace

        return Contestant(steps(), lambda: 100.0 - done)

    runs = race({"slow": walking(1), "fast": walking(9)}, goal=10.5)
    assert {title: sum(run.symbols) for title, run in runs.items()} == {"slow": 90, "fast": 90}
