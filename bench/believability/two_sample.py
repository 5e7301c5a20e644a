"""The classifier two-sample test: can a judge tell two lists of names apart?

Lopez-Paz & Oquab 2017, "Revisiting Classifier Two-Sample Tests" (arXiv:1610.06545), section 3, with
cross-validation in the place of one held-out half: every name is judged once, by a judge that has
learnt from others. Lists drawn from one distribution give 50%, lists told apart at sight 100%.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
from scipy.stats import binomtest
from sklearn.model_selection import GroupKFold

from bench.believability.judges import Bools, Judge
from bench.believability.suspects import Suspect
from ml.arrays import Doubles
from ml.names.records import Kind

_FOLDS = 5


@dataclass(frozen=True)
class Verdicts:
    """What one judge thinks of names, real ones and invented ones: `log_odds` that each is real."""

    suspects: Sequence[Suspect]
    real: Bools
    log_odds: Doubles

    @cached_property
    def right(self) -> Bools:
        """Which names ``(suspects,)`` the judge was right about."""
        return np.asarray((self.log_odds > 0) == self.real)

    def right_about(self, kind: Kind | None) -> Bools:
        """`right` for the names of one kind, or for all."""
        return self.right[[kind in (None, name.start.kind) for name in self.suspects]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A share of right verdicts, with its 95% interval."""

    share: float
    low: float
    high: float


def cross_validate(
    real: Sequence[Suspect], invented: Sequence[Suspect], judge: Judge, *, seed: int
) -> Verdicts:
    """Every name judged by a judge that has seen nobody of its family."""
    suspects = [*real, *invented]
    truth = np.arange(len(suspects)) < len(real)
    log_odds = np.empty(len(suspects))
    folds = GroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for known, judged in folds.split(suspects, groups=[name.family for name in suspects]):
        log_odds[judged] = judge(
            [suspects[i] for i in known], truth[known], [suspects[i] for i in judged], seed
        )
    return Verdicts(suspects, truth, log_odds)


def accuracy(runs: Iterable[Verdicts], kind: Kind | None = None) -> Accuracy:
    """The mean over runs, with the Wilson interval that the names of one run would have.

    The runs share their real names, so together they are hardly surer than one.
    """
    verdicts = [run.right_about(kind) for run in runs]
    share = fmean(float(right.mean()) for right in verdicts)
    names = len(verdicts[0])
    interval = binomtest(round(share * names), names).proportion_ci(method="wilson")
    return Accuracy(share, float(interval.low), float(interval.high))
