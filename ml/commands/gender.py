"""``python -m ml gender``: the classifier of given names."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import (
    JsonOption,
    ProgressOption,
    SeedOption,
    check_folder,
    kind_errors,
    print_json,
)
from ml.commands.progress import ProgressStyle, show_progress
from ml.gender.classifier import (
    SHIPPED_GENDER_MODEL,
    guess_genders,
    load_gender_model,
    save_gender_model,
)
from ml.gender.training import evaluate_gender, train_gender
from ml.names.records import GENDERS, read_records


def gender(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Given names.")
    ] = None,
    model: Annotated[
        Path, typer.Option(metavar="FILE", help="The classifier's weights.")
    ] = SHIPPED_GENDER_MODEL,
    train_anew: Annotated[
        bool, typer.Option("--train", help="Train it first, and write it to --model.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the confusion matrix, PNG or SVG.")
    ] = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Guess the gender of given names; without a NAME, score the test split and the baseline."""
    with kind_errors():
        for path in (model, plot):
            if path is not None:
                check_folder(path)
        if train_anew:
            with show_progress(progress) as report:
                save_gender_model(train_gender(read_records(), seed=seed, report=report), model)
        classifier = load_gender_model(model)
        if plot is not None or not names:
            judged = evaluate_gender(classifier, read_records())
        if plot is not None:
            from ml.training.plots import plot_confusion  # Matplotlib takes a second to load

            plot_confusion(judged.confusion, GENDERS, plot)
        guesses = guess_genders(classifier, names or [])
    if names and as_json:
        print_json({"names": [asdict(guess) for guess in guesses]})
    elif names:
        for guess in guesses:
            print(f"{guess.name} {guess.gender} {guess.probability:.3f}")
    elif as_json:
        print_json(judged.as_json())
    else:
        print(judged)
