"""The cells from scratch beside those of torch.nn, in double precision."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ml.networks import cells
from ml.networks.cells import State

NAMES = ["RNN", "GRU", "LSTM"]
SIZES = st.integers(1, 5)


def pair(name: str, *sizes: int, **options: Any) -> tuple[nn.Module, nn.Module]:
    """A cell of ours and torch's with the same weights."""
    ours = getattr(cells, name)(*sizes, **options).double()
    theirs = getattr(nn, name)(*sizes, **options).double()
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def parts(state: State) -> list[Tensor]:
    return [state] if isinstance(state, Tensor) else list(state)


def assert_equal(result: Tensor, expected: Tensor, what: str = "result") -> None:
    torch.testing.assert_close(
        result, expected, rtol=0, atol=1e-9, msg=lambda text: f"{what}: {text}"
    )


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def run(
    cell: nn.Module, inputs: Tensor, state: list[Tensor] | None, weights: list[Tensor]
) -> dict[str, Tensor]:
    """Outputs and final state, and the gradient of their weighted sum by everything."""
    inputs = inputs.clone().requires_grad_()
    state = None if state is None else [part.clone().requires_grad_() for part in state]
    given = state if state is None else state[0] if len(state) == 1 else tuple(state)
    outputs, after = cell(inputs, given)
    results = {"output": outputs} | {f"final {i}": part for i, part in enumerate(parts(after))}
    loss = sum((w * r).sum() for w, r in zip(weights, results.values(), strict=True))
    sources = {"input": inputs, **dict(cell.named_parameters())}
    sources |= {f"initial {i}": part for i, part in enumerate(state or [])}
    gradients = torch.autograd.grad(torch.as_tensor(loss), list(sources.values()))
    return results | {f"d {name}": g for name, g in zip(sources, gradients, strict=True)}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(
    time=st.integers(1, 9),
    batch=st.none() | SIZES,
    input_size=SIZES,
    hidden=SIZES,
    layers=st.integers(1, 3),
    batch_first=st.booleans(),
    zero_state=st.booleans(),
    scale=st.sampled_from([1.0, 10.0]),
    seed=st.integers(0, 2**31 - 1),
)
def test_outputs_states_and_gradients_equal_those_of_torch(
    name: str,
    time: int,
    batch: int | None,
    input_size: int,
    hidden: int,
    layers: int,
    batch_first: bool,
    zero_state: bool,
    scale: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    ours, theirs = pair(name, input_size, hidden, layers, batch_first=batch_first)
    columns = [] if batch is None else [batch]
    steps = [*columns, time] if batch_first else [time, *columns]
    count = 2 if name == "LSTM" else 1
    state = None if zero_state else [normal(layers, *columns, hidden) for _ in range(count)]
    inputs = scale * normal(*steps, input_size)
    weights = [normal(*steps, hidden)] + [normal(layers, *columns, hidden) for _ in range(count)]
    expected = run(theirs, inputs, state, weights)
    results = run(ours, inputs, state, weights)
    assert list(results) == list(expected)
    for what, result in results.items():
        assert_equal(result, expected[what], what)


@pytest.mark.parametrize("name", NAMES)
def test_a_state_dict_moves_both_ways(name: str) -> None:
    ours = getattr(cells, name)(3, 4, 2).double()
    theirs = getattr(nn, name)(3, 4, 2).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    inputs = normal(5, 2, 3)
    for source, target in ((theirs, ours), (ours, theirs)):
        for parameter in source.parameters():
            nn.init.normal_(parameter)
        assert not torch.allclose(target(inputs)[0], source(inputs)[0])
        target.load_state_dict(source.state_dict())
        assert_equal(target(inputs)[0], source(inputs)[0])


@pytest.mark.parametrize("name", NAMES)
def test_initial_weights_are_drawn_as_torch_draws_them(name: str) -> None:
    hidden = 25  # uniform between -1/5 and 1/5
    for parameter in getattr(cells, name)(40, hidden, 2).parameters():
        assert 0.15 < parameter.abs().max() <= 0.2
    values = torch.cat([p.flatten() for p in getattr(cells, name)(40, hidden, 4).parameters()])
    assert values.std().item() == pytest.approx(0.2 / 3**0.5, rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_dropout_falls_between_layers_and_only_in_training(name: str) -> None:
    inputs = normal(4, 3, 2)
    for dropout in (0.5, 1.0):
        ours, theirs = pair(name, 2, 50, 3, dropout=dropout)
        whole, _ = ours.eval()(inputs)
        assert_equal(whole, theirs.eval()(inputs)[0])
        torch.manual_seed(0)
        dropped, after = ours.train()(inputs)
        torch.manual_seed(0)  # torch.nn draws the same masks
        expected, expected_after = theirs.train()(inputs)
        assert_equal(dropped, expected)
        for part, expected_part in zip(parts(after), parts(expected_after), strict=True):
            assert_equal(part, expected_part)
        assert not torch.allclose(whole, dropped)


@pytest.mark.parametrize("name", NAMES)
def test_weights_can_be_replaced_for_one_call(name: str) -> None:
    ours, theirs = pair(name, 3, 4, 2)
    halved = {k: w / 2 for k, w in ours.named_parameters() if k.startswith("weight_hh")}
    inputs = normal(5, 2, 3)
    replaced, _ = torch.func.functional_call(ours, halved, (inputs, None))
    expected, _ = torch.func.functional_call(theirs, halved, (inputs, None))
    torch.testing.assert_close(replaced, expected)
    assert not torch.allclose(replaced, ours(inputs)[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_state_of_another_shape_is_refused(name: str) -> None:
    cell = getattr(cells, name)(3, 4)
    _, state = cell(torch.zeros(5, 1, 3))
    with pytest.raises(ValueError, match="state must be"):
        cell(torch.zeros(5, 2, 3), state)  # it would broadcast
