"""Making a network as sure of itself as it is right (Guo et al. 2017, "On Calibration of Modern
Neural Networks", section 4.2: temperature scaling).

Trained to the end of its learning rate a network is a little too sure: its logits are too large.
One factor, chosen on names that it was not trained on, corrects them all, and being part of the
output weights it costs nothing later.
"""

import torch
from torch.nn import functional

from ml.corpora.sequences import Sequences, batches_in_order
from ml.networks.network import NameNetwork

_FACTORS = torch.arange(0.70, 1.31, 0.02)
_BATCH = 1024


@torch.no_grad()
def calibrate(network: NameNetwork, valid: Sequences) -> float:
    """Scale the output weights so that `valid` is predicted best; returns its nats per symbol."""
    network.eval()
    losses = torch.zeros(len(_FACTORS), dtype=torch.float64)
    for indices in batches_in_order(valid.lengths, _BATCH):
        inputs, targets = valid.batch(indices)
        logits = network(inputs)[0].float().flatten(0, 1)
        for number, factor in enumerate(_FACTORS):
            losses[number] += functional.cross_entropy(
                factor * logits, targets.flatten(), reduction="sum"
            )
    loss, best = losses.min(dim=0)
    factor = float(_FACTORS[best])
    network.output.weight.mul_(factor)
    network.output.bias.mul_(factor)
    return float(loss) / int(valid.lengths.sum())
