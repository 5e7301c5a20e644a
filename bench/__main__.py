"""``python -m bench [NAME ...]``: tables of ratios, each of two things measured in one run."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import believability, data, finetuning, latency, sampling, startup, training

_BENCHMARKS: dict[str, Callable[[], list[Table]]] = {
    "sampling": sampling.tables,
    "latency": lambda: asyncio.run(latency.tables()),
    "training": training.tables,
    "startup": lambda: asyncio.run(startup.tables()),
    "believability": believability.tables,
    "finetuning": finetuning.tables,
    "data": data.tables,
}
# Trains many models for minutes; asked for by name.
_SLOW = {"data", "finetuning"}


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Some of: {', '.join(_BENCHMARKS)}.")
    ] = None,
) -> None:
    """Run benchmarks: those named, or all but the slow ones."""
    console = Console(width=110)
    for name in names or [name for name in _BENCHMARKS if name not in _SLOW]:
        if name not in _BENCHMARKS:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(_BENCHMARKS)}")
        for table in _BENCHMARKS[name]():
            console.print(table)


if __name__ == "__main__":
    typer.run(main)
