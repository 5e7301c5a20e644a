"""``python -m ml lab``: the study guide's experiments."""

from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import ProgressOption, kind_errors
from ml.commands.progress import ProgressStyle, show_progress
from ml.lab.names import ExperimentName
from ml.names.records import read_records


def lab(
    experiment: Annotated[
        ExperimentName | None,
        typer.Argument(metavar="EXPERIMENT", help="All of them by default."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="The same code with hardly any training: minutes.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Default: docs/lab, or build/lab with --quick."),
    ] = None,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Rerun the study guide's experiments; write their tables and plots."""
    from ml.lab.catalog import run_experiments  # Matplotlib takes a second to load
    from ml.lab.experiment import FULL, QUICK, Material

    folder = out or Path("build/lab" if quick else "docs/lab")
    asked = [experiment] if experiment else [*ExperimentName]
    command = " ".join(["python -m ml lab", *([experiment] if experiment else [])])
    with kind_errors():
        material = Material(tuple(read_records()))
        with show_progress(progress) as report:
            run_experiments(
                asked,
                material,
                QUICK if quick else FULL,
                folder,
                command + " --quick" * quick,
                report,
            )
    print(f"{folder}: {', '.join(asked)}")
