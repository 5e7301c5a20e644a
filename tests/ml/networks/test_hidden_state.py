"""What the hidden state is and what the outputs are, cell by cell, ours and those of torch.nn."""

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ml.corpora.sequences import encode_sequences
from ml.models.network_config import Cell, NetworkConfig
from ml.networks import cells
from ml.networks.cells import State
from ml.networks.losses import log_softmax, target_log_probs
from ml.networks.network import NameNetwork

SINGLE = [nn.RNN, nn.GRU, cells.RNN, cells.GRU]  # the state is h
DOUBLE = [nn.LSTM, cells.LSTM]  # the state is h and c
TIME, BATCH, INPUT, HIDDEN, LAYERS = 6, 3, 2, 4, 3


def make(kind: Any, **options: bool) -> tuple[nn.Module, Tensor]:
    torch.manual_seed(0)
    cell = kind(INPUT, HIDDEN, LAYERS, **options)
    for parameter in cell.parameters():
        nn.init.normal_(parameter)
    return cell, torch.randn(TIME, BATCH, INPUT)


@pytest.mark.parametrize("kind", SINGLE)
def test_the_last_output_is_the_last_hidden_state(kind: Any) -> None:
    cell, inputs = make(kind)
    outputs, h_n = cell(inputs)
    assert outputs.shape == (TIME, BATCH, HIDDEN)  # every step of the last layer
    assert h_n.shape == (LAYERS, BATCH, HIDDEN)  # the last step of every layer
    torch.testing.assert_close(outputs[-1], h_n[-1])


@pytest.mark.parametrize("kind", DOUBLE)
def test_the_last_output_of_an_lstm_is_h_and_c_is_not_among_the_outputs(kind: Any) -> None:
    cell, inputs = make(kind, batch_first=True)
    outputs, (h_n, c_n) = cell(inputs.transpose(0, 1))
    torch.testing.assert_close(outputs[:, -1], h_n[-1])
    assert c_n.shape == h_n.shape
    distances = (outputs - c_n[-1].unsqueeze(1)).abs().amax(dim=-1)  # (batch, time)
    assert distances.min() > 0.1
    # An output is a c that was squashed and let through in part: o ⊙ tanh(c).
    assert (h_n.abs() < c_n.tanh().abs()).all()


@pytest.mark.parametrize("kind", DOUBLE)
def test_h_alone_does_not_continue_an_lstm(kind: Any) -> None:
    cell, inputs = make(kind)
    whole, _ = cell(inputs)
    _, (h, c) = cell(inputs[:3])
    torch.testing.assert_close(cell(inputs[3:], (h, c))[0], whole[3:])
    assert not torch.allclose(cell(inputs[3:], (h, torch.zeros_like(c)))[0], whole[3:], atol=0.01)


@pytest.mark.parametrize("kind", [*SINGLE, *DOUBLE])
def test_each_layer_has_a_state_of_its_own(kind: Any) -> None:
    cell, inputs = make(kind)
    _, state = cell(inputs)
    h_n = state if isinstance(state, Tensor) else state[0]
    lowest = kind(INPUT, HIDDEN, 1)
    lowest.load_state_dict({k: w for k, w in cell.state_dict().items() if k.endswith("_l0")})
    outputs, _ = lowest(inputs)
    torch.testing.assert_close(h_n[0], outputs[-1])  # what the layer above read last
    assert not torch.allclose(h_n[0], h_n[-1], atol=0.01)


def select(state: State, rows: Tensor) -> State:
    return state[:, rows] if isinstance(state, Tensor) else (state[0][:, rows], state[1][:, rows])


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_packing_gives_the_state_after_the_last_real_step(kind: Any) -> None:
    cell, inputs = make(kind)
    lengths = torch.tensor([6, 2, 4])
    packed = pack_padded_sequence(inputs, lengths, enforce_sorted=False)
    packed_outputs, state = cell(packed)
    outputs, _ = pad_packed_sequence(packed_outputs)
    for row, length in enumerate(lengths.tolist()):
        column = torch.tensor([row])
        alone, state_alone = cell(inputs[:length, column])
        torch.testing.assert_close(outputs[:length, column], alone)
        assert (outputs[length:, row] == 0).all()
        torch.testing.assert_close(select(state, column), state_alone)
    # Without packing the state has read the padding too. The outputs of the real steps are the
    # same, so the last real h can be picked from them; c cannot.
    unpacked, after_padding = cell(inputs)
    h_n = state if isinstance(state, Tensor) else state[0]
    h_after_padding = after_padding if isinstance(after_padding, Tensor) else after_padding[0]
    torch.testing.assert_close(unpacked[lengths - 1, torch.arange(BATCH)], h_n[-1])
    assert not torch.allclose(h_after_padding[:, 1], h_n[:, 1], atol=0.01)


SCRATCH: dict[Cell, Any] = {"rnn": cells.RNN, "gru": cells.GRU, "lstm": cells.LSTM}


@pytest.mark.parametrize("scratch", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_one_symbol_at_a_time_gives_the_log_probs_of_one_pass(
    cell: Cell, layers: int, scratch: bool
) -> None:
    torch.manual_seed(0)
    config = NetworkConfig(cell, embedding_size=5, hidden_size=7, num_layers=layers)
    network = NameNetwork(config, read=9, predicted=8).double().eval()
    if scratch:
        network.cell = SCRATCH[cell](5, 7, layers).double()
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    names = [[2, 3], [4, 5, 6, 7, 2], [], [3, 3, 3]]  # they end at different times
    sequences = encode_sequences([8] * len(names), names)
    inputs, targets = sequences.batch(torch.arange(len(names)))
    with torch.no_grad():
        logits, _ = network(inputs)
        expected = target_log_probs(logits, targets).sum(dim=0)

        log_probs = torch.zeros(len(names)).double()
        rows, state = torch.arange(len(names)), None  # the names still being written
        for time in range(len(inputs)):
            going_on = time < sequences.lengths[rows]
            rows = rows[going_on]
            if state is not None:
                state = select(state, going_on)
            logits, state = network(inputs[time : time + 1, rows], cast(State | None, state))
            came = targets[time, rows]
            log_probs[rows] += log_softmax(logits[0])[torch.arange(len(rows)), came]
    assert len(rows) == 1  # all others had left the batch
    torch.testing.assert_close(log_probs, expected, rtol=0, atol=1e-9)
