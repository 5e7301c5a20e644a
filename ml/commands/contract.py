"""What all commands keep to: options of one meaning, JSON on one line, exit code 2 on bad input."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ml.commands.progress import ProgressStyle
from ml.errors import ImyarekError

ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="A .safetensors model file.")]
OutOption = Annotated[Path, typer.Option(metavar="MODEL", help="Where to write the model file.")]
SeedOption = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed, the same run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, on one line.")]
ProgressOption = Annotated[
    ProgressStyle, typer.Option(help="How to show progress, on standard error.")
]


@contextmanager
def kind_errors() -> Iterator[None]:
    """Turn what a person can mend into one sentence on standard error and exit code 2."""
    try:
        yield
    except (ImyarekError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def check_folder(path: Path) -> None:
    """Refuse a path that cannot be written to: before minutes of work, not after them.

    Raises:
        OSError: it is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file to write")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"{path.absolute().parent}: there is no such folder")


def print_json(result: Mapping[str, Any]) -> None:
    """Print the one object that ``--json`` promises."""
    print(json.dumps(result, ensure_ascii=False))
