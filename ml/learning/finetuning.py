"""Learning from ratings: KTO against the frozen current model, with replay of real names.

KTO (Ethayarajh et al. 2024, "KTO: Model Alignment as Prospect Theoretic Optimization", arXiv
2402.01306) is made for unpaired thumbs up and down. Beside the ratings the network goes on reading
real names. What it learnt is then held back as far as it would forget those or repeat itself;
whether the result may replace the current model is for the gate to say (`ml.learning.gate`).
"""

import copy
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from ml.corpora.sequences import IGNORED
from ml.learning.gate import Figures, Verdict, distinct_share, judge, measure
from ml.learning.rated_names import Opinions, RatedSequences, form_opinions, score_rated
from ml.learning.ratings import Rating
from ml.learning.replay import RealNames, gather_real_names
from ml.models.model import NameModel, NameNetwork
from ml.names.records import NameRecord, read_records
from ml.progress import Report, Step, silent
from ml.scoring.scorer import nats_per_symbol, negative_log_likelihood, score, sequence_log_probs
from ml.training.trainer import one_cycle

_LARGEST_GRADIENT = 1.0
# How much of what was learnt to keep, tried in turn.
_STRENGTHS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
# Stricter than the gate's limits: they are watched on other names and other samples.
_LARGEST_LOSS = 0.03  # nats per symbol, of the names of any kind
_SMALLEST_DIVERSITY = 0.95  # of the former


@dataclass(frozen=True, slots=True)
class RatedBatch:
    """Rated names under the tuned network and under the frozen one, all ``(batch,)``.

    Log-probabilities are in nats; `symbols` says of how many each is the sum.
    """

    log_probs: Tensor
    frozen_log_probs: Tensor
    liked: Tensor
    symbols: Tensor


# The loss of a batch of rated names.
Objective: TypeAlias = Callable[[RatedBatch], Tensor]


def kto(batch: RatedBatch, *, beta: float = 0.1) -> Tensor:
    """The loss of KTO, equation 8 of its paper, over `beta`, so that `beta` does not scale it.

    The smaller `beta`, the further a name goes before the loss is content with it. The reference
    point z0 says how far the tuned model is from the frozen one. The paper estimates it by answers
    to other questions of the batch; hardly more than one question is asked here, so it is the
    mean log-ratio of the batch, not below 0 and without gradient. A batch is half liked and half
    disliked names, so both sides weigh the same, as section 4.2 asks for.
    """
    ratios = batch.log_probs - batch.frozen_log_probs
    z0 = ratios.detach().mean().clamp_min(0)
    gains = torch.where(batch.liked, ratios - z0, z0 - ratios)
    return (1 - torch.sigmoid(beta * gains)).mean() / beta


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fine-tune; the figures were chosen with ``bench/finetuning.py``.

    `replay` weighs the loss of the replayed names, in nats per symbol, against `objective`, that
    of the rated ones. Dropout is off: the frozen log-probabilities are without it, too. Too many
    steps for a few ratings do no harm, see `hold_back`.
    """

    method: str = "KTO"
    objective: Objective = kto
    replay: float = 3.0
    learning_rate: float = 5e-4
    steps: int = 60
    rated_batch: int = 64
    replayed_batch: int = 64


DEFAULT_RECIPE = Recipe()


@dataclass(frozen=True, slots=True)
class FinetuneResult:
    """The candidate, the gate's verdict on it, and what it was made of.

    `strength` is the share of what was learnt that was kept: 0 when none of it was harmless.
    """

    model: NameModel
    gate: Verdict
    before: Figures
    after: Figures
    counts: dict[str, int]
    strength: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The result as `python -m ml finetune --json` prints it."""
        return {
            "passed": self.gate.passed,
            "seconds": round(self.seconds, 2),
            "ratings": self.counts,
            "before": asdict(self.before),
            "after": asdict(self.after),
            "gate": self.gate.as_json(),
        }


