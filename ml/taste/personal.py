"""What one person likes, known from a few ratings at once, and names chosen by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from ml.names.records import fold

_Matrix: TypeAlias = npt.NDArray[np.floating]

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
_BLAS = ThreadpoolController().select(user_api="blas")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place among the candidates, and whether taste had it chosen."""

    place: int
    by_taste: bool


@dataclass(frozen=True, slots=True)
class PersonalTaste:
    """What is known of a person's taste; `names` are those it is known from."""

    names: Sequence[str]
    features: _Matrix
    gradient: _Matrix
    root_weights: _Matrix
    cholesky: _Matrix

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
            x = _features(names)
            return cls(names, x, *_fit(x @ x.T, np.array([*values.values()], dtype=float)))

    def choose(self, names: Sequence[str], count: int, rng: np.random.Generator) -> list[Chosen]:
        """`count` of distinct names in random order; a tenth of them blindly."""
        with _BLAS.limit(limits=1):
            scores = self._draw(names, rng)
        taken: list[Chosen] = []
        for by_taste in rng.random(count) >= _BLIND:
            left = np.ones(len(names), dtype=bool)
            left[[chosen.place for chosen in taken]] = False
            # The candidates came in a random order: the first one is as blind a choice as any.
            place = np.where(left, scores, -np.inf).argmax() if by_taste else left.argmax()
            taken.append(Chosen(int(place), bool(by_taste)))
        return taken

    def _draw(self, names: Sequence[str], rng: np.random.Generator) -> _Matrix:
        x = _features(names)
        cross = x @ self.features.T
        mean = cross @ self.gradient
        v = np.linalg.solve(self.cholesky, (self.root_weights[:, None] * cross.T))
        covariance = x @ x.T - v.T @ v + 1e-6 * np.eye(len(names))
        return mean + _BOLDNESS * np.linalg.cholesky(covariance) @ rng.standard_normal(len(names))


def _fit(kernel: _Matrix, values: _Matrix) -> tuple[_Matrix, _Matrix, _Matrix]:
    """Laplace (Rasmussen & Williams 2006, algorithm 3.1)."""
    f = np.zeros(len(values))
    targets = (values + 1) / 2
    for _ in range(20):
        p = 1 / (1 + np.exp(-f))
        w = p * (1 - p)
        root = np.sqrt(w)
        chol = np.linalg.cholesky(np.eye(len(f)) + root[:, None] * kernel * root)
        b = w * f + targets - p
        a = b - root * np.linalg.solve(chol.T, np.linalg.solve(chol, root * (kernel @ b)))
        new = kernel @ a
        if np.abs(new - f).max() < 1e-6:
            break
        f = new
    return a, root, chol


_SIZE = 1024
_VOWELS = "аеиоуыэюя"


@lru_cache(maxsize=8192)
def _features_of(name: str) -> _Matrix:
    import zlib

    x = np.zeros(_SIZE)
    bordered = f"^{name}$"

    def add(kind: str, items: set[str], scale: float) -> None:
        for item in items:
            x[zlib.crc32((kind + item).encode()) % _SIZE] += scale / np.sqrt(len(items))

    x[0] = 1.0
    for n, scale in ((1, 1.5), (2, 1.0), (3, 0.7)):
        add(str(n), {bordered[i : i + n] for i in range(len(bordered) - n + 1)} - {"^", "$"}, scale)
    add("length", {str(min(len(name), 12)), "~" + str(min(len(name), 12) // 2)}, 1.0)
    add("ends", {"first" + str(name[0] in _VOWELS), "last" + str(name[-1] in _VOWELS)}, 1.0)
    return x


def _features(names: Sequence[str]) -> _Matrix:
    return np.stack([_features_of(fold(name)) for name in names])
