"""Showing progress: a bar on a terminal, plain lines in a log, JSON for a program.

Everything goes to standard error; standard output belongs to the result.
"""

import sys
import time
from collections.abc import Callable, Iterator
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
def show_progress(
    style: ProgressStyle = ProgressStyle.auto, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Report]:
    """A function that shows each `Step` given to it on standard error."""
    if style is ProgressStyle.auto:
        style = ProgressStyle.bar if sys.stderr.isatty() else ProgressStyle.plain
    if style is ProgressStyle.json:
        yield _print_json
    elif style is ProgressStyle.plain:
        yield _plain_lines(clock)
    else:
        columns = (
            TextColumn("{task.fields[phase]:>8}"),
            BarColumn(20),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}  {task.fields[message]}"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", phase="", left="", message="")
            time_left = _TimeLeft(clock)

            def update(step: Step) -> None:
                bar.update(
                    task,
                    completed=step.done,
                    total=step.total,
                    phase=step.phase,
                    left=time_left.after(step),
                    message=step.message,
                )

            yield update


def _print_json(step: Step) -> None:
    print(STEP.dump_json(step).decode(), file=sys.stderr, flush=True)


def _plain_lines(clock: Callable[[], float]) -> Report:
    printed_at = 0.0
    printed_phase = ""
    time_left = _TimeLeft(clock)

    def report(step: Step) -> None:
        nonlocal printed_at, printed_phase
        now = clock()
        said = [f"{step.phase} {step.done}/{step.total} {step.message}", time_left.after(step)]
        finished = step.done >= step.total
        if finished or step.phase != printed_phase or now - printed_at >= _SECONDS_BETWEEN_LINES:
            printed_at, printed_phase = now, step.phase
            print(", ".join(filter(None, said)), file=sys.stderr)

    return report


class _TimeLeft:
    """Expects the rest of a phase to go as fast as what was seen of it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._first: Step | None = None
        self._began = 0.0

    def after(self, step: Step) -> str:
        """How long the phase will still take after `step`; nothing while that cannot be told."""
        now = self._clock()
        if self._first is None or step.phase != self._first.phase:
            self._first, self._began = step, now
        done = step.done - self._first.done
        seconds = now - self._began
        if done <= 0 or step.done >= step.total or seconds < _SECONDS_BETWEEN_LINES:
            return ""
        left = seconds / done * (step.total - step.done)
        return f"about {left:.0f} s left" if left < 90 else f"about {left / 60:.0f} min left"
