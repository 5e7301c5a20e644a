"""A new model on trial: the one before it writes a share of the names until people have decided.

Who writes is thrown for each answer anew, so neither the time nor the people differ, and whoever
presses a lot presses as much under the names of either.
"""

import asyncio
import logging
from enum import Enum, auto
from math import exp, fsum, lgamma, log

from bot import model_store
from bot.retrain.retrainer import Retrainer
from bot.sampling import Sampling
from db import trials
from db.engine import Database
from db.model_versions import WeightsGone
from db.ratings import RatingCounts
from db.trials import Trial
from ml.errors import ModelFileError
from ml.writing.generator import NameGenerator

logger = logging.getLogger(__name__)

# Nothing is decided by fewer ratings of either. With 50 of the former and 280 of the new one the
# difference has a standard error of 8 points, so it takes 13 points to decide there. Fewer would be
# one person's evening.
ENOUGH = 50
# With so many of either a difference of 5 points would have been found, three times in four.
_MOST = 400
_SURE = 0.95


class Standing(Enum):
    """What people think of the new model."""

    OPEN = auto()
    BETTER = auto()
    WORSE = auto()
    ALIKE = auto()  # nearly enough for nobody to care


def probability_better(new: RatingCounts, former: RatingCounts) -> float:
    """How probable it is that names of the new version are liked more than the former's.

    With the posteriors Beta(1 + likes, 1 + dislikes) of the two like rates, under uniform priors.
    Exact: a finite sum, for whole numbers; J. Cook 2005, "Exact Calculation of Beta Inequalities",
    and E. Miller 2015, "Formulas for Bayesian A/B Testing". The sum is over the likes of the former
    version, which has fewer, and of the opposite event.
    """
    a, b = 1 + new.likes, 1 + new.dislikes
    c, d = 1 + former.likes, 1 + former.dislikes
    worse = fsum(
        exp(_log_beta(a + i, b + d) - log(d + i) - _log_beta(1 + i, d) - _log_beta(a, b))
        for i in range(c)
    )
    return min(max(1 - worse, 0.0), 1.0)


def _log_beta(a: int, b: int) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def standing(trial: Trial) -> Standing:
    """How the trial stands.

    It is asked again and again, so of models that are liked as much as the former one in five is
    sent back in the end, which does no harm; of those liked by 10 points less 99 in 100, and of
    those liked by 10 points more one in a thousand: ``python -m bench trials``.
    """
    fewer = min(trial.new_ratings.total, trial.former_ratings.total)
    if fewer < ENOUGH:
        return Standing.OPEN
    probability = probability_better(trial.new_ratings, trial.former_ratings)
    if probability < 1 - _SURE:
        return Standing.WORSE
    if probability >= _SURE:
        return Standing.BETTER
    return Standing.OPEN if fewer < _MOST else Standing.ALIKE


class Trials:
    """Puts new models on trial, and goes back to the former one where people like it better.

    The former version writes the share `share` of the answers.
    """

    def __init__(
        self,
        database: Database,
        generator: NameGenerator,
        sampling: Sampling,
        retrainer: Retrainer,
        share: float,
    ) -> None:
        self._database = database
        self._generator = generator
        self._sampling = sampling
        self._retrainer = retrainer
        self._share = share
        self._unfit: set[int] = set()  # former versions that cannot be had any more

    async def look(self) -> Trial | None:
        """See how the current model stands, and who is to write from now on.

        Returns the trial that has just ended with the former version serving again, if one did.
        """
        if not self._share:
            return None
        before = self._sampling.former
        async with self._retrainer.model_lock:
            ended = await self._look()
        if self._sampling.former != before:
            await asyncio.to_thread(model_store.give_back_freed_memory)
        return ended

    async def _look(self) -> Trial | None:
        async with self._database.read() as session:
            trial = await trials.under_way(session)
        if (
            trial is None
            or trial.new != self._generator.version  # another bot swapped it
            or trial.former in self._unfit
        ):
            self._sampling.share_with_nobody()
            return None
        try:
            return await self._carry_out(trial)
        except (WeightsGone, ModelFileError) as error:
            self._unfit.add(trial.former)
            self._sampling.share_with_nobody()
            logger.warning("There is nothing to try model %d against: %s", trial.new, error)
            return None

    async def _carry_out(self, trial: Trial) -> Trial | None:
        stands = standing(trial)
        if stands is Standing.OPEN and self._sampling.former == trial.former:
            return None
        self._sampling.share_with_nobody()
        if stands is Standing.OPEN:
            model = await model_store.load_version(self._database, trial.former)
            former = await asyncio.to_thread(NameGenerator, model, trial.former)
            self._sampling.share_with(former, self._share)
            logger.info("Model %d is tried against model %d", trial.new, trial.former)
        # With a run under way nothing is swapped that it may be learning from, as by /rollback.
        elif stands is Standing.WORSE and not self._retrainer.active:
            await model_store.rollback(self._database, self._generator, trial.former)
            logger.info("Model %d is liked less than model %d", trial.new, trial.former)
            return trial
        return None
