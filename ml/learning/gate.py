"""The gate: a fine-tuned model replaces the current one only if it is better and not worse.

Three conditions, each measured on what fine-tuning did not learn from:

- *likelihood*: nats per symbol of real names, as `ml.scoring.evaluation` measures a bare list, may
  worsen by at most 0.03 against the base, and by at most 0.05 against the model that was first of
  all, however many retrains lie between;
- *like rate*: what is estimated off-policy (`ml.learning.off_policy`) must be higher than what was
  logged, with every rating foretold by the others, and the ratings must hold a taste that chance
  would not show once in twenty times (`ml.learning.chance`);
- *diversity*: the distinct share of what the new model writes must be at least 0.95 of what the
  former's own draws have once they are as much to people's taste (`ml.learning.diversity`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles, Symbols
from ml.learning.chance import Covariance, Evidence, further_ratings, seek_taste
from ml.learning.diversity import Likes, compare_diversity
from ml.learning.off_policy import Estimate, estimate_like_rate
from ml.learning.report import Advice, Condition, Figures, LikeRate, Trait, Verdict
from ml.learning.traits import changed_traits
from ml.models.model import NameModel
from ml.scoring.evaluation import evaluate_list
from ml.writing.generator import NameGenerator, NameRequest

LARGEST_LOSS = 0.03  # nats per symbol
LARGEST_LOSS_IN_ALL = 0.05
SMALLEST_DIVERSITY = 0.95  # of the former's, resampled
SAMPLES = 1_000

_FORMER_SAMPLES = 2_000  # some are thrown away to be liked as much
_FEW_RATINGS = 50
_ROUNDING = 1e-9
_SHOWN_NAMES = 6


@dataclass(frozen=True, slots=True)
class Ballots:
    """What people said of names, a row a rating.

    `values` are 1 for a like and 0 for a dislike, `votes` how much each rating counts, `raters` who
    gave it. `log_weights` say how much more often the candidate writes the name than the base did,
    foretold by what was learnt from *other* names (`ml.taste.cross_fitting`), but for a
    constant. `drawn` tells names that the base wrote and chose by itself from those whose beginning
    was asked for, or that were chosen for somebody: only the former say how its names are liked.
    """

    names: Sequence[str]
    values: Doubles
    votes: Doubles
    raters: Symbols
    log_weights: Doubles
    drawn: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate found out of a candidate: all that a report says of it."""

    before: Figures
    after: Figures
    verdict: Verdict
    advice: Advice | None
    samples_before: list[str]
    samples_after: list[str]
    traits: list[Trait]


def judge(
    base: NameModel,
    candidate: NameModel,
    real: Sequence[str],
    ballots: Ballots,
    *,
    likes: Likes,
    covariance: Covariance,
    seed: int,
    drifted: float | None = None,
) -> Judgement:
    """Hold a candidate against the base that it was tuned from.

    `real` are bare real names that fine-tuning did not see. `likes` is what the ratings say of any
    names, and `covariance` what was thought of them before there were ratings. `drifted` is by how
    many nats per symbol the base is worse than the model that was first of all, if it is another.
    """
    evidence = seek_taste(
        ballots.names, ballots.values, ballots.votes, ballots.raters, covariance, seed=seed
    )
    estimate = _estimate(ballots)
    former = written(base, _FORMER_SAMPLES, seed)
    new = written(candidate, SAMPLES, seed)
    distinct, distinct_after = compare_diversity(former, new, likes, seed=seed)
    before = Figures(
        nats_per_symbol=evaluate_list(base, real).nats_per_symbol,
        like_rate=estimate.logged,
        distinct_share=distinct,
    )
    after = Figures(
        nats_per_symbol=evaluate_list(candidate, real).nats_per_symbol,
        like_rate=estimate.rate,
        distinct_share=distinct_after,
    )
    verdict = conclude(before, after, evidence, estimate, drifted=drifted)
    return Judgement(
        before,
        after,
        verdict,
        advise(verdict, evidence, len(ballots.names)),
        _few(former),
        _few(new),
        changed_traits(former, new),
    )


def conclude(
    before: Figures,
    after: Figures,
    evidence: Evidence,
    estimate: Estimate,
    *,
    drifted: float | None = None,
) -> Verdict:
    """Whether each condition holds."""
    in_all = None
    if drifted is not None:
        root = before.nats_per_symbol - drifted
        in_all = _not_worse(root, after.nats_per_symbol, LARGEST_LOSS_IN_ALL)
    return Verdict(
        likelihood=_not_worse(before.nats_per_symbol, after.nats_per_symbol, LARGEST_LOSS),
        likelihood_in_all=in_all,
        like_rate=LikeRate(
            passed=evidence.found and estimate.lift > _ROUNDING,
            before=estimate.logged,
            after=estimate.rate,
            low=estimate.low,
            high=estimate.high,
            effective=estimate.effective,
            probability=evidence.probability,
        ),
        diversity=Condition(
            passed=after.distinct_share >= SMALLEST_DIVERSITY * before.distinct_share,
            before=before.distinct_share,
            after=after.distinct_share,
            limit=SMALLEST_DIVERSITY,
        ),
    )


def advise(verdict: Verdict, evidence: Evidence, ratings: int) -> Advice | None:
    """What to do about a refusal: of several causes the one that more ratings mend comes first."""
    more = further_ratings(ratings, evidence)
    if verdict.passed:
        return None
    if not evidence.found:
        return Advice(code="few" if ratings < _FEW_RATINGS else "contradictory", more=more)
    if not verdict.like_rate.passed:
        return Advice(code="no_gain", more=more)
    if verdict.likelihood_in_all is not None and not verdict.likelihood_in_all.passed:
        return Advice(code="far", more=more)
    if not verdict.likelihood.passed:
        return Advice(code="forgets", more=more)
    return Advice(code="repeats", more=more)


def written(model: NameModel, count: int, seed: int) -> list[str]:
    """Names as people get them, by default settings."""
    samples = NameGenerator(model).sample(NameRequest(count=count), seed=seed)
    return [sample.name for sample in samples]


def _not_worse(before: float, after: float, limit: float) -> Condition:
    return Condition(passed=after - before <= limit, before=before, after=after, limit=limit)


def _estimate(ballots: Ballots) -> Estimate:
    """By the names that the base chose by itself; by all, where there is none."""
    rows = ballots.drawn & (ballots.votes > 0)
    if not rows.any():
        rows = ballots.votes > 0
    return estimate_like_rate(
        ballots.log_weights[rows], ballots.values[rows], ballots.votes[rows], ballots.raters[rows]
    )


def _few(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_SHOWN_NAMES]
