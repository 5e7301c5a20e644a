"""What `python -m ml finetune` says: its result, for whoever reads it on the other side of a pipe.

The command prints these models and the bot reads them back; neither has a copy of its own. Reading
is strict, for a child process can be damaged or replaced: exact types and finite numbers. Progress
is `ml.progress.Step`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self, TypeAlias

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
    like_rate: float
    distinct_share: float


class Condition(_Said):
    """One condition of the gate, with its figure before and after."""

    passed: bool
    before: float
    after: float
    limit: float | None = None


class LikeRate(Condition):
    """The like rate that was logged and what is estimated of the new model.

    `low` and `high` are the interval of 95% around the estimate, `effective` as how many ratings of
    the new model's own names those count for. `probability` is that of the ratings holding a taste.
    """

    low: float
    high: float
    effective: float
    probability: float


class Verdict(_Said):
    """Whether a model may replace another, and why.

    `likelihood_in_all` is that against the model that was first of all, if it is another one.
    """

    likelihood: Condition
    likelihood_in_all: Condition | None = None
    like_rate: LikeRate
    diversity: Condition

    @property
    def passed(self) -> bool:
        """Whether all conditions hold."""
        return not self.failed

    @property
    def failed(self) -> list[str]:
        """The names of the conditions that do not hold."""
        return [name for name, condition in self if condition and not condition.passed]


AdviceCode: TypeAlias = Literal["few", "contradictory", "no_gain", "far", "forgets", "repeats"]


class Advice(_Said):
    """What to do about a refusal; `more` are the ratings that may be missing.

    The codes: too `few` ratings to tell a taste from chance; they are `contradictory`; the new
    model has `no_gain` by a taste that is there; it went too `far` from the first of all, `forgets`
    real names, or `repeats` itself.
    """

    code: AdviceCode
    more: NonNegativeInt


TraitKind: TypeAlias = Literal["letter", "first", "last", "length"]


class Trait(_Said):
    """A share of names that changed: those with a `letter`, that as first or last, or a length."""

    kind: TraitKind
    value: str
    before: float
    after: float


class RatingCounts(_Said):
    """What the ratings came to; `skipped` ones were of names that the model cannot have written."""

    total: NonNegativeInt
    likes: NonNegativeInt
    dislikes: NonNegativeInt
    names: NonNegativeInt
    # Stored reports from before this was told have none.
    skipped: NonNegativeInt = 0


class FinetuneReport(_Said):
    """The result of a run that came to its end; `gate` decides whether it `passed`.

    `advice` says what to do about a refusal. The samples are some names of either model, `traits`
    what the new one's have clearly more or less often.
    """

    passed: bool
    seconds: NonNegativeFloat
    ratings: RatingCounts
    before: Figures
    after: Figures
    gate: Verdict
    advice: Advice | None = None
    samples_before: list[str] = []
    samples_after: list[str] = []
    traits: list[Trait] = []

    @model_validator(mode="after")
    def _verdict_follows_from_the_gate(self) -> Self:
        if self.passed != self.gate.passed:
            raise ValueError("the verdict contradicts the gate")
        return self
