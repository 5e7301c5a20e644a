"""Learning from ratings: KTO against the frozen current model, with replay of real names.

KTO (Ethayarajh et al. 2024, "KTO: Model Alignment as Prospect Theoretic Optimization", arXiv
2402.01306) is made for unpaired thumbs up and down. Beside the ratings the network goes on reading
real names. What it learnt is then held back as far as it would forget those or repeat itself;
whether the result may replace the current model is for the gate to say (`ml.learning.gate`).

What learns is the network alone, and so it is the network alone that is held against its former
self. The n-gram beside it is counts of real names, which no rating changes: within the mixture it
would only damp the gradient of what it finds improbable. The gate judges what people get, which is
the mixture.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from ml.arrays import Doubles
from ml.corpora.sequences import IGNORED
from ml.learning.diversity import distinct_share
from ml.learning.gate import SAMPLES, Ballots, judge, written
from ml.learning.rated_names import Opinions, encode_rated, form_opinions
from ml.learning.ratings import Rating
from ml.learning.replay import RealNames, gather_real_names
from ml.learning.report import FinetuneReport, Phase, RatingCounts
from ml.models.model import NameModel
from ml.models.network_config import Weights
from ml.names.records import NameRecord, fold, read_records
from ml.networks.losses import negative_log_likelihood, sequence_log_probs
from ml.networks.network import network_of, weights_of
from ml.progress import Report, Step, silent
from ml.scoring.scorer import Scorer
from ml.training.step import one_cycle, take_step

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
class Method:
    """How to learn from ratings; the figures were chosen with ``bench/finetuning.py``.

    `replay` weighs the loss of the replayed names, in nats per symbol, against `objective`, that
    of the rated ones. Dropout is off: the frozen log-probabilities are without it, too. Too many
    steps for a few ratings do no harm, see `hold_back`.
    """

    name: str = "KTO"
    objective: Objective = kto
    replay: float = 3.0
    learning_rate: float = 5e-4
    steps: int = 60
    rated_batch: int = 64
    replayed_batch: int = 64


KTO = Method()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that learnt, and what is to be said of it.

    `strength` is the share of what was learnt that was kept: 0 when none of it was harmless.
    """

    model: NameModel
    report: FinetuneReport
    strength: float


def learn_from_ratings(
    model: NameModel,
    ratings: Sequence[Rating],
    *,
    seed: int,
    report: Report = silent,
    method: Method = KTO,
    records: Sequence[NameRecord] | None = None,
) -> Candidate:
    """A candidate that learnt from `ratings`, at most one a user and name, judged by the gate.

    `model` is left as it is. `records` are the real names beside the ratings, by default the
    shipped ones. The same seed on the same machine gives the same candidate.

    Raises:
        TooLittleData: too few different liked or disliked names, or too few real ones beside them.
        NamesFileError: the shipped names cannot be read.
    """
    started = time.monotonic()
    report(Step(Phase.PREPARE, 0, 2, "weighing the ratings"))
    opinions = form_opinions(model, ratings)
    report(Step(Phase.PREPARE, 1, 2, "reading real names"))
    real = gather_real_names(model, opinions, read_records() if records is None else records, seed)
    report(Step(Phase.PREPARE, 2, 2))
    learnt = tune(model, opinions, real, method, seed=seed, report=report)
    report(Step(Phase.GATE, 0, 3, "holding back what would harm"))
    # Not the seed of the gate's samples: those are not for learning from.
    candidate, strength = hold_back(learnt, model, real, seed=seed + 1)
    report(Step(Phase.GATE, 1, 2, "judging"))
    judgement = judge(
        model,
        candidate,
        real.held_out,
        _ballots(model, candidate, opinions),
        likes=lambda names: np.full(len(names), 0.5),
        covariance=_pairs_in_common,
        seed=seed,
        drifted=_drifted(model),
    )
    verdict, after = judgement.verdict, judgement.after
    report(Step(Phase.GATE, 2, 2, "passed" if verdict.passed else "failed"))
    result = FinetuneReport(
        passed=verdict.passed,
        seconds=round(time.monotonic() - started, 2),
        ratings=_counts(ratings, opinions),
        before=judgement.before,
        after=after,
        gate=verdict,
        advice=judgement.advice,
        samples_before=judgement.samples_before,
        samples_after=judgement.samples_after,
        traits=judgement.traits,
    )
    metrics = {
        "method": method.name,
        "seed": seed,
        "strength": strength,
        "ratings": result.ratings.model_dump(),
        "drift": (_drifted(model) or 0.0) + verdict.likelihood.after - verdict.likelihood.before,
        **after.model_dump(),
    }
    taught = dataclasses.replace(candidate, metrics={**model.metrics, "finetuning": metrics})
    return Candidate(taught, result, strength)


