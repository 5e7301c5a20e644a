from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.corpus import Corpus
from ml.model import Cell, Impl, NameNetwork, NetworkConfig
from ml.recipes import Recipe
from ml.regimes import Regime, independent_epoch, stream_epoch
from ml.sequences import IGNORED, encode_sequences
from ml.training import train

NAMES = st.lists(st.lists(st.integers(2, 7), min_size=1, max_size=9), min_size=1, max_size=40)
TINY = Recipe(NetworkConfig(embedding_size=8, hidden_size=12), epochs=2, batch_size=32)


@settings(deadline=None)
@given(NAMES)
def test_an_epoch_of_either_regime_predicts_every_symbol_once(names: list[list[int]]) -> None:
    network = NameNetwork(NetworkConfig("rnn", 2, 2), read=9, predicted=8)
    sequences = encode_sequences([8] * len(names), names)
    order = torch.randperm(len(names))
    expected = sorted(symbol for name in names for symbol in [*name, 0])
    for epoch in (
        independent_epoch(network, sequences, order, 4, torch.Generator()),
        stream_epoch(network, sequences, order, streams=4, k1=3, k2=5),
    ):
        targets = torch.cat([targets.flatten() for _, targets in epoch.batches])
        assert sorted(targets[targets != IGNORED].tolist()) == expected


def test_only_streams_carry_the_state() -> None:
    torch.manual_seed(0)
    network = NameNetwork(NetworkConfig("lstm", 4, 8), read=9, predicted=8).eval()
    sequences = encode_sequences([8] * 3, [[2, 3, 4], [2, 3, 4], [2, 3, 4]])
    order = torch.arange(3)
    independent = independent_epoch(network, sequences, order, 1, torch.Generator())
    logits = [independent.read(inputs) for inputs, _ in independent.batches]
    assert torch.equal(logits[0], logits[1])
    stream = stream_epoch(network, sequences, order, streams=1, k1=4, k2=4)
    (first, _), (second, _), _ = stream.batches
    assert torch.equal(first, second)  # a name each, from its start symbol on
    assert not torch.equal(stream.read(first), stream.read(second))


@pytest.mark.parametrize("regime", ["independent", "stream"])
@pytest.mark.parametrize("impl", ["torch", "scratch"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_one_trainer_trains_them_all(
    corpus: Corpus, cell: Cell, impl: Impl, regime: Regime
) -> None:
    recipe = replace(TINY, network=replace(TINY.network, cell=cell), impl=impl, regime=regime)
    recipe = replace(recipe, epochs=6, learning_rate=2e-2, k1=5, k2=8)
    result = train(corpus, recipe)
    assert result.curves.valid[-1] < result.curves.valid[0] - 0.2
