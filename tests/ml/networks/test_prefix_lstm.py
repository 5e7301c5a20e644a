"""Names read as a tree of prefixes: the same numbers as read one by one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from ml.corpora.sequences import IGNORED, Sequences, encode_sequences
from ml.models.network_config import Cell, NetworkConfig
from ml.networks.network import Impl, NameNetwork
from ml.networks.prefix_lstm import prefix_lstm
from ml.networks.prefix_tree import PrefixTree, grow_tree

READ, PREDICTED = 9, 7
NAMES = st.lists(
    st.tuples(
        st.integers(PREDICTED, READ - 1), st.lists(st.integers(2, 4), min_size=1, max_size=6)
    ),
    min_size=1,
    max_size=30,
)


def sequences_of(names: list[tuple[int, list[int]]]) -> Sequences:
    return encode_sequences([start for start, _ in names], [letters for _, letters in names])


def prefixes(tree: PrefixTree) -> list[list[tuple[int, ...]]]:
    """What every node stands for, level by level."""
    levels: list[list[tuple[int, ...]]] = []
    by_level = torch.split(tree.symbols, list(tree.sizes))
    for symbols, parents in zip(by_level, tree.parents, strict=True):
        above = [levels[-1][parent] for parent in parents] if levels else [()] * len(symbols)
        levels.append([(*b, s) for b, s in zip(above, symbols.tolist(), strict=True)])
    return levels


@given(NAMES)
def test_every_prefix_is_there_once_with_what_comes_after(
    names: list[tuple[int, list[int]]],
) -> None:
    tree = grow_tree(sequences_of(names), torch.arange(len(names)), PREDICTED)
    whole = [(start, *letters, 0) for start, letters in names]
    expected = {name[:n] for name in whole for n in range(1, len(name))}
    nodes = [prefix for level in prefixes(tree) for prefix in level]
    assert len(nodes) == len(tree) == len(expected)
    assert {*nodes} == expected
    for prefix, counts in zip(nodes, tree.counts.tolist(), strict=True):
        came = [name[len(prefix)] for name in whole if name[: len(prefix)] == prefix]
        assert counts == [came.count(symbol) for symbol in range(PREDICTED)]
    for parents in tree.parents:
        assert parents.tolist() == sorted(parents.tolist())


def test_a_tree_of_some_names() -> None:
    names = sequences_of([(7, [2, 3]), (7, [2]), (8, [4, 4, 4])])
    tree = grow_tree(names, torch.tensor([1, 0]), PREDICTED)
    assert prefixes(tree) == [[(7,)], [(7, 2)], [(7, 2, 3)]]
    assert tree.counts[1].tolist() == [1, 0, 0, 1, 0, 0, 0]


@settings(deadline=None)
@given(NAMES)
def test_loss_and_gradients_are_those_of_names_read_one_by_one(
    names: list[tuple[int, list[int]]],
) -> None:
    torch.manual_seed(0)
    embedding, lstm, output = nn.Embedding(READ, 3), nn.LSTM(3, 5), nn.Linear(5, PREDICTED)
    modules = nn.ModuleList([embedding, lstm, output]).double()
    sequences = sequences_of(names)

    inputs, targets = sequences.batch(torch.arange(len(names)))
    logits = output(lstm(embedding(inputs))[0])
    loss = functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    expected = torch.autograd.grad(loss, list(modules.parameters()))

    tree = grow_tree(sequences, torch.arange(len(names)), PREDICTED)
    weight_ih, weight_hh, bias_ih, bias_hh = lstm.parameters()
    table = embedding.weight @ weight_ih.t() + bias_ih + bias_hh
    log_probs = output(prefix_lstm(tree, table, weight_hh)).log_softmax(-1)
    by_tree = -(log_probs * tree.counts).sum()
    actual = torch.autograd.grad(by_tree, list(modules.parameters()))

    assert float(by_tree.detach()) == pytest.approx(float(loss.detach()), rel=1e-10)
    for mine, theirs in zip(actual, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-8, atol=1e-10)


def test_bfloat16_under_autocast_stays_near() -> None:
    torch.manual_seed(0)
    names = sequences_of([(7, torch.randint(2, PREDICTED, (6,)).tolist()) for _ in range(50)])
    tree = grow_tree(names, torch.arange(50), PREDICTED)
    table = torch.randn(READ, 4 * 16, requires_grad=True)
    weight = (torch.randn(4 * 16, 16) / 4).requires_grad_()
    exact = prefix_lstm(tree, table, weight)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = prefix_lstm(tree, table, weight)
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), exact, rtol=0.05, atol=0.05)
    direction = torch.randn_like(exact)
    by_exact = torch.autograd.grad(exact, (table, weight), direction)
    by_rounded = torch.autograd.grad(rounded, (table, weight), direction.bfloat16())
    for coarse, fine in zip(by_rounded, by_exact, strict=True):
        assert float(functional.cosine_similarity(coarse.flatten(), fine.flatten(), 0)) > 0.999


def test_in_training_a_share_of_the_units_sits_out_for_the_whole_batch() -> None:
    torch.manual_seed(0)
    config = NetworkConfig(embedding_size=4, hidden_size=20, dropout=0.0, weight_drop=0.3)
    network = NameNetwork(config, read=READ, predicted=PREDICTED)
    names = sequences_of([(7, [2, 3, 4]), (7, [2, 4]), (8, [3, 3])])
    tree = grow_tree(names, torch.arange(3), PREDICTED)
    logits = network.read_prefixes(tree, masks=2)
    assert logits.shape == (2, len(tree), PREDICTED)
    torch.testing.assert_close(logits[0], logits[1])  # without dropout there is nothing to differ
    torch.autograd.backward(logits.sum())
    by_weight = dict(network.cell.named_parameters())["weight_hh_l0"].grad
    assert by_weight is not None
    learning = by_weight.view(4, 20, 20).abs().sum(dim=0) > 0  # (unit, from unit)
    assert int(learning.any(dim=1).sum()) == int(learning.any(dim=0).sum()) == 14
    assert torch.equal(learning.any(dim=1), learning.any(dim=0))

    network.eval()
    torch.testing.assert_close(network.read_prefixes(tree), network.read_prefixes(tree))


def test_every_mask_drops_other_outputs() -> None:
    torch.manual_seed(0)
    config = NetworkConfig(embedding_size=4, hidden_size=20, dropout=0.5, weight_drop=0.0)
    network = NameNetwork(config, read=READ, predicted=PREDICTED)
    tree = grow_tree(sequences_of([(7, [2, 3, 4])]), torch.arange(1), PREDICTED)
    first, second = network.read_prefixes(tree, masks=2)
    assert (first != second).any(dim=-1).all()


@pytest.mark.parametrize("impl", ["torch", "scratch"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 2])
def test_which_networks_read_prefixes(cell: Cell, impl: Impl, layers: int) -> None:
    config = NetworkConfig(cell, embedding_size=3, hidden_size=4, num_layers=layers)
    network = NameNetwork(config, read=READ, predicted=PREDICTED, impl=impl)
    assert network.reads_prefixes == ((cell, impl, layers) == ("lstm", "torch", 1))
