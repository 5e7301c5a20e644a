"""What all commands keep to: options of one meaning, JSON on one line, exit code 2 on bad input."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ml.corpora.text import TextFileError
from ml.gender.classifier import UnreadableName
from ml.learning.ratings import RatingsFileError
from ml.models.checkpoint import ModelFileError
from ml.names.records import NamesFileError
from ml.progress import ProgressStyle
from ml.writing.generator import ImpossiblePrefix
from ml.writing.text_state import StateFileError

ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="A .safetensors model file.")]
OutOption = Annotated[Path, typer.Option(metavar="MODEL", help="Where to write the model file.")]
SeedOption = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed, the same run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, on one line.")]
ProgressOption = Annotated[
    ProgressStyle, typer.Option(help="How to show progress, on standard error.")
]


@contextmanager
def kind_errors(*more: type[Exception]) -> Iterator[None]:
    """Turn what a user can mend into one sentence on standard error and exit code 2.

    `more` are errors to treat so beside those of files, names and prefixes.
    """
    mendable: tuple[type[Exception], ...] = (
        NamesFileError,
        ModelFileError,
        RatingsFileError,
        StateFileError,
        TextFileError,
        UnreadableName,
        ImpossiblePrefix,
        OSError,
        *more,
    )
    try:
        yield
    except mendable as error:
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
