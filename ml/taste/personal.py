"""What one person likes, known from a few ratings at once, and names chosen by it."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from ml.arrays import Doubles, Floats
from ml.names.records import fold

# With fewer it would be a guess.
FEWEST_RATINGS = 3
# The last ones of a person: to learn from them takes some milliseconds, and taste changes.
MOST_RATINGS = 200
# So often a name is taken blindly, for else nobody would ever see that they like something else.
_BLIND = 0.1
# The posterior is drawn from with a quarter of its deviation, after Chapelle and Li 2011 ("An
# Empirical Evaluation of Thompson Sampling", section 3): people rate dozens of names and no
# thousands, and some of 64 candidates are always so unlike all others that a full draw tries them.
_BOLDNESS = 0.25
# Newton's steps: four to six, as a rule.
_MOST_STEPS = 20
_SETTLED = 1e-3

# Features share so many places by chance, which keeps a name's small.
_SIZE = 1024
# The deviation of the weights of each kind together.
_GRAMS = {1: 1.5, 2: 1.0, 3: 0.7}
_LENGTHS = 1.0
_ENDS = 1.0
_VOWELS = "аеиоуыэюя"
_BLAS = ThreadpoolController().select(user_api="blas")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place among the candidates, and whether taste had it chosen."""

    place: int
    by_taste: bool


@dataclass(frozen=True, slots=True)
class PersonalTaste:
    """What is known of a person's taste: the posterior of a Bayesian logistic regression.

    It is known from `names`, and lives in the span of their features (Rasmussen and Williams 2006,
    section 3.4). `pull` is how hard each of them pulls at its mean, `noise` the deviation that its
    rating would have as an observation of what is liked, `precision` the inverse of the covariance
    of those observations.
    """

    names: Sequence[str]
    pull: Doubles
    noise: Doubles
    precision: Doubles

    @classmethod
    def of(cls, rated: Sequence[tuple[str, int]]) -> Self | None:
        """The taste behind ratings (1 and -1), the last ones first; None if they are too few."""
        values: dict[str, int] = {}
        for name, value in rated:
            values.setdefault(fold(name), value)
        if len(values) < FEWEST_RATINGS:
            return None
        names = list(values)
        with _BLAS.limit(limits=1):
            features = _features(names)
            kernel = np.asarray(features @ features.T, dtype=np.float64)
            return cls(names, *_fit(kernel, np.array([*values.values()]) > 0))

    def choose(self, names: Sequence[str], count: int, rng: np.random.Generator) -> list[Chosen]:
        """`count` of distinct names in random order; a tenth of them blindly."""
        with _BLAS.limit(limits=1):
            scores = _features([fold(name) for name in names]) @ self._draw(rng)
        taken: list[Chosen] = []
        left = np.ones(len(names), dtype=bool)
        for by_taste in rng.random(count) >= _BLIND:
            # The candidates came in a random order: the first one is as blind a choice as any.
            place = np.where(left, scores, -np.inf).argmax() if by_taste else left.argmax()
            left[place] = False
            taken.append(Chosen(int(place), bool(by_taste)))
        return taken

    def _draw(self, rng: np.random.Generator) -> Floats:
        """Weights of the features as they may be, by Matheron's rule.

        Drawn from the prior, then moved by what the ratings say of the difference (Wilson et al.
        2020, "Efficiently Sampling Functions from Gaussian Process Posteriors", equation 6).
        """
        features = _features(self.names)
        prior = rng.standard_normal(_SIZE, dtype=np.float32)
        observed = features @ prior + self.noise * rng.standard_normal(len(self.names))
        moved = self.pull - _BOLDNESS * (self.precision @ observed)
        drawn: Floats = np.float32(_BOLDNESS) * prior + features.T @ moved.astype(np.float32)
        return drawn


def _fit(kernel: Doubles, liked: npt.NDArray[np.bool_]) -> tuple[Doubles, Doubles, Doubles]:
    """Laplace's approximation: Rasmussen and Williams 2006, algorithm 3.1."""
    latent = np.zeros(len(liked))
    for _ in range(_MOST_STEPS):
        probability = 1 / (1 + np.exp(-latent))
        root = np.sqrt(probability * (1 - probability))
        balance = np.eye(len(liked)) + root[:, None] * kernel * root
        target = root**2 * latent + liked - probability
        pull = target - root * np.linalg.solve(balance, root * (kernel @ target))
        before, latent = latent, kernel @ pull
        if np.abs(latent - before).max() < _SETTLED:
            break
    return pull, 1 / root, root[:, None] * np.linalg.inv(balance) * root


def _features(names: Sequence[str]) -> Floats:
    """A row for each name (folded): weights of prior deviation 1 make what is thought of it."""
    places, values = zip(*map(_features_of, names), strict=True)
    rows = np.repeat(np.arange(len(names)) * _SIZE, [len(x) for x in places])
    size = len(names) * _SIZE
    table = np.zeros(size, dtype=np.float32)
    np.add.at(table, rows + np.concatenate(places), np.concatenate(values))
    return table.reshape(len(names), _SIZE)


@lru_cache(maxsize=8192)
def _features_of(name: str) -> tuple[npt.NDArray[np.int64], Floats]:
    found = [
        (zlib.crc32(feature.encode()) % _SIZE, deviation / np.sqrt(len(features)))
        for features, deviation in _kinds(name)
        for feature in features
    ]
    return np.array([place for place, _ in found]), np.array(
        [value for _, value in found], dtype=np.float32
    )


def _kinds(name: str) -> Iterator[tuple[set[str], float]]:
    """Features by kinds, with the deviation that the weights of each have together."""
    yield {""}, 1.0  # whoever likes most, or little
    bordered = f"^{name}$"
    for size, deviation in _GRAMS.items():
        grams = {bordered[i : i + size] for i in range(len(bordered) - size + 1)}
        yield grams - {"^", "$"}, deviation
    yield {f"{len(name)} letters", f"{len(name) // 2} pairs"}, _LENGTHS
    yield {f"at most {most}" for most in range(max(len(name), 4), 12)} or {"long"}, _LENGTHS / 2
    yield {f"^{name[0] in _VOWELS}", f"{name[-1] in _VOWELS}$"}, _ENDS
    yield {f"first {name[0]}", f"last {name[-1]}"}, _ENDS / 2
