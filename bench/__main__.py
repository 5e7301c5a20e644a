"""``python -m bench [NAME ...]``: tables of ratios, each of two things measured in one run."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from bench import (
    again,
    attack,
    believability,
    cases,
    data,
    flood,
    gate,
    growth,
    judging,
    labels,
    latency,
    learning,
    people,
    personal,
    picture,
    reading,
    sampling,
    startup,
    training,
    trials,
)

Benchmark: TypeAlias = Callable[[], list[Table]]

_BENCHMARKS: dict[str, Benchmark] = {
    "again": again.tables,
    "attack": attack.tables,
    "sampling": sampling.tables,
    "latency": lambda: asyncio.run(latency.tables()),
    "training": training.tables,
    "believability": believability.tables,
    "learning": learning.tables,
    "gate": gate.tables,
    "data": data.tables,
    "judging": judging.tables,
    "labels": labels.tables,
    "cases": cases.tables,
    "picture": picture.tables,
    "growth": lambda: asyncio.run(growth.tables()),
    "trials": trials.tables,
    "people": lambda: asyncio.run(people.tables()),
    "personal": lambda: asyncio.run(personal.tables()),
}
# Asked for by name: they train many models or read all the packages, for minutes, or want a reader.
_SLOW = {
    *("again", "cases", "data", "flood", "gate", "growth"),
    *("judging", "labels", "learning", "people", "personal", "reading", "trials"),
}


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Some of: {', '.join([*_BENCHMARKS, 'startup', 'flood', 'reading'])}."
        ),
    ] = None,
    beside: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Another checkout, to run beside this one.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of reading: write a sheet to be read.")
    ] = None,
    score: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of reading: score a sheet that was read.")
    ] = None,
) -> None:
    """Run benchmarks: those named, or all but the slow ones."""
    console = Console(width=110)
    benchmarks: dict[str, Benchmark] = {
        **_BENCHMARKS,
        "startup": lambda: asyncio.run(startup.tables(beside)),
        "flood": lambda: asyncio.run(flood.tables(beside)),
        "reading": lambda: reading.tables(out, score),
    }
    for name in names or [name for name in benchmarks if name not in _SLOW]:
        if name not in benchmarks:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(benchmarks)}")
        for table in benchmarks[name]():
            console.print(table)


if __name__ == "__main__":
    typer.run(main)
