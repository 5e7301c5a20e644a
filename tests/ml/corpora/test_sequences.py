import torch
from hypothesis import given
from hypothesis import strategies as st

from ml.corpora.sequences import IGNORED, batches_by_length, batches_in_order, encode_sequences
from ml.names.alphabet import END

NAMES = st.lists(st.lists(st.integers(2, 9), min_size=1, max_size=9), min_size=1, max_size=40)


@given(NAMES)
def test_targets_are_the_next_symbols_and_nothing_past_the_end(names: list[list[int]]) -> None:
    sequences = encode_sequences([10] * len(names), names)
    inputs, targets = sequences.batch(torch.arange(len(names)))
    for column, name in enumerate(names):
        length = len(name) + 1
        assert inputs[:length, column].tolist() == [10, *name]
        assert targets[:length, column].tolist() == [*name, END]
        assert (targets[length:, column] == IGNORED).all()


@given(st.lists(st.integers(2, 15), min_size=1, max_size=100), st.integers(1, 16))
def test_batches_hold_every_name_once_among_names_of_like_length(
    lengths: list[int], size: int
) -> None:
    tensor = torch.tensor(lengths)
    for batches in (
        batches_by_length(tensor, size, torch.Generator().manual_seed(0)),
        list(batches_in_order(tensor, size)),
    ):
        assert sorted(torch.cat(batches).tolist()) == list(range(len(lengths)))
    for batch in batches_by_length(tensor, len(lengths) // 4 + 1, torch.Generator().manual_seed(0)):
        inside = tensor[batch]
        between = tensor[(tensor > inside.min() + 2) & (tensor < inside.max() - 2)]
        assert set(between.tolist()) <= set(inside.tolist())
