"""How much names are liked, with an honest interval around a share of few ratings."""

import math
from dataclasses import dataclass

from db.ratings import RatingCounts

_Z = 1.959963984540054  # the standard normal quantile that leaves 2.5 % on either side


@dataclass(frozen=True, slots=True)
class LikeRate:
    """The share of likes among the ratings, and its 95 % interval; all from 0 to 1."""

    share: float
    low: float
    high: float


def like_rate(counts: RatingCounts) -> LikeRate | None:
    """The like rate with its Wilson score interval; None when nothing is rated.

    Unlike the textbook interval it stays within 0 and 1 and is sound for a handful of ratings.
    Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    n = counts.total
    if not n:
        return None
    share = counts.likes / n
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    middle, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
    # Rounding may carry an end past the share at 0 and at 1.
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return LikeRate(share, min(max(low, 0.0), share), max(min(high, 1.0), share))
