"""Telling how far a long job is: a bar on a terminal, plain lines in a log, JSON for a program.

Everything goes to standard error; standard output belongs to the result.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

_SECONDS_BETWEEN_LINES = 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` in one phase of a job, with a short human `message`."""

    phase: str
    done: int
    total: int
    message: str = ""


Report: TypeAlias = Callable[[Step], None]


class ProgressStyle(StrEnum):
    """How progress is shown; ``auto`` is a bar on a terminal and plain lines elsewhere."""

    auto = "auto"
    bar = "bar"
    plain = "plain"
    json = "json"


def silent(step: Step) -> None:
    """Show nothing."""


@contextmanager
def show_progress(style: ProgressStyle = ProgressStyle.auto) -> Iterator[Report]:
    """A function that shows each `Step` given to it on standard error."""
    if style is ProgressStyle.auto:
        style = ProgressStyle.bar if sys.stderr.isatty() else ProgressStyle.plain
    if style is ProgressStyle.json:
        yield _print_json
    elif style is ProgressStyle.plain:
        yield _plain_lines()
    else:
        columns = (
            TextColumn("{task.fields[phase]:>8}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%  {task.fields[message]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", phase="", message="")

            def update(step: Step) -> None:
                bar.update(
                    task,
                    completed=step.done,
                    total=step.total,
                    phase=step.phase,
                    message=step.message,
                )

            yield update


def _print_json(step: Step) -> None:
    print(json.dumps(asdict(step), ensure_ascii=False), file=sys.stderr, flush=True)


def _plain_lines() -> Report:
    printed_at = 0.0
    printed_phase = ""

    def report(step: Step) -> None:
        nonlocal printed_at, printed_phase
        now = time.monotonic()
        finished = step.done >= step.total
        if finished or step.phase != printed_phase or now - printed_at >= _SECONDS_BETWEEN_LINES:
            printed_at, printed_phase = now, step.phase
            print(f"{step.phase} {step.done}/{step.total} {step.message}", file=sys.stderr)

    return report
