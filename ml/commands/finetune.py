"""``python -m ml finetune``: a model that learns from ratings, if it passes the gate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import (
    JsonOption,
    ModelArgument,
    OutOption,
    ProgressOption,
    SeedOption,
    check_folder,
    kind_errors,
    print_json,
)
from ml.learning.finetuning import finetune as finetune_model
from ml.learning.ratings import read_ratings
from ml.models.checkpoint import ModelFileError, load_model, save_model
from ml.progress import ProgressStyle, show_progress
from ml.text_commands import is_of_text


def finetune(
    model: ModelArgument,
    ratings: Annotated[Path, typer.Option(metavar="FILE", help="JSON lines, a rating each.")],
    out: OutOption,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Teach a model what people liked; the result is written only if it passes the gate."""
    with kind_errors():
        check_folder(out)
        base = load_model(model)
        if is_of_text(base):
            raise ModelFileError(f"{model}: a model of a text, which nobody rates")
        given = read_ratings(ratings)
        with show_progress(progress) as report:
            result = finetune_model(base, given, seed=seed, report=report)
        if result.gate.passed:
            save_model(result.model, out)
    if as_json:
        print_json(result.as_json())
    else:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        print(f"accepted: {out}" if result.gate.passed else "rejected: nothing was written")
