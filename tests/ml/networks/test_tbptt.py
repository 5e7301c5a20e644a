import weakref
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ml.networks import cells
from ml.networks.cells import State
from ml.networks.tbptt import TruncatedReader, backpropagate, detach

CELLS = [nn.RNN, nn.GRU, nn.LSTM, cells.RNN, cells.GRU, cells.LSTM]
INPUT, HIDDEN = 2, 3


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    return ((outputs - targets) ** 2).sum()


def make(kind: Any, time: int, layers: int = 1) -> tuple[nn.Module, Tensor, Tensor, State]:
    """A cell whose memory reaches far, inputs, targets and an initial state."""
    cell = kind(INPUT, HIDDEN, layers).double()
    for parameter in cell.parameters():
        nn.init.normal_(parameter)
    inputs, targets = torch.randn(time, 2, INPUT).double(), torch.randn(time, 2, HIDDEN).double()
    _, state = cell(torch.randn(1, 2, INPUT).double())
    return cell, inputs, targets, detach(state)


def gradient(cell: nn.Module) -> Tensor:
    parts = []
    for parameter in cell.parameters():
        assert parameter.grad is not None
        parts.append(parameter.grad.flatten())
        parameter.grad = None
    return torch.cat(parts)


def cut_by_hand(
    cell: nn.Module, inputs: Tensor, targets: Tensor, state: State, block: int, k1: int, k2: int
) -> Tensor:
    """The gradient of the loss of the steps from `block` on: step by step from the beginning of
    the text, the graph cut k2 steps before the end of the block."""
    loss = torch.zeros(()).double()
    for step in range(min(block + k1, len(inputs))):
        if step == block + k1 - k2:
            state = detach(state)
        output, state = cell(inputs[step : step + 1], state)
        if step >= block:
            loss = loss + squared_error(output, targets[step : step + 1])
    torch.autograd.backward(loss)
    return gradient(cell)


