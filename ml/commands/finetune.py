"""``python -m ml finetune``: a model that learns from ratings, if it passes the gate."""

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
)
from ml.commands.progress import ProgressStyle, show_progress
from ml.errors import WrongModel
from ml.learning.finetuning import learn_from_ratings
from ml.learning.ratings import read_ratings
from ml.models.checkpoint import load_model, save_model


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
        if base.alphabet.of_text:
            raise WrongModel(f"{model}: a model of a text, which nobody rates")
        given = read_ratings(ratings)
        with show_progress(progress) as report:
            candidate = learn_from_ratings(base, given, seed=seed, report=report)
        result = candidate.report
        if result.passed:
            save_model(candidate.model, out)
    print(result.model_dump_json(exclude_none=True, indent=None if as_json else 2))
    if not as_json:
        print(f"accepted: {out}" if result.passed else "rejected: nothing was written")
