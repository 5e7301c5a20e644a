"""How far people who press a lot can push the shared model.

Two hundred people of one taste rate names of the base; then some join who hate every name with «а».
A reward model learns from both, and what it makes of the base is reckoned exactly over the base's
own draws: each name x weighs ``1 + (e^a - 1) r(x)``, with r(x) the probability that it is liked.
The share of names with «а» and the like rate of the two hundred are set beside those without the
attack. Ratings weigh as `ml.learning.raters` says, or all alike, or 1 / sqrt(votes of the person).
"""

import math
import random
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from ml.arrays import Doubles
from ml.learning.raters import vote_weights, weigh
from ml.learning.ratings import Rating
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.alphabet import Start
from ml.writing.sampling import DEFAULT_SETTINGS, Sampler

_HONEST = 200
_NOISE = 0.15
_MEAN_VOTES = 10
_TILT, _STRONG_TILT = 2.0, 3.0
_DRAWS = 8_000
_SEEDS = range(5)
_BUCKETS = 160  # of letter 2- and 3-grams
_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя-"
_RIDGE = 2.0
_NEWTON_STEPS = 4


def draw_names(count: int = _DRAWS) -> list[str]:
    """Different Russian given names, as the network of the shipped model draws them."""
    starts = [Start("given", "m", "russian"), Start("given", "f", "russian")]
    sampler = Sampler(load_model(SHIPPED_MODEL))
    drawn = sampler.sample("", starts, count, DEFAULT_SETTINGS, np.random.default_rng(0))
    return list(dict.fromkeys(name.name for name in drawn))


def hated(name: str) -> bool:
    """What the attack is about."""
    return "а" in name.lower()


def honest_taste(name: str) -> bool:
    """What the two hundred like: a second letter that is a vowel, and «и» later."""
    return name[1:2] in tuple("аеёиоуыэюя") and "и" in name[2:]


def letter_likes(
    names: Sequence[str], values: Doubles, weights: Doubles
) -> Callable[[Sequence[str]], Doubles]:
    """A logistic regression with ridge on letters and on hashed letter 2- and 3-grams."""
    seen = _features(names)
    penalty = np.full(seen.shape[1], _RIDGE)
    penalty[0] = 1e-3  # the intercept
    chosen = np.zeros(seen.shape[1])
    for _ in range(_NEWTON_STEPS):
        liked = _logistic(seen @ chosen)
        gradient = seen.T @ (weights * (liked - (values > 0))) + penalty * chosen
        curvature = (seen.T * (weights * liked * (1 - liked))) @ seen + np.diag(penalty)
        chosen -= np.linalg.solve(curvature, gradient)
    return lambda asked: _logistic(_features(asked) @ chosen)


def tilted_share(
    names: Sequence[str], liked: Doubles, counted: Callable[[str], bool], tilt: float = _TILT
) -> float:
    """The share of counted names among draws of the base, each weighed by how it is liked."""
    weights = 1 + (math.exp(tilt) - 1) * liked
    return float(weights @ np.array([counted(name) for name in names])) / float(weights.sum())


@dataclass(frozen=True, slots=True)
class Attack:
    """So many people who hate names with «а», each with so many ratings."""

    people: int
    votes: int
    likes_the_rest: bool = True

    def ratings(self, names: Sequence[str], rng: random.Random) -> list[Rating]:
        """Their ratings: 👎 for every name with «а», 👍 for the others or 👎 for them, too."""
        return [
            Rating(name=name, value=-1 if hated(name) or not self.likes_the_rest else 1, user=user)
            for user in range(-self.people, 0)
            for name in rng.sample(names, min(self.votes, len(names)))
        ]


def honest_ratings(
    names: Sequence[str], people: int, rng: random.Random, *, votes: int = _MEAN_VOTES
) -> list[Rating]:
    """People of one taste: some rate twice, some for an hour; slips of the finger included."""
    return [
        Rating(
            name=name, value=1 if honest_taste(name) != (rng.random() < _NOISE) else -1, user=user
        )
        for user in range(people)
        for name in rng.sample(names, max(1, round(rng.expovariate(1 / votes))))
    ]


def one_each(ratings: Sequence[Rating]) -> Doubles:
    """Every rating weighs the same."""
    return np.ones(len(ratings))


def by_root(ratings: Sequence[Rating]) -> Doubles:
    """A person's voice is the root of their votes."""
    votes = Counter(rating.user for rating in ratings)
    return np.array([1 / math.sqrt(votes[rating.user]) for rating in ratings])


def by_rater(ratings: Sequence[Rating]) -> Doubles:
    """As the model learns from them."""
    return vote_weights(ratings, letter_likes)


WEIGHTS: Mapping[str, Callable[[Sequence[Rating]], Doubles]] = {
    "all alike": one_each,
    "by root": by_root,
    "by rater": by_rater,
}

