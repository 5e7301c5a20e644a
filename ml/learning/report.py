"""What `python -m ml finetune` says: its result, for whoever reads it on the other side of a pipe.

The command prints these models and the bot reads them back; neither has a copy of its own. Reading
is strict, for a child process can be damaged or replaced: exact types and finite numbers. Progress
is `ml.progress.Step`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, model_validator


class Phase(StrEnum):
    """The phases of a run, in their order, as the steps of its progress name them."""

    PREPARE = "prepare"
    TRAIN = "train"
    GATE = "gate"


# Where in the whole run each phase begins and ends.
SPANS: Mapping[str, tuple[float, float]] = {
    Phase.PREPARE: (0.0, 0.1),
    Phase.TRAIN: (0.1, 0.8),
    Phase.GATE: (0.8, 1.0),
}


class _Said(BaseModel):
    # Keys too many are passed over: a later version may say more.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)


class Figures(_Said):
    """What the gate measures of one model; see `ml.learning.gate` for the three."""

    nats_per_symbol: float
    preference: float
    distinct_share: float


class Condition(_Said):
    """One condition of the gate, with its figure before and after."""

    passed: bool
    before: float
    after: float
    limit: float | None = None


class Verdict(_Said):
    """Whether a model may replace another, and why."""

    likelihood: Condition
    preference: Condition
    diversity: Condition

    @property
    def passed(self) -> bool:
        """Whether all conditions hold."""
        return not self.failed

    @property
    def failed(self) -> list[str]:
        """The names of the conditions that do not hold."""
        return [name for name, condition in self if not condition.passed]


class RatingCounts(_Said):
    """What the ratings came to.

    `held_out` of the different `names` were kept for the gate; `skipped` ratings were of names
    that the model could not have written; on `disputed` names the votes cancelled out.
    """

    total: NonNegativeInt
    likes: NonNegativeInt
    dislikes: NonNegativeInt
    names: NonNegativeInt
    held_out: NonNegativeInt
    # Stored reports from before these were told have none.
    skipped: NonNegativeInt = 0
    disputed: NonNegativeInt = 0


class FinetuneReport(_Said):
    """The result of a run that came to its end; `gate` decides whether it `passed`."""

    passed: bool
    seconds: NonNegativeFloat
    ratings: RatingCounts
    before: Figures
    after: Figures
    gate: Verdict

    @model_validator(mode="after")
    def _verdict_follows_from_the_gate(self) -> Self:
        if self.passed != self.gate.passed:
            raise ValueError("the verdict contradicts the gate")
        return self
