"""What names have in common, as far as a writer of names must know it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartStatistics:
    """What the training names that follow one start symbol look like; the sampler keeps to it.

    `share` of all training names of its kind, shortest and longest in letters, and the letters
    that ever ended one.
    """

    share: float
    shortest: int
    longest: int
    finals: str
