"""Learning from ratings: what people like, the model tilted towards it, and the gate.

Ratings become a reward model (`ml.taste.reward`), which says of any name how probable it is that
people like it. The base model is tilted towards such names as far as real names allow, and a small
network beside it is taught that tilt (`ml.learning.tilt`). Network and n-gram stay as they are, so
nothing is forgotten, and however often it is learnt anew, the base is the same. Whether the result
may replace the current model is for the gate to say (`ml.learning.gate`).
"""

import dataclasses
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.arrays import Doubles
from ml.learning.gate import Ballots, Judgement, judge
from ml.learning.opinions import Opinions, form_opinions
from ml.learning.ratings import Rating
from ml.learning.real_names import RealNames, gather_real_names
from ml.learning.report import FinetuneReport, Phase, RatingCounts
from ml.learning.tilt import Samples, louder, loudest, steepest, teach
from ml.models.model import NameModel, TasteNetwork
from ml.names.alphabet import Start
from ml.names.records import NameRecord, read_records
from ml.progress import Report, Step, silent
from ml.scoring.evaluation import evaluate_list
from ml.taste.cross_fitting import folds_of
from ml.taste.letters import letters_of
from ml.taste.reward import CrossFitted, cross_fit
from ml.writing.generator import DEFAULT_SETTINGS