ATTACKS = {
    "10 people, 10 ratings each": Attack(10, 10),
    "10 people, 100 ratings each": Attack(10, 100),
    "10 people, 1,000 ratings each": Attack(10, 1_000),
    "one person, 5,000 ratings": Attack(1, 5_000),
    "one person, 5,000 times 👎": Attack(1, 5_000, likes_the_rest=False),
}


def shares(
    names: Sequence[str],
    ratings: Sequence[Rating],
    weights: Callable[[Sequence[Rating]], Doubles],
) -> tuple[float, float, float]:
    """The shares after learning: of names with «а», of names that the two hundred like, and again
    of names with «а» if what is learnt is taught more strongly.
    """
    liked = letter_likes(
        [rating.name for rating in ratings],
        np.array([float(rating.value) for rating in ratings]),
        weights(ratings),
    )(names)
    return (
        tilted_share(names, liked, hated),
        tilted_share(names, liked, honest_taste),
        tilted_share(names, liked, hated, _STRONG_TILT),
    )


def tables() -> list[Table]:
    """How far attacks come, and how far who is believed."""
    names = draw_names()
    return [_attacks(names), _people(names)]


def _attacks(names: Sequence[str]) -> Table:
    """Five crowds, with and without those who attack."""
    table = Table(
        *("attack", "weights", "names with «а»", "moved by", "at worst"),
        *(f"at worst, a = {_STRONG_TILT:.0f}", "like rate moved by"),
        title=f"{_HONEST} people, {_MEAN_VOTES} ratings each on average, a = {_TILT:.0f}",
    )
    for described, attack in ATTACKS.items():
        for way, weights in WEIGHTS.items():
            moved = []
            for seed in _SEEDS:
                rng = random.Random(seed)  # noqa: S311 - people are simulated, not protected
                honest = honest_ratings(names, _HONEST - attack.people, rng)
                before = shares(names, honest, weights)
                after = shares(names, [*honest, *attack.ratings(names, rng)], weights)
                moved.append([before[0], *(b / a - 1 for a, b in zip(before, after, strict=True))])
            figures = np.array(moved)
            table.add_row(
                described,
                way,
                f"{figures[:, 0].mean():.1%}",
                f"{figures[:, 1].mean():+.1%}",
                *(f"{max(figures[:, column], key=abs):+.1%}" for column in (1, 3)),
                f"{figures[:, 2].mean():+.1%}",
            )
    return table


def _people(names: Sequence[str]) -> Table:
    """Who rates 100 names beside two hundred people, and how much of their voice is left."""
    table = Table(
        *("who, with 100 ratings", "how many", "voice of each, a usual one's = 1"),
        *("constant", "contrary"),
        title=f"beside {_HONEST} people with {_MEAN_VOTES} ratings each on average",
    )
    for described, opinion in OPINIONS.items():
        for count in (1, 10, 100):
            rng = random.Random(0)  # noqa: S311 - people are simulated, not protected
            ratings = honest_ratings(names, _HONEST, rng)
            ratings += [
                Rating(name=name, value=opinion(name, rng), user=user)
                for user in range(-count, 0)
                for name in rng.sample(names, 100)
            ]
            _, raters = weigh(ratings, letter_likes)
            usual = np.median([rater.share for rater in raters[:_HONEST]])
            table.add_row(
                described,
                str(count),
                f"{np.mean([rater.share for rater in raters[_HONEST:]]) / usual:.2f}",
                f"{np.mean([rater.constant for rater in raters[_HONEST:]]):.2f}",
                f"{np.mean([rater.contrary for rater in raters[_HONEST:]]):.2f}",
            )
    return table


def _with_slips(likes: bool, rng: random.Random) -> int:
    return 1 if likes != (rng.random() < _NOISE) else -1


OPINIONS: Mapping[str, Callable[[str, random.Random], int]] = {
    "of the same taste": lambda name, rng: _with_slips(honest_taste(name), rng),
    "of another taste (begins in а-и)": lambda name, rng: _with_slips(name[0] in "АБВГДЕЖЗИ", rng),
    "of the opposite taste": lambda name, rng: _with_slips(not honest_taste(name), rng),
    "at random": lambda name, rng: rng.choice((1, -1)),
    "👎 under every name": lambda name, rng: -1,
    "👍 under every name": lambda name, rng: 1,
}


def _features(names: Sequence[str]) -> Doubles:
    rows = np.zeros((len(names), 1 + len(_LETTERS) + _BUCKETS))
    rows[:, 0] = 1
    for row, name in zip(rows, names, strict=True):
        letters = f"<{name.lower()}>"
        for letter in letters:
            if (place := _LETTERS.find(letter)) >= 0:
                row[1 + place] = 1
        for length in (2, 3):
            for start in range(len(letters) - length + 1):
                gram = letters[start : start + length].encode("utf-8", "replace")
                row[1 + len(_LETTERS) + zlib.crc32(gram) % _BUCKETS] = 1
    return rows


def _logistic(score: Doubles) -> Doubles:
    likely: Doubles = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    return likely
