import numpy as np
import pytest
import torch

from ml.arrays import Floats
from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig, parameter_shapes
from ml.names.alphabet import Alphabet
from ml.names.fingerprints import Fingerprints
from ml.names.statistics import StartStatistics
from ml.networks.network import NameNetwork, network_of, weights_of
from ml.writing.stepper import Stepper, select


def untrained(cell: Cell, layers: int) -> NameModel:
    torch.manual_seed(0)
    alphabet = Alphabet("abcde")
    config = NetworkConfig(cell, embedding_size=5, hidden_size=7, num_layers=layers)
    network = NameNetwork(config, read=alphabet.read, predicted=alphabet.predicted)
    for parameter in network.parameters():  # far from the timid initial values
        torch.nn.init.normal_(parameter)
    statistics = StartStatistics(share=1.0, shortest=1, longest=9, finals="abcde")
    return NameModel(config, weights_of(network), alphabet, (statistics,), Fingerprints.of([]))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("names", [1, 3, 9])  # a few are multiplied in another way than many
def test_steps_equal_one_pass_over_the_whole_sequence(cell: Cell, layers: int, names: int) -> None:
    model = untrained(cell, layers)
    stepper = Stepper(model.config, model.weights)
    symbols = torch.randint(0, model.alphabet.read, (9, names))
    with torch.no_grad():
        whole, _ = network_of(model)(symbols)
    batch = stepper.start(stepper.initial(names))
    for time, column in enumerate(symbols.numpy()):
        np.testing.assert_allclose(batch.step(column), whole[time].numpy(), atol=1e-3)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_parameter_shapes_are_those_of_the_network(cell: Cell) -> None:
    model = untrained(cell, 2)
    shapes = parameter_shapes(
        model.config, read=model.alphabet.read, predicted=model.alphabet.predicted
    )
    assert shapes == {name: weight.shape for name, weight in model.weights.items()}


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("room", [8, 40])  # as many rows as there will be, and more
def test_names_leave_and_part(cell: Cell, room: int) -> None:
    model = untrained(cell, 2)
    stepper = Stepper(model.config, model.weights)
    batch = stepper.start(stepper.initial(4), room=room)
    written = [[2], [3], [4], [5]]
    batch.step(np.array([2, 3, 4, 5]))
    for rows, letters in (([0, 2, 2, 2, 3, 3, 0, 0], [2, 3, 4, 5, 6, 2, 3, 4]), ([6, 1], [5, 5])):
        batch.branch(np.array(rows))
        logits = batch.step(np.array(letters))
        written = [[*written[row], letter] for row, letter in zip(rows, letters, strict=True)]
        for row, name in enumerate(written):
            np.testing.assert_allclose(logits[row], read_alone(stepper, name), atol=1e-4)


def read_alone(stepper: Stepper, symbols: list[int]) -> Floats:
    """The logits after `symbols`, one name without a batch."""
    name = stepper.start(select(stepper.initial(1), 0))
    logits = [name.step(symbol).copy() for symbol in symbols]
    return logits[-1]


def test_a_state_can_be_gone_back_to_and_gone_on_from_twice() -> None:
    model = untrained("lstm", 2)
    stepper = Stepper(model.config, model.weights)
    batch = stepper.start(stepper.initial(2))
    batch.step(np.array([2, 3]))
    state = batch.state
    first = batch.step(np.array([4, 5])).copy()
    again = stepper.start(select(state, np.array([1, 0]))).step(np.array([5, 4]))
    once_more = stepper.start(state).step(np.array([4, 5]))
    np.testing.assert_allclose(again[::-1], first, atol=1e-5)
    np.testing.assert_array_equal(once_more, first)