_FOLDS = 5
# Nats per symbol that real names of the origins that were rated may lose. The gate looks at a few
# hundred other names, of all origins: chance makes some 0.005 of difference there.
_DRIFT = 0.028
# Names of a kind and origin are written otherwise only if so many of them were rated.
_ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that learnt, and what is to be said of it."""

    model: NameModel
    report: FinetuneReport


def learn_from_ratings(
    model: NameModel,
    ratings: Sequence[Rating],
    *,
    seed: int,
    report: Report = silent,
    records: Sequence[NameRecord] | None = None,
) -> Candidate:
    """A candidate that learnt from `ratings`, at most one a user and name, judged by the gate.

    `model` is left as it is; what it had learnt from earlier ratings is learnt anew from these,
    which should hold the earlier ones. `records` are the real names beside the ratings, by default
    the shipped ones. The same seed on the same machine gives the same candidate.

    Raises:
        TooLittleData: too few different liked or disliked names, or too few real ones beside them.
        NamesFileError: the shipped names cannot be read.
    """
    started = time.monotonic()
    base = dataclasses.replace(model, taste=None)
    report(Step(Phase.PREPARE, 0, 3, "weighing the ratings"))
    opinions = form_opinions(base, ratings)
    report(Step(Phase.PREPARE, 1, 3, "finding out what is liked"))
    reward = cross_fit(opinions.votes, folds_of(opinions.votes.names, _FOLDS))
    report(Step(Phase.PREPARE, 2, 3, "writing names to learn with"))
    rated = opinions.votes.names
    real = gather_real_names(base, rated, read_records() if records is None else records, seed)
    samples = Samples.of(base, opinions.starts, seed=seed)
    report(Step(Phase.PREPARE, 3, 3))
    taste, slope = tilt(base, opinions, reward, real, samples, seed=seed, report=report)
    candidate = dataclasses.replace(model, taste=taste)
    report(Step(Phase.GATE, 0, 2, "judging"))
    judgement = _judge(model, candidate, opinions, reward, slope, real, seed)
    verdict = judgement.verdict
    report(Step(Phase.GATE, 2, 2, "passed" if verdict.passed else "failed"))
    result = FinetuneReport(
        passed=verdict.passed,
        seconds=round(time.monotonic() - started, 2),
        ratings=_counts(ratings, opinions),
        before=judgement.before,
        after=judgement.after,
        gate=verdict,
        advice=judgement.advice,
        samples_before=judgement.samples_before,
        samples_after=judgement.samples_after,
        traits=judgement.traits,
    )
    metrics = {
        "method": "tilt",
        "seed": seed,
        "slope": slope,
        "ratings": result.ratings.model_dump(),
        **judgement.after.model_dump(),
    }
    taught = dataclasses.replace(candidate, metrics={**model.metrics, "finetuning": metrics})
    return Candidate(taught, result)


def tilt(
    base: NameModel,
    opinions: Opinions,
    reward: CrossFitted,
    real: RealNames,
    samples: Samples,
    *,
    seed: int,
    report: Report = silent,
) -> tuple[TasteNetwork, float]:
    """The taste that takes the base as far towards what is liked as real names allow, and how far
    that is: the slope of log p over the probability that a name is liked."""
    concerned = _concerned(base, opinions.starts)
    within = samples.after(concerned)
    rewards = reward.model.like_rates(samples.names)
    watched = real.watched.select([start in concerned for start in real.watched.starts])
    watched = watched if len(watched) else real.watched
    sequences = watched.encode(base.alphabet)
    slope = steepest(
        rewards[within > 0],
        reward.model.like_rates(watched.names),
        float(sequences.lengths.double().mean()),
        _DRIFT,
    )
    log_normaliser = float(np.logaddexp.reduce(slope * rewards[within > 0])) - np.log(within.sum())
    log_weights = within * (slope * rewards - log_normaliser)

    def progress(done: int, total: int, text: str) -> None:
        report(Step(Phase.TRAIN, done, total, text))

    taste = teach(base, samples, log_weights, seed=seed, tell=progress)
    factor = loudest(base, taste, sequences, _DRIFT)
    return louder(taste, factor), factor * slope


def _concerned(base: NameModel, rated: Sequence[Start]) -> set[Start]:
    """The start symbols of the kinds and origins of which enough was rated, men's and women's; if
    there is no such kind and origin, of all that were."""
    counts = Counter((start.kind, start.origin) for start in rated)
    enough = {which for which, count in counts.items() if count >= _ENOUGH} or set(counts)
    return {start for start in base.alphabet.starts if (start.kind, start.origin) in enough}


def _judge(
    model: NameModel,
    candidate: NameModel,
    opinions: Opinions,
    reward: CrossFitted,
    slope: float,
    real: RealNames,
    seed: int,
) -> Judgement:
    base = dataclasses.replace(model, taste=None)
    drifted = None
    if model.taste is not None:
        before = evaluate_list(model, real.held_out).nats_per_symbol
        drifted = before - evaluate_list(base, real.held_out).nats_per_symbol
    ratings, votes = opinions.ratings, opinions.votes
    ballots = Ballots(
        names=votes.names,
        values=(votes.values + 1) / 2,
        votes=votes.weights,
        raters=votes.people,
        log_weights=_log_weights(model, base, opinions, slope * reward.like_rates),
        drawn=np.array([r.chosen != "taste" and not r.prefix for r in ratings]),
    )
    return judge(
        model,
        candidate,
        real.held_out,
        ballots,
        likes=reward.model.like_rates,
        covariance=lambda names: letters_of(names).kernel(),
        seed=seed,
        drifted=drifted,
    )


def _log_weights(model: NameModel, base: NameModel, opinions: Opinions, tilted: Doubles) -> Doubles:
    """By how much more often each rated name would be written than it was, at the temperature of
    the bot and but for a constant; `tilted` is what was learnt from other names."""
    logged = np.array([np.nan if r.log_prob is None else r.log_prob for r in opinions.ratings])
    difference = tilted
    unknown = np.isnan(logged)
    if model.taste is not None or not unknown.all():
        written = opinions.log_probs(model)
        difference = opinions.log_probs(base) + tilted - np.where(unknown, written, logged)
    return np.asarray(difference / DEFAULT_SETTINGS.temperature)


def _counts(ratings: Sequence[Rating], opinions: Opinions) -> RatingCounts:
    return RatingCounts(
        total=len(ratings),
        likes=sum(rating.value > 0 for rating in ratings),
        dislikes=sum(rating.value < 0 for rating in ratings),
        names=opinions.different,
        skipped=opinions.skipped,
    )
