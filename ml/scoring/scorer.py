"""How probable a network finds names: log-probabilities and nats per symbol."""

import torch
from torch import Tensor
from torch.nn import functional

from ml.corpora.sequences import IGNORED, Sequences, batches_in_order
from ml.corpora.streams import Streams, Text
from ml.models.model import NameNetwork
from ml.networks.cells import State
from ml.networks.losses import target_log_probs

_BATCH = 1024
_WINDOW = 1024  # steps: bounds the memory that scoring a long text takes


def negative_log_likelihood(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean nats per symbol of `targets` ``(time, batch)`` under `logits` ``(time, batch, n)``.

    Symbols are weighed alike, whichever name they stand in; `IGNORED` ones do not count.
    `ml.networks.losses.mean_negative_log_likelihood` is the same opened up; this one is fused and
    faster.
    """
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED
    )


def counted_negative_log_likelihood(logits: Tensor, counts: Tensor) -> Tensor:
    """Mean nats per symbol under `logits` ``(..., nodes, n)``, of which those of a node came
    `counts` ``(nodes, n)`` times: all symbols of a tree of prefixes at once."""
    log_probs = functional.log_softmax(logits.float(), dim=-1)
    readings = logits.numel() // counts.numel()
    return -(log_probs * counts).sum() / (readings * counts.sum())


def sequence_log_probs(logits: Tensor, targets: Tensor) -> Tensor:
    """Log-probability ``(batch,)`` of each column of `targets` ``(time, batch)``, end included."""
    return target_log_probs(logits.float(), targets).sum(dim=0)


@torch.no_grad()
def score_symbols(network: NameNetwork, sequences: Sequences) -> Tensor:
    """Log-probability ``(names, longest)`` in nats of each letter and end, 0 beyond the end."""
    was_training = network.training
    network.eval()
    log_probs = torch.zeros(len(sequences), sequences.symbols.shape[1] - 1)
    for indices in batches_in_order(sequences.lengths, _BATCH):
        inputs, targets = sequences.batch(indices)
        logits, _ = network(inputs)
        log_probs[indices, : len(targets)] = target_log_probs(logits.float(), targets).t()
    network.train(was_training)
    return log_probs


def score(network: NameNetwork, sequences: Sequences) -> Tensor:
    """Log-probability ``(names,)`` in nats of each name, its end included, given its start."""
    return score_symbols(network, sequences).sum(dim=1)


@torch.no_grad()
def score_text(network: NameNetwork, text: Text) -> float:
    """Log-probability in nats of a whole text, read in order in one stream, the state carried."""
    was_training = network.training
    network.eval()
    state: State | None = None
    log_prob = 0.0
    stream = Streams(text.inputs[:, None], text.targets[:, None])
    for inputs, targets in stream.windows(_WINDOW):
        logits, state = network(inputs, state)  # (time, 1, predicted)
        log_prob += float(sequence_log_probs(logits, targets).double())
    network.train(was_training)
    return log_prob


def nats_per_symbol(log_probs: Tensor, lengths: Tensor) -> float:
    """Mean negative log-likelihood over every predicted symbol, the end of each name included."""
    return -float(log_probs.double().sum()) / int(lengths.sum())
