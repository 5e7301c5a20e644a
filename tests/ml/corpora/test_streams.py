import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ml.corpora.sequences import IGNORED
from ml.corpora.streams import Text, cut_streams, encode_lines, join_lines, shuffle_lines
from ml.names.alphabet import END

START = 10
LINES = st.lists(st.lists(st.integers(2, 9), max_size=9), min_size=1, max_size=30)


@given(st.integers(1, 200), st.integers(1, 20), st.integers(1, 40))
def test_every_symbol_is_a_target_once_and_in_order(symbols: int, batch: int, time: int) -> None:
    batch = min(batch, symbols)
    places = torch.arange(symbols)  # each symbol is its own place in the text
    streams = cut_streams(Text(inputs=places, targets=places + 1), batch)
    windows = list(streams.windows(time))
    assert all(len(inputs) == len(targets) == time for inputs, targets in windows[:-1])
    assert 1 <= len(windows[-1][0]) <= time
    inputs = torch.cat([window for window, _ in windows])
    targets = torch.cat([window for _, window in windows])
    real = targets != IGNORED
    # Stream after stream the targets are the whole text; so within a stream, and from window to
    # window, each goes on where the one before stopped.
    assert targets.t()[real.t()].tolist() == list(range(1, symbols + 1))
    assert inputs.t()[real.t()].tolist() == list(range(symbols))
    assert real[:-1].all()  # at most one step of a stream is filled up


@given(LINES)
def test_lines_are_joined_as_start_letters_end(lines: list[list[int]]) -> None:
    starts = [START + i % 3 for i in range(len(lines))]
    text = join_lines(encode_lines(starts, lines))
    rest = list(zip(text.inputs.tolist(), text.targets.tolist(), strict=True))
    for start, line in zip(starts, lines, strict=True):
        steps, rest = rest[: len(line) + 1], rest[len(line) + 1 :]
        assert steps == list(zip([start, *line], [*line, END], strict=True))
    assert not rest


@given(LINES, st.integers(0, 2**31 - 1))
def test_shuffling_moves_whole_lines(lines: list[list[int]], seed: int) -> None:
    encoded = encode_lines([START] * len(lines), lines)
    shuffled = shuffle_lines(encoded, torch.Generator().manual_seed(seed))
    assert sorted(line.tolist() for line in shuffled) == sorted(x.tolist() for x in encoded)


def test_each_epoch_has_its_own_order_and_a_seed_repeats_it() -> None:
    lines = encode_lines([START] * 50, [[2 + i % 8, 2 + i // 8] for i in range(50)])
    generator = torch.Generator().manual_seed(0)
    first, second = (join_lines(shuffle_lines(lines, generator)) for _ in range(2))
    assert not torch.equal(first.inputs, second.inputs)
    again = join_lines(shuffle_lines(lines, torch.Generator().manual_seed(0)))
    assert torch.equal(first.inputs, again.inputs)


def test_what_cannot_be_cut_or_joined_is_refused() -> None:
    text = join_lines(encode_lines([START], [[2, 3]]))
    for batch in (0, 4):
        with pytest.raises(ValueError, match=f"3 symbols cannot be cut into {batch} streams"):
            cut_streams(text, batch)
    with pytest.raises(ValueError, match="no lines"):
        join_lines([])