def finetune(
    model: NameModel,
    ratings: Sequence[Rating],
    *,
    seed: int,
    report: Report = silent,
    recipe: Recipe = DEFAULT_RECIPE,
    records: Sequence[NameRecord] | None = None,
) -> FinetuneResult:
    """A candidate that learnt from `ratings`, at most one a user and name, and the gate's verdict.

    `model` is left as it is. `records` are the real names beside the ratings, by default the
    shipped ones. The same seed on the same machine gives the same candidate.

    Raises:
        RatingsFileError: too few different liked or disliked names to learn from.
        NamesFileError: the shipped names cannot be read.
    """
    started = time.monotonic()
    report(Step("prepare", 0, 2, "weighing the ratings"))
    opinions = form_opinions(model, ratings)
    report(Step("prepare", 1, 2, "reading real names"))
    real = gather_real_names(model, opinions, read_records() if records is None else records, seed)
    report(Step("prepare", 2, 2))
    network = tune(model, opinions, real, recipe, seed=seed, report=report)
    report(Step("gate", 0, 3, "holding back what would harm"))
    # Not the seed of the gate's samples: those are not for learning from.
    strength = hold_back(network, model, real, seed=seed + 1)
    candidate = dataclasses.replace(model, network=network.requires_grad_(True))
    report(Step("gate", 1, 3, "measuring the current model"))
    before = measure(model, real.held_out, opinions.held_out, seed=seed)
    report(Step("gate", 2, 3, "measuring the new model"))
    after = measure(candidate, real.held_out, opinions.held_out, seed=seed)
    verdict = judge(before, after)
    report(Step("gate", 3, 3, "passed" if verdict.passed else "failed"))
    seconds = time.monotonic() - started
    counts = _counts(ratings, opinions)
    learnt = {
        "method": recipe.method,
        "seed": seed,
        "strength": strength,
        "ratings": counts,
        **asdict(after),
    }
    return FinetuneResult(
        model=dataclasses.replace(candidate, metrics={**model.metrics, "finetuning": learnt}),
        gate=verdict,
        before=before,
        after=after,
        counts=counts,
        strength=strength,
        seconds=seconds,
    )


def tune(
    model: NameModel,
    opinions: Opinions,
    real: RealNames,
    recipe: Recipe,
    *,
    seed: int,
    report: Report = silent,
) -> NameNetwork:
    """A copy of the model's network that learnt `opinions`, with nothing held back.

    Every batch draws liked and disliked names in equal number, by their votes, and replayed ones
    by their weights.
    """
    network = copy.deepcopy(model.network).eval()
    generator = torch.Generator().manual_seed(seed)
    rated = RatedSequences.of(opinions.learnt, model)
    frozen_log_probs = score_rated(model.network, rated)
    votes = torch.tensor([name.vote for name in opinions.learnt])
    each = recipe.rated_batch // 2
    liked = torch.arange(2 * each) < each
    optimizer = torch.optim.Adam(
        network.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99), fused=True
    )

    def draw(weights: Tensor, count: int) -> Tensor:
        return torch.multinomial(weights, count, replacement=True, generator=generator)

    for step in range(recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * one_cycle((step + 0.5) / recipe.steps)
        rows = torch.cat([draw(votes.clamp_min(0), each), draw((-votes).clamp_min(0), each)])
        inputs, targets = rated.batch(rows)
        logits, _ = network(inputs)
        batch = RatedBatch(
            log_probs=sequence_log_probs(logits, targets),
            frozen_log_probs=frozen_log_probs[rows],
            liked=liked,
            symbols=(targets != IGNORED).sum(dim=0),
        )
        loss = recipe.objective(batch)
        inputs, targets = real.replayed.batch(draw(real.weights, recipe.replayed_batch))
        logits, _ = network(inputs)
        loss = loss + recipe.replay * negative_log_likelihood(logits, targets)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        report(Step("train", step + 1, recipe.steps, f"loss {float(loss.detach()):.3f}"))
    return network


def hold_back(network: NameNetwork, model: NameModel, real: RealNames, *, seed: int) -> float:
    """Move the weights of `network` back towards the model's until it does no harm.

    Harm is judged by the watched names and by fresh samples, never by what the gate looks at.
    Weights between two networks of which one was tuned from the other are a working network, and
    a milder one (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    Returns the share that was kept of the way from the model's weights; 0 if all of it harms.
    """
    frozen = model.network.state_dict()
    learnt = {name: weight.clone() for name, weight in network.state_dict().items()}
    candidate = dataclasses.replace(model, network=network)
    losses = _watched_losses(model.network, real)
    distinct = distinct_share(model, seed=seed)
    for strength in _STRENGTHS:
        network.load_state_dict(
            {name: torch.lerp(frozen[name], learnt[name], strength) for name in frozen}
        )
        forgets = any(
            # Not `>`: weights that are no numbers lose nothing that could be compared.
            not after - before <= _LARGEST_LOSS
            for before, after in zip(losses, _watched_losses(network, real), strict=True)
        )
        if not forgets and distinct_share(candidate, seed=seed) >= _SMALLEST_DIVERSITY * distinct:
            return strength
    network.load_state_dict(frozen)
    return 0.0


def _watched_losses(network: NameNetwork, real: RealNames) -> list[float]:
    return [nats_per_symbol(score(network, names), names.lengths) for names in real.watched]


def _counts(ratings: Sequence[Rating], opinions: Opinions) -> dict[str, int]:
    return {
        "total": len(ratings),
        "likes": sum(rating.value > 0 for rating in ratings),
        "dislikes": sum(rating.value < 0 for rating in ratings),
        "names": len(opinions.learnt) + len(opinions.held_out),
        "held_out": len(opinions.held_out),
        "skipped": opinions.skipped,
        "disputed": opinions.disputed,
    }
