"""How far a long job is, as data: for a bar, a log, or a program at the other end of a pipe."""

from collections.abc import Callable
from typing import TypeAlias

from pydantic import ConfigDict, NonNegativeInt, PositiveInt, TypeAdapter
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, slots=True, config=ConfigDict(strict=True))
class Step:
    """`done` of `total` in one phase of a job, with a short human `message`."""

    phase: str
    done: NonNegativeInt
    total: PositiveInt
    message: str = ""

    @property
    def share(self) -> float:
        """The part of the phase that is done, from 0 to 1."""
        return min(self.done / self.total, 1.0)


# What is told of each step.
Report: TypeAlias = Callable[[Step], None]

STEP = TypeAdapter(Step)
"""Reads and writes steps as JSON."""


def silent(step: Step) -> None:
    """Show nothing."""
