from dataclasses import replace
from unittest.mock import patch

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.corpora.corpus import Corpus
from ml.corpora.sequences import encode_sequences
from ml.models.network_config import Cell, NetworkConfig
from ml.names.alphabet import UNKNOWN
from ml.networks.network import Impl, NameNetwork
from ml.networks.noise import Noise
from ml.scoring.scorer import Scorer
from ml.training.recipes import Recipe, Regime
from ml.training.regimes import draw_by_weight, independent_epoch, stream_epoch
from ml.training.trainer import train

NAMES = st.lists(st.lists(st.integers(2, 7), min_size=1, max_size=9), min_size=1, max_size=40)
CELLS: tuple[Cell, ...] = ("lstm", "rnn")
TINY = Recipe(
    NetworkConfig(embedding_size=8, hidden_size=12), epochs=2, noise=Noise(0.2, 0.2), batch_size=32
)


@patch("ml.training.regimes._UNKNOWN_RATE", 0.0)
@settings(deadline=None)
@given(NAMES)
def test_an_epoch_of_either_regime_predicts_every_symbol_once(names: list[list[int]]) -> None:
    sequences = encode_sequences([8] * len(names), names)
    order = torch.randperm(len(names))
    symbols, generator = int(sequences.lengths.sum()), torch.Generator()
    for cell in CELLS:
        network = NameNetwork(NetworkConfig(cell, 2, 2), read=9, predicted=8).eval()
        independent = independent_epoch(network, sequences, order, 4, generator)
        total = sum(float(lesson.loss().detach()) * lesson.symbols for lesson in independent)
        assert total == pytest.approx(-float(Scorer(network).names(sequences).sum()), rel=1e-4)
        assert sum(lesson.symbols for lesson in independent) == symbols
        stream = stream_epoch(network, sequences, order, 4, 3, 5, generator)
        assert sum(lesson.symbols for lesson in stream) == symbols


@patch("ml.training.regimes._UNKNOWN_RATE", 0.0)
@pytest.mark.parametrize("cell", CELLS)
def test_only_streams_carry_the_state(cell: Cell) -> None:
    torch.manual_seed(0)
    network = NameNetwork(NetworkConfig(cell, 4, 8), read=9, predicted=8).eval()
    sequences = encode_sequences([8] * 3, [[2, 3, 4], [2, 3, 4], [2, 3, 4]])
    order, generator = torch.arange(3), torch.Generator()
    first, second, _ = independent_epoch(network, sequences, order, 1, generator)
    assert float(first.loss().detach()) == float(second.loss().detach())
    first, second, _ = stream_epoch(network, sequences, order, 1, 4, 4, generator)  # a name each
    assert float(first.loss().detach()) != float(second.loss().detach())


@pytest.mark.parametrize("cell", CELLS)
def test_a_few_letters_are_unknown_in_training(cell: Cell) -> None:
    """Else an unknown letter would cost whatever chance had put there."""
    torch.manual_seed(0)
    network = NameNetwork(NetworkConfig(cell, 4, 8), read=9, predicted=8)
    sequences = encode_sequences([8] * 4_000, [[2, 3]] * 4_000)
    order, generator = torch.arange(4_000), torch.Generator().manual_seed(0)
    for lesson in (
        *independent_epoch(network, sequences, order, 4_000, generator),
        *stream_epoch(network, sequences, order, 1, 12_000, 12_000, generator),
    ):
        network.zero_grad()
        torch.autograd.backward(lesson.loss())
        assert network.embedding.weight.grad is not None
        assert network.embedding.weight.grad[UNKNOWN].any()


@pytest.mark.parametrize("regime", ["independent", "stream"])
@pytest.mark.parametrize("impl", ["torch", "scratch"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_one_trainer_trains_them_all(
    corpus: Corpus, cell: Cell, impl: Impl, regime: Regime
) -> None:
    recipe = replace(TINY, network=replace(TINY.network, cell=cell), impl=impl, regime=regime)
    recipe = replace(recipe, epochs=10, learning_rate=2e-2, k1=5, k2=8)
    result = train(corpus, recipe)
    assert result.curves.valid[-1] < result.curves.valid[0] - 0.2


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50), st.integers(0, 1000))
def test_an_index_is_drawn_by_its_share_rounded_up_or_down(weights: list[float], seed: int) -> None:
    drawn = draw_by_weight(torch.tensor(weights), torch.Generator().manual_seed(seed))
    assert len(drawn) == len(weights)
    for index, weight in enumerate(weights):
        share = len(weights) * weight / sum(weights)
        assert share - 1.001 <= int((drawn == index).sum()) <= share + 1.001


def test_of_equal_weights_each_index_comes_once_in_another_order() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second = (draw_by_weight(torch.ones(100), generator).tolist() for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