@pytest.mark.parametrize("kind", CELLS)
@settings(max_examples=15, deadline=None)
@given(
    time=st.integers(1, 12),
    k1=st.integers(1, 5),
    extra=st.integers(0, 8),
    layers=st.integers(1, 2),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_gradient_equals_that_of_a_graph_cut_by_hand(
    kind: Any, time: int, k1: int, extra: int, layers: int, seed: int
) -> None:
    torch.manual_seed(seed)
    k2 = k1 + extra
    cell, inputs, targets, state = make(kind, time, layers)
    total = backpropagate(cell, squared_error, inputs, targets, k1=k1, k2=k2, state=state)
    truncated = gradient(cell)
    expected = torch.zeros_like(truncated)
    for block in range(0, time, k1):
        expected += cut_by_hand(cell, inputs, targets, state, block, k1, k2)
    torch.testing.assert_close(truncated, expected, rtol=1e-9, atol=1e-9)
    whole = squared_error(cell(inputs, state)[0], targets)
    assert total == pytest.approx(float(whole.detach()))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(("k1", "k2"), [(1, 12), (3, 12), (5, 15), (12, 12), (20, 20)])
def test_a_k2_that_covers_the_text_gives_full_backpropagation(kind: Any, k1: int, k2: int) -> None:
    torch.manual_seed(0)
    cell, inputs, targets, state = make(kind, time=12)
    backpropagate(cell, squared_error, inputs, targets, k1=k1, k2=k2, state=state)
    truncated = gradient(cell)
    torch.autograd.backward(squared_error(cell(inputs, state)[0], targets))
    full = gradient(cell)
    torch.testing.assert_close(truncated, full, rtol=1e-9, atol=1e-9)
    backpropagate(cell, squared_error, inputs, targets, k1=1, k2=4, state=state)
    assert not torch.allclose(gradient(cell), full)


def test_by_hand_on_paper() -> None:
    """h_t = w h_(t-1), the loss h_3 = w^k2 h_(3-k2): k2 w^(k2-1) h_(3-k2), h_(3-k2) = w^(3-k2)."""
    w = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)

    def network(inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        outputs = []
        for _ in inputs:
            assert isinstance(state, Tensor)
            state = w * state
            outputs.append(state)
        assert isinstance(state, Tensor)
        return torch.stack(outputs), state

    last_only = torch.tensor([0.0, 0.0, 1.0]).double()
    for k2, expected in [(1, 0.5**2), (2, 2 * 0.5**2), (3, 3 * 0.5**2), (9, 3 * 0.5**2)]:
        w.grad = None
        loss = backpropagate(
            network,
            lambda h, weight: (h * weight).sum(),
            torch.zeros(3),
            last_only,
            k1=1,
            k2=k2,
            state=torch.tensor(1.0, dtype=torch.float64),
        )
        assert w.grad is not None
        assert (loss, float(w.grad)) == (0.5**3, expected)


@pytest.mark.parametrize("kind", CELLS)
def test_weights_may_be_updated_between_overlapping_blocks(kind: Any) -> None:
    torch.manual_seed(0)
    cell, inputs, targets, state = make(kind, time=9)
    reader = TruncatedReader(cell, k1=2, k2=10, state=state)
    optimizer = torch.optim.SGD(cell.parameters(), lr=0.05)
    for block in range(0, 9, 2):
        expected = cut_by_hand(cell, inputs, targets, state, block, 2, 10)
        outputs = reader.read(inputs[block : block + 2])
        torch.autograd.backward(squared_error(outputs, targets[block : block + 2]))
        truncated = torch.cat([p.grad.flatten() for p in cell.parameters() if p.grad is not None])
        torch.testing.assert_close(truncated, expected)
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(("k1", "k2"), [(3, 3), (2, 7)])
def test_outputs_and_state_are_those_of_one_pass(kind: Any, k1: int, k2: int) -> None:
    cell, inputs, _, _ = make(kind, time=11, layers=2)
    reader = TruncatedReader(cell, k1, k2)
    assert reader.state is None
    outputs = torch.cat([reader.read(block) for block in torch.split(inputs, k1)])
    expected, state = cell(inputs)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(reader.state, detach(state))


class LiveBytes:
    """Bytes that autograd holds for backward passes to come, now and at most."""

    def __init__(self) -> None:
        self.now = self.most = 0

    class _Saved:
        def __init__(self, tensor: Tensor) -> None:
            self.tensor = tensor

    def pack(self, tensor: Tensor) -> Any:
        saved = self._Saved(tensor)
        size = tensor.numel() * tensor.element_size()
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(saved, self._let_go, size)
        return saved

    def _let_go(self, size: int) -> None:
        self.now -= size

    def unpack(self, saved: Any) -> Tensor:
        return saved.tensor  # type: ignore[no-any-return]


def most_bytes(time: int, k1: int, k2: int) -> int:
    cell, inputs, targets, state = make(cells.LSTM, time)
    live = LiveBytes()
    with torch.autograd.graph.saved_tensors_hooks(live.pack, live.unpack):
        backpropagate(cell, squared_error, inputs, targets, k1=k1, k2=k2, state=state)
    assert live.now == 0
    return live.most


@pytest.mark.parametrize(("k1", "k2"), [(4, 4), (4, 12), (1, 12)])
def test_memory_does_not_grow_with_the_text(k1: int, k2: int) -> None:
    assert most_bytes(200, k1, k2) == most_bytes(40, k1, k2)
    assert most_bytes(200, 200, 200) > 4 * most_bytes(40, 40, 40)


@pytest.mark.parametrize(("k1", "k2"), [(0, 1), (3, 2), (-1, 4)])
def test_impossible_settings_are_refused(k1: int, k2: int) -> None:
    with pytest.raises(ValueError, match="1 <= k1 <= k2"):
        TruncatedReader(cells.RNN(1, 1), k1, k2)


@pytest.mark.parametrize("steps", [0, 4])
def test_a_block_of_another_length_is_refused(steps: int) -> None:
    reader = TruncatedReader(cells.RNN(1, 1), 3, 5)
    with pytest.raises(ValueError, match="1 to 3 steps"):
        reader.read(torch.zeros(steps, 1, 1))
