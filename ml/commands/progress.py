"""Showing progress: a bar on a terminal, plain lines in a log, JSON for a program.

Everything goes to standard error; standard output belongs to the result.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ml.progress import STEP, Report, Step

_SECONDS_BETWEEN_LINES = 5.0


class ProgressStyle(StrEnum):
    """How progress is shown; ``auto`` is a bar on a terminal and plain lines elsewhere."""

    auto = "auto"
    bar = "bar"
    plain = "plain"
    json = "json"


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
    print(STEP.dump_json(step).decode(), file=sys.stderr, flush=True)


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
