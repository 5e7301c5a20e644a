"""Other ways to learn from ratings, which `bench.learning` holds against ours.

They all train the network itself: on as many liked as disliked names, drawn by their votes, and on
real names beside them, so that it does not forget (*replay*; Robins 1995, "Catastrophic Forgetting,
Rehearsal and Pseudorehearsal"). Of what it learnt is then kept as much as lets real names lose no
more than our way does: weights between two networks of which one was tuned from the other are a
working network, and a milder one (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ml.corpora.sequences import IGNORED, encode_sequences
from ml.learning.opinions import form_opinions
from ml.learning.ratings import Rating
from ml.learning.real_names import gather_real_names
from ml.models.model import NameModel
from ml.models.network_config import Weights
from ml.names.records import NameRecord
from ml.networks.losses import negative_log_likelihood, sequence_log_probs
from ml.networks.network import network_of, weights_of
from ml.scoring.scorer import Scorer
from ml.training.step import one_cycle, take_step

_STEPS = 60
_BATCH = 64
_LEARNING_RATE = 5e-4
_REPLAY = 3.0  # its loss, in nats a symbol, against that of the rated names
_DRIFT = 0.027  # nats a symbol, as `ml.learning.finetuning` lets real names lose
_WATCHED = 1_000
_HALVINGS = 6


@dataclass(frozen=True, slots=True)
class RatedBatch:
    """Rated names under the tuned network and under the frozen one, all ``(batch,)``.

    Log-probabilities are in nats; `symbols` says of how many each is the sum.
    """

    log_probs: Tensor
    frozen_log_probs: Tensor
    liked: Tensor
    symbols: Tensor


# The loss of a batch of rated names, of which the first half is liked.
Objective: TypeAlias = Callable[[RatedBatch], Tensor]


def kto(batch: RatedBatch, *, beta: float = 0.1) -> Tensor:
    """Ethayarajh et al. 2024, "KTO", equation 8, over `beta`, so that `beta` does not scale it.

    The reference point z0 is the mean log-ratio of the batch, not below 0 and without gradient.
    """
    ratios = batch.log_probs - batch.frozen_log_probs
    z0 = ratios.detach().mean().clamp_min(0)
    gains = torch.where(batch.liked, ratios - z0, z0 - ratios)
    return (1 - torch.sigmoid(beta * gains)).mean() / beta


def random_pairs(batch: RatedBatch, *, beta: float = 0.1) -> Tensor:
    """DPO (Rafailov et al. 2023, equation 7), each liked name against a disliked one by chance."""
    ratios = batch.log_probs - batch.frozen_log_probs
    margins = ratios[batch.liked] - ratios[~batch.liked]
    return -functional.logsigmoid(beta * margins).mean() / beta


def likelihood(batch: RatedBatch) -> Tensor:
    """Nats per symbol of the liked names; the disliked ones are not regarded."""
    return -batch.log_probs[batch.liked].sum() / batch.symbols[batch.liked].sum()


def unlikelihood(batch: RatedBatch, *, floor: float = 5.0) -> Tensor:
    """`likelihood`, and disliked names pushed down until they have lost `floor` nats."""
    disliked = ~batch.liked
    losses = (batch.log_probs - batch.frozen_log_probs)[disliked].clamp_min(-floor)
    return likelihood(batch) + losses.sum() / batch.symbols[disliked].sum()


RIVALS: Mapping[str, Objective] = {
    "KTO": kto,
    "DPO, random pairs": random_pairs,
    "likelihood of the liked": likelihood,
    "likelihood and unlikelihood": unlikelihood,
}


def tune(
    model: NameModel,
    ratings: Sequence[Rating],
    objective: Objective,
    records: Sequence[NameRecord],
    *,
    seed: int,
    steps: int = _STEPS,
) -> NameModel:
    """The model with its network tuned, held back as far as real names would lose too much.

    Raises:
        TooLittleData: as `ml.learning.finetuning.learn_from_ratings`.
    """
    opinions = form_opinions(model, ratings)
    real = gather_real_names(model, opinions.votes.names, records, seed).watched.encode(
        model.alphabet
    )
    # What is learnt from cannot tell what is forgotten.
    watching = min(_WATCHED, len(real) // 2)
    watched = replace(real, symbols=real.symbols[:watching], lengths=real.lengths[:watching])
    replayed = replace(real, symbols=real.symbols[watching:], lengths=real.lengths[watching:])
    network, alphabet = network_of(model), model.alphabet
    rated = encode_sequences(
        [alphabet.start_index(start) for start in opinions.starts],
        [alphabet.encode(name) for name in opinions.votes.names],
    )
    frozen = Scorer(network).names(rated)
    votes = torch.from_numpy(opinions.votes.values * opinions.votes.weights)
    liked = torch.arange(_BATCH) < _BATCH // 2
    optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE, betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(seed)

    def draw(weights: Tensor, count: int) -> Tensor:
        return torch.multinomial(weights, count, replacement=True, generator=generator)

    for step in range(steps):
        sides = (votes.clamp_min(0), (-votes).clamp_min(0))
        rows = torch.cat([draw(side, _BATCH // 2) for side in sides])
        inputs, targets = rated.batch(rows)
        log_probs = sequence_log_probs(network(inputs)[0], targets)
        symbols = (targets != IGNORED).sum(dim=0)
        loss = objective(RatedBatch(log_probs, frozen[rows], liked, symbols))
        inputs, targets = replayed.batch(draw(torch.ones(len(replayed)), _BATCH))
        loss = loss + _REPLAY * negative_log_likelihood(network(inputs)[0], targets)
        torch.autograd.backward(loss)
        take_step(optimizer, _LEARNING_RATE * one_cycle((step + 0.5) / steps))
    learnt = weights_of(network)
    allowed = Scorer.of(model).nats_per_symbol(watched) + _DRIFT
    low, high = 0.0, 1.0
    strength = 1.0
    for _ in range(_HALVINGS):
        milder = _between(model, learnt, strength)
        fits = Scorer.of(milder).nats_per_symbol(watched) <= allowed
        low, high = (strength, high) if fits else (low, strength)
        if low == 1.0:
            break
        strength = (low + high) / 2
    return _between(model, learnt, low)


def _between(model: NameModel, learnt: Weights, strength: float) -> NameModel:
    return replace(
        model,
        weights={
            name: weight + np.float32(strength) * (learnt[name] - weight)
            for name, weight in model.weights.items()
        },
    )
