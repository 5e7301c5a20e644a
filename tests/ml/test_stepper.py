import numpy as np
import pytest
import torch

from ml.alphabet import Alphabet
from ml.fingerprints import Fingerprints
from ml.model import Cell, NameModel, NameNetwork, NetworkConfig, StartStatistics, parameter_shapes
from ml.stepper import Stepper, select


def untrained(cell: Cell, layers: int) -> NameModel:
    torch.manual_seed(0)
    alphabet = Alphabet("abcde")
    config = NetworkConfig(cell, embedding_size=5, hidden_size=7, num_layers=layers)
    network = NameNetwork(config, read=alphabet.read, predicted=alphabet.predicted)
    for parameter in network.parameters():  # far from the timid initial values
        torch.nn.init.normal_(parameter)
    statistics = StartStatistics(share=1.0, shortest=1, longest=9, finals="abcde")
    return NameModel(network.eval(), alphabet, (statistics,), Fingerprints.of([]))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_equal_one_pass_over_the_whole_sequence(cell: Cell, layers: int) -> None:
    model = untrained(cell, layers)
    symbols = torch.randint(0, model.alphabet.read, (9, 4))
    with torch.no_grad():
        whole, _ = model.network(symbols)
    stepper = Stepper(model)
    state = stepper.initial(4)
    for time, column in enumerate(symbols.numpy()):
        logits, state = stepper.step(column, state)
        np.testing.assert_allclose(logits, whole[time].numpy(), atol=1e-4)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_parameter_shapes_are_those_of_the_network(cell: Cell) -> None:
    model = untrained(cell, 2)
    shapes = parameter_shapes(model.network.config, model.alphabet)
    assert shapes == {name: weight.shape for name, weight in model.weights().items()}


def test_names_can_leave_the_batch_and_a_state_can_be_gone_back_to() -> None:
    stepper = Stepper(untrained("lstm", 1))
    _, state = stepper.step(np.array([2, 3, 4]), stepper.initial(3))
    both, _ = stepper.step(np.array([5, 6]), select(state, np.array([True, False, True])))
    alone, _ = stepper.step(np.array([6]), select(state, np.array([2])))
    np.testing.assert_allclose(both[1], alone[0], atol=1e-5)
