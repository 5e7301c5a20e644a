"""``python -m ml train``: a network for the shipped names, a list of names, or a text."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ml.commands.contract import (
    JsonOption,
    OutOption,
    ProgressOption,
    SeedOption,
    check_folder,
    kind_errors,
    print_json,
)
from ml.commands.progress import ProgressStyle, show_progress
from ml.corpora.corpus import Corpus, corpus_of_names, corpus_of_records
from ml.corpora.text import TextCorpus, corpus_of_text, read_text
from ml.errors import WrongOptions
from ml.models.checkpoint import save_model
from ml.models.network_config import Cell
from ml.names.records import read_name_list, read_records
from ml.networks.network import Impl
from ml.training.recipes import Regime, choose_recipe, choose_text_recipe
from ml.training.trainer import train as train_model


def train(
    out: OutOption,
    names: Annotated[
        Path | None, typer.Option(metavar="FILE", help="UTF-8 text, one name a line.")
    ] = None,
    valid: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Names to stop by; else some of --names are held out."),
    ] = None,
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="UTF-8 text, a book: read in streams.")
    ] = None,
    cell: Annotated[Cell, typer.Option(help="The recurrent cell.")] = "lstm",
    impl: Annotated[
        Impl, typer.Option(help="torch.nn's cells, or those of ml/networks/cells.py.")
    ] = "torch",
    regime: Annotated[
        Regime | None,
        typer.Option(
            help="Each name by itself (default), or one text with the state carried (with --text)."
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=10_000, help="Cut training short after this; else all epochs are trained."
        ),
    ] = None,
    seed: SeedOption = 0,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the loss curves, PNG or SVG.")
    ] = None,
    as_json: JsonOption = False,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Train a network: on the shipped names, on any list of names, or on any text."""
    with kind_errors():
        for path in (out, plot):
            if path is not None:
                check_folder(path)
        corpus: Corpus | TextCorpus
        if text is None:
            corpus = _read_corpus(names, valid)
            recipe = choose_recipe(corpus, regime or "independent")
        else:
            if names is not None or valid is not None or regime == "independent":
                raise WrongOptions(
                    "--text is read in streams and judged by its tail: no --names, no --valid,"
                    " no --regime independent"
                )
            corpus = corpus_of_text(read_text(text))
            recipe = choose_text_recipe(corpus)
        recipe = replace(
            recipe,
            network=replace(recipe.network, cell=cell),
            impl=impl,
            minutes=minutes,
        )
        with show_progress(progress) as report:
            result = train_model(corpus, recipe, seed=seed, report=report)
        save_model(result.model, out)
        if plot is not None:
            from ml.training.plots import plot_curves  # Matplotlib takes a second to load

            plot_curves(result.curves, plot)
    metrics = result.model.metrics
    if as_json:
        print_json({"out": str(out), **metrics})
    else:
        print(f"{out}: {summary(metrics)}")


def summary(metrics: Mapping[str, Any]) -> str:
    """How a training went, in one line."""
    if "valid_symbols" in metrics:
        held_out = f"the last {metrics['valid_symbols']} symbols"
    else:
        held_out = f"{metrics['valid_names']} held-out names"
    epochs = f"{metrics['epochs']} of {metrics['planned_epochs']} epochs"
    if metrics["cut_short_by_minutes"]:
        epochs += " (cut short by --minutes)"
    elif metrics["epochs"] < metrics["planned_epochs"]:
        epochs += " (no longer improving)"
    return (
        f"{metrics['valid_nats_per_symbol']:.4f} nats per symbol on {held_out}, {epochs},"
        f" {metrics['seconds']:.0f} s"
    )


def _read_corpus(names: Path | None, valid: Path | None) -> Corpus:
    if names is None:
        if valid is not None:
            raise WrongOptions("--valid goes with --names: the shipped list has its own split")
        return corpus_of_records(read_records())
    held_out = None if valid is None else read_name_list(valid)
    return corpus_of_names(read_name_list(names), held_out)
