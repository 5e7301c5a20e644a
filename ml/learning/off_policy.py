"""How well would names of one model be liked, by ratings of names that another one wrote?

Off-policy evaluation, with the words of its literature: the *logging* policy wrote the names that
people rated, the *target* policy is the one to be judged, and a rating of a name counts by the
name's importance weight, its probability under the target over that under the logging policy.

- The estimate is self-normalised: Swaminathan and Joachims 2015, "The Self-Normalized Estimator for
  Counterfactual Learning", section 5 (SNIPS). It is a mean of ratings, so it stays between 0 and 1,
  and weights need be known but for a factor: no normaliser of the target is ever computed.
- Large weights are clipped at the root of their number: Ionides 2008, "Truncated Importance
  Sampling", section 2; Bottou et al. 2013, "Counterfactual Reasoning and Learning Systems", section
  4. What that hides is a like rate of names which the logging policy hardly ever wrote.
- The effective sample size is that of Kong 1992, "A Note on Importance Sampling using Standardized
  Weights": as many ratings of the target's own names would say as much.
- The interval is that of the delta method for a ratio of means (Owen 2013, "Monte Carlo theory,
  methods and examples", section 9.2), with the residuals of one person added up before
  they are squared, for one person's ratings are not independent (Liang and Zeger 1986,
  "Longitudinal data analysis using generalized linear models", section 3).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.arrays import Doubles, Symbols

_INTERVAL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A like rate under the target, with its interval of 95%, beside the `logged` one.

    `probability` is that of the target's like rate being the higher one, by a normal distribution
    of the difference. `effective` is Kong's sample size of the weights.
    """

    rate: float
    low: float
    high: float
    logged: float
    probability: float
    effective: float

    @property
    def lift(self) -> float:
        """By how much the like rate rises."""
        return self.rate - self.logged


def estimate_like_rate(
    log_weights: Doubles, values: Doubles, votes: Doubles, raters: Symbols
) -> Estimate:
    """The like rate of the target by ratings ``(n,)`` of the logging policy's names.

    `log_weights` are log importance weights but for a constant, `values` 1 for a like and 0 for a
    dislike, `votes` how much each rating counts whoever wrote the name, `raters` who gave it.

    Raises:
        ValueError: there are no ratings, or none that counts.
    """
    if not votes.sum() > 0:
        raise ValueError("no rating counts")
    votes = votes / votes.sum()
    weights = votes * clipped_weights(log_weights, votes)
    weights = weights / weights.sum()
    rate, logged = float(weights @ values), float(votes @ values)
    of_rate = weights * (values - rate)
    of_lift = of_rate - votes * (values - logged)
    error, lift_error = _standard_error(of_rate, raters), _standard_error(of_lift, raters)
    low, high = _interval(rate, error)
    return Estimate(
        rate, low, high, logged, _above_zero(rate - logged, lift_error), effective_size(weights)
    )


def clipped_weights(log_weights: Doubles, votes: Doubles) -> Doubles:
    """Importance weights of mean 1 over the votes, none above the root of their number."""
    weights: Doubles = np.exp(log_weights - log_weights.max())
    weights /= np.average(weights, weights=votes)
    return np.asarray(np.minimum(weights, math.sqrt(effective_size(votes))))


def effective_size(weights: Doubles) -> float:
    """How many equal weights say as much (Kong 1992): one for a single one, never more than all."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _standard_error(residuals: Doubles, raters: Symbols) -> float:
    """Of the sum of `residuals`: that of independent ratings, or by person if that is larger.

    With a handful of people the sum by person knows little, and of one alone it is 0.
    """
    people, who = np.unique(raters, return_inverse=True)
    single = float((residuals**2).sum()) * _small_sample(len(residuals))
    summed = np.bincount(who, residuals)
    by_person = float((summed**2).sum()) * _small_sample(len(people))
    return math.sqrt(max(single, by_person))


def _small_sample(count: int) -> float:
    return count / (count - 1) if count > 1 else 1.0


def _interval(rate: float, error: float) -> tuple[float, float]:
    """On the scale of log-odds, so that it stays between 0 and 1."""
    inner = rate * (1 - rate)
    if inner < 1e-12:
        return max(rate - error, 0.0), min(rate + error, 1.0)
    middle, spread = math.log(rate / (1 - rate)), _z(_INTERVAL) * error / inner
    return _logistic(middle - spread), _logistic(middle + spread)


def _z(share: float) -> float:
    return NormalDist().inv_cdf((1 + share) / 2)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def _above_zero(mean: float, error: float) -> float:
    """How probable a positive mean is: a coin toss where it differs from 0 by rounding only."""
    if error > 1e-9:
        return NormalDist().cdf(mean / error)
    return 0.5 if abs(mean) <= 1e-9 else float(mean > 0)