def tune(
    model: NameModel,
    opinions: Opinions,
    real: RealNames,
    method: Method,
    *,
    seed: int,
    report: Report = silent,
) -> Weights:
    """The weights of the model's network after it learnt `opinions`, with nothing held back.

    Every batch draws liked and disliked names in equal number, by their votes, and replayed ones
    by their weights.
    """
    network = network_of(model)
    generator = torch.Generator().manual_seed(seed)
    rated, forced = encode_rated(opinions.learnt, model.alphabet)
    frozen_log_probs = Scorer(network).names(rated, given=forced)
    votes = torch.tensor([name.vote for name in opinions.learnt])
    each = method.rated_batch // 2
    liked = torch.arange(2 * each) < each
    optimizer = torch.optim.Adam(
        network.parameters(), lr=method.learning_rate, betas=(0.9, 0.99), fused=True
    )

    def draw(weights: Tensor, count: int) -> Tensor:
        return torch.multinomial(weights, count, replacement=True, generator=generator)

    for step in range(method.steps):
        rows = torch.cat([draw(votes.clamp_min(0), each), draw((-votes).clamp_min(0), each)])
        inputs, targets = rated.batch(rows, given=forced)
        logits, _ = network(inputs)
        batch = RatedBatch(
            log_probs=sequence_log_probs(logits, targets),
            frozen_log_probs=frozen_log_probs[rows],
            liked=liked,
            symbols=(targets != IGNORED).sum(dim=0),
        )
        loss = method.objective(batch)
        inputs, targets = real.replayed.batch(draw(real.weights, method.replayed_batch))
        logits, _ = network(inputs)
        loss = loss + method.replay * negative_log_likelihood(logits, targets)
        torch.autograd.backward(loss)
        take_step(optimizer, method.learning_rate * one_cycle((step + 0.5) / method.steps))
        report(Step(Phase.TRAIN, step + 1, method.steps, f"loss {float(loss.detach()):.3f}"))
    return weights_of(network)


def hold_back(
    learnt: Weights, model: NameModel, real: RealNames, *, seed: int
) -> tuple[NameModel, float]:
    """The model with as much of what its network has `learnt` as does no harm.

    Harm is judged by the watched names and by fresh samples, never by what the gate looks at.
    Weights between two networks of which one was tuned from the other are a working network, and
    a milder one (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    Returns also the share that was kept of the way from the model's weights; 0 if all of it harms.
    """
    losses = _watched_losses(model, real)
    distinct = distinct_share(written(model, SAMPLES, seed))
    for strength in _STRENGTHS:
        milder = {
            name: weight + np.float32(strength) * (learnt[name] - weight)
            for name, weight in model.weights.items()
        }
        candidate = dataclasses.replace(model, weights=milder)
        forgets = any(
            # Not `>`: weights that are no numbers lose nothing that could be compared.
            not after - before <= _LARGEST_LOSS
            for before, after in zip(losses, _watched_losses(candidate, real), strict=True)
        )
        if forgets:
            continue
        if distinct_share(written(candidate, SAMPLES, seed)) >= _SMALLEST_DIVERSITY * distinct:
            return candidate, strength
    return model, 0.0


def _watched_losses(model: NameModel, real: RealNames) -> list[float]:
    network = Scorer(network_of(model))
    return [network.nats_per_symbol(names) for names in real.watched]


def _ballots(model: NameModel, candidate: NameModel, opinions: Opinions) -> Ballots:
    """Opinions as ballots; the like rate is estimated by those that were held out."""
    rated = (*opinions.learnt, *opinions.held_out)
    sequences, forced = encode_rated(rated, model.alphabet)
    log_probs, frozen = (
        Scorer.of(each).names(sequences, given=forced).double().numpy()
        for each in (candidate, model)
    )
    return Ballots(
        names=[name.name for name in rated],
        values=np.array([float(name.liked) for name in rated]),
        votes=np.array([abs(name.vote) for name in rated]),
        raters=np.arange(len(rated)),
        log_weights=log_probs - frozen,
        drawn=np.arange(len(rated)) >= len(opinions.learnt),
    )


def _drifted(model: NameModel) -> float | None:
    """By how much the model is worse than the first, as those who tuned it wrote down."""
    drift = model.metrics.get("finetuning", {}).get("drift")
    return drift if isinstance(drift, float) else None


def _pairs_in_common(names: Sequence[str]) -> Doubles:
    """How many letters and pairs of letters, borders included, two names have in common."""
    read = [f"^{fold(name)}$" for name in names]
    pairs = [{*name, *map("".join, pairwise(name))} for name in read]
    known = {pair: column for column, pair in enumerate(sorted(set().union(*pairs)))}
    has = np.zeros((len(names), len(known)))
    for row, of_name in enumerate(pairs):
        has[row, [known[pair] for pair in of_name]] = 1.0
    return np.asarray(has @ has.T)


def _counts(ratings: Sequence[Rating], opinions: Opinions) -> RatingCounts:
    return RatingCounts(
        total=len(ratings),
        likes=sum(rating.value > 0 for rating in ratings),
        dislikes=sum(rating.value < 0 for rating in ratings),
        names=len(opinions.learnt) + len(opinions.held_out),
        skipped=opinions.skipped,
        disputed=opinions.disputed,
    )
