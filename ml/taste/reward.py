"""A reward model: how probable it is that people like a name, by its letters.

Bayesian logistic regression (MacKay 1992, "The Evidence Framework Applied to Classification
Networks") at its most probable weights, found by Newton's method with conjugate gradients (Nocedal
and Wright 2006, "Numerical Optimization", algorithm 7.1). Each person has an intercept of their
own, so that whoever likes much and whoever likes little agree on which names are better. How much
letters may explain is chosen by cross-validation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles, Symbols
from ml.taste.cross_fitting import out_of_fold
from ml.taste.letters import COLUMNS, Letters, letters_of

# How much of the log-odds letters may explain, tried in turn.
_SCALES = (0.1, 0.3, 1.0, 3.0)
# Slips of the finger, and weights drawn towards 0, make what is said of a name more lukewarm than
# what is thought of it. Chosen on eight tastes with 15% slips, of 1 and 1.5.
_BOLDNESS = 1.5
_PERSON_VARIANCE = 0.5
_INTERCEPT_VARIANCE = 100.0
_STEPS = 20
_INNER_STEPS = 30
_CLOSE = 1e-3


@dataclass(frozen=True, slots=True)
class Votes:
    """Ratings as numbers: who (`people`) liked (+1) or disliked (-1, in `values`) which name.

    All ``(ratings,)``; `weights` say how much each counts. `people` are numbered from 0.
    """

    names: Sequence[str]
    values: Doubles
    weights: Doubles
    people: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.names)

    def select(self, rows: npt.NDArray[np.intp]) -> "Votes":
        """Some of the ratings."""
        return Votes(
            [self.names[row] for row in rows],
            self.values[rows],
            self.weights[rows],
            self.people[rows],
        )


@dataclass(frozen=True, slots=True)
class RewardModel:
    """What people like, at its most probable: log-odds, linear in the features of a name."""

    weights: Doubles
    intercept: float

    def log_odds(self, names: Sequence[str]) -> Doubles:
        """How much rather each name is liked than not by a person like any other, ``(names,)``."""
        return letters_of(names).dot(self.weights) + self.intercept

    def like_rates(self, names: Sequence[str]) -> Doubles:
        """The probability ``(names,)`` that such a person likes each name."""
        return _sigmoid(_BOLDNESS * self.log_odds(names))


def fit_reward(votes: Votes, scale: float) -> RewardModel:
    """The reward model of some ratings; `scale` is how much of the log-odds letters may explain."""
    return _fit(letters_of(votes.names), votes, scale)


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """A reward model, and what it says of each rated name when it has not seen that name.

    `like_rates` ``(ratings,)`` are by models that were fitted to the other folds.
    """

    model: RewardModel
    scale: float
    like_rates: Doubles


def cross_fit(votes: Votes, folds: npt.NDArray[np.intp]) -> CrossFitted:
    """The reward model whose scale predicts best what it has not seen.

    `folds` ``(ratings,)`` number the parts; all ratings of a name must be in the same one.
    """
    letters = letters_of(votes.names)
    starts: dict[int, RewardModel] = {}  # of each fold, to begin the next scale with
    best, least = (_SCALES[0], np.zeros(len(votes))), np.inf
    for scale in _SCALES:

        def foretell(learnt: Symbols, asked: Symbols, scale: float = scale) -> Doubles:
            fold = int(folds[asked[0]])
            starts[fold] = _fit(
                letters.select(learnt), votes.select(learnt), scale, starts.get(fold)
            )
            return _sigmoid(
                letters.select(asked).dot(starts[fold].weights) + starts[fold].intercept
            )

        rates = out_of_fold(folds, foretell)
        right = np.where(votes.values > 0, rates, 1 - rates)
        loss = -float(np.average(np.log(right), weights=votes.weights))
        if loss < least:
            least = loss
            best = scale, rates
    scale, rates = best
    log_odds = np.log(rates / (1 - rates))
    return CrossFitted(_fit(letters, votes, scale), scale, _sigmoid(_BOLDNESS * log_odds))


def _fit(
    letters: Letters, votes: Votes, scale: float, start: RewardModel | None = None
) -> RewardModel:
    """Newton's method on features, people and an intercept at once, in units of the prior."""
    people = int(votes.people.max(initial=-1)) + 1
    spread = np.sqrt(scale)
    of_person, of_all = np.sqrt(_PERSON_VARIANCE), np.sqrt(_INTERCEPT_VARIANCE)

    def forward(w: Doubles) -> Doubles:
        return np.asarray(
            spread * letters.dot(w[:COLUMNS])
            + of_person * w[COLUMNS : COLUMNS + people][votes.people]
            + of_all * w[-1]
        )

    def backward(r: Doubles) -> Doubles:
        by_person = np.bincount(votes.people, weights=r, minlength=people)
        return np.concatenate(
            [spread * letters.transposed_dot(r), of_person * by_person, [of_all * r.sum()]]
        )

    w = np.zeros(COLUMNS + people + 1)
    if start is not None:
        w[:COLUMNS], w[-1] = start.weights / spread, start.intercept / of_all
    liked = votes.values > 0
    score = forward(w)
    for _ in range(_STEPS):
        rate = _sigmoid(score)
        gradient = w - backward(votes.weights * (liked - rate))
        curvature = votes.weights * rate * (1 - rate)

        def curve(d: Doubles, curvature: Doubles = curvature) -> Doubles:
            return d + backward(curvature * forward(d))

        step = _conjugate_gradients(curve, -gradient)
        moved = forward(step)
        size = _line_search(w, step, score, moved, votes.weights, liked)
        w, score = w + size * step, score + size * moved
        if np.abs(size * moved).max(initial=0.0) < _CLOSE:
            break
    return RewardModel(spread * w[:COLUMNS], float(of_all * w[-1]))


def _conjugate_gradients(product: Callable[[Doubles], Doubles], right: Doubles) -> Doubles:
    """Solve ``product(x) = right`` nearly, for a positive definite product."""
    x = np.zeros_like(right)
    rest, direction = right.copy(), right.copy()
    square = goal = float(rest @ rest)
    for _ in range(_INNER_STEPS):
        if square <= 1e-6 * goal or square == 0:
            break
        along = product(direction)
        size = square / float(direction @ along)
        x += size * direction
        rest -= size * along
        square, former = float(rest @ rest), square
        direction = rest + (square / former) * direction
    return x


def _line_search(
    w: Doubles,
    step: Doubles,
    score: Doubles,
    moved: Doubles,
    weights: Doubles,
    liked: npt.NDArray[np.bool_],
) -> float:
    """The first of 1, 1/2, 1/4, ... of the step that makes the loss less."""

    def loss(size: float) -> float:
        scores = score + size * moved
        wrong = np.logaddexp(0.0, np.where(liked, -scores, scores))
        return float(weights @ wrong + 0.5 * np.square(w + size * step).sum())

    now, size = loss(0.0), 1.0
    while loss(size) > now and size > 1e-4:
        size /= 2
    return size


def _sigmoid(x: Doubles) -> Doubles:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
