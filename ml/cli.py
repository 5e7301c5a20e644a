"""The commands of ``python -m ml``: parse, call, print."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ml.checkpoint import ModelFileError, load_model, save_model
from ml.corpus import Corpus, corpus_of_names, corpus_of_records
from ml.evaluation import Likelihood, compare, evaluate_list, evaluate_seen
from ml.finetuning import finetune as finetune_model
from ml.gender import (
    SHIPPED_GENDER_MODEL,
    UnreadableName,
    guess_genders,
    load_gender_model,
    save_gender_model,
)
from ml.gender_training import evaluate_gender, train_gender
from ml.generator import ImpossiblePrefix, NameGenerator, NameRequest, SamplingSettings
from ml.lab.names import ExperimentName
from ml.model import Cell, Impl
from ml.names import (
    GENDERS,
    KINDS,
    SHIPPED_NAMES,
    Gender,
    Kind,
    NamesFileError,
    Origin,
    read_name_list,
    read_records,
    write_records,
)
from ml.progress import ProgressStyle, show_progress
from ml.ratings import RatingsFileError, read_ratings
from ml.recipes import choose_recipe, choose_text_recipe
from ml.regimes import Regime
from ml.text import TextCorpus, TextFileError, corpus_of_text, read_text
from ml.text_commands import continue_text, evaluate_text, is_of_text
from ml.text_state import StateFileError
from ml.training import train as train_model

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Train a char-LSTM on names, ask it for new ones, teach it by ratings.",
)

_TEXT_LENGTH = 500

ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="A .safetensors model file.")]
OutOption = Annotated[Path, typer.Option(metavar="MODEL", help="Where to write the model file.")]
SeedOption = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed, the same run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, on one line.")]
ProgressOption = Annotated[
    ProgressStyle, typer.Option(help="How to show progress, on standard error.")
]


@app.command()
def dataset(
    out: Annotated[Path, typer.Option(help="The names CSV to write.")] = SHIPPED_NAMES,
) -> None:
    """Rebuild the list of names from the packages it comes from; print what was kept and why."""
    from ml.dataset.build import build_dataset  # the sources are a development-only extra
    from ml.dataset.sources import SourcesMissing

    with _kind_errors(SourcesMissing):
        _check_folder(out)
        records, report = build_dataset()
        write_records(records, out)
    for line in report.lines():
        print(line)


@app.command()
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
        Impl, typer.Option(help="torch.nn's cells, or those of ml/cells.py.")
    ] = "torch",
    regime: Annotated[
        Regime | None,
        typer.Option(
            help="Each name by itself (default), or one text with the state carried (with --text)."
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, max=10_000, help="Train no longer than this.")
    ] = None,
    seed: SeedOption = 0,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the loss curves, PNG or SVG.")
    ] = None,
    as_json: JsonOption = False,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Train a network: on the shipped names, on any list of names, or on any text."""
    with _kind_errors():
        for path in (out, plot):
            if path is not None:
                _check_folder(path)
        corpus: Corpus | TextCorpus
        if text is None:
            corpus = _read_corpus(names, valid)
            recipe = choose_recipe(corpus)
        else:
            if names is not None or valid is not None or regime == "independent":
                raise TextFileError(
                    "--text is read in streams and judged by its tail: no --names, no --valid,"
                    " no --regime independent"
                )
            corpus = corpus_of_text(read_text(text))
            recipe = choose_text_recipe(corpus)
        recipe = replace(
            recipe,
            network=replace(recipe.network, cell=cell),
            impl=impl,
            regime=regime or recipe.regime,
            minutes=recipe.minutes if minutes is None else minutes,
        )
        with show_progress(progress) as report:
            result = train_model(corpus, recipe, seed=seed, report=report)
        save_model(result.model, out)
        if plot is not None:
            from ml.plots import plot_curves  # Matplotlib takes a second to load

            plot_curves(result.curves, plot)
    metrics = result.model.metrics
    if as_json:
        _print_json({"out": str(out), **metrics})
    else:
        print(
            f"{out}: {metrics['valid_nats_per_symbol']:.4f} nats per symbol on"
            f" {_held_out(metrics)}, {metrics['epochs']} epochs,"
            f" {result.seconds:.0f} s"
        )


@app.command()
def evaluate(
    model: ModelArgument,
    names: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Score these names, one a line.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Score this text, the state carried.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score held-out names; without --names the shipped test split, the baselines beside it."""
    with _kind_errors():
        loaded = load_model(model)
        if text is not None:
            likelihood = evaluate_text(loaded, read_text(text))
            if as_json:
                _print_json(likelihood.as_json())
            else:
                print(f"{text}: {likelihood}")
            return
        if is_of_text(loaded):
            raise ModelFileError(f"{model}: a model of a text, which --text is to give")
        if names is not None:
            scored = read_name_list(names)
            parts = {"all": evaluate_list(loaded, scored), **evaluate_seen(loaded, scored)}
            if as_json:
                whole = parts.pop("all").as_json()
                _print_json({**whole, **{title: part.as_json() for title, part in parts.items()}})
            else:
                _print_likelihoods("names", parts)
            return
        records = read_records()
    kinds = {start.kind for start in loaded.alphabet.starts} & set(KINDS) or {"given"}
    comparisons = {kind: compare(loaded, records, kind) for kind in KINDS if kind in kinds}
    if as_json:
        by_kind = {kind: comparison.as_json() for kind, comparison in comparisons.items()}
        _print_json({**by_kind["given"], "kinds": by_kind})
    else:
        for kind, comparison in comparisons.items():
            _print_likelihoods(
                f"{kind} names, test split",
                {
                    "network": comparison.network,
                    f"Kneser-Ney, order {comparison.order}": comparison.kneser_ney,
                    "bigram table": comparison.bigram,
                },
            )


@app.command()
def sample(
    model: ModelArgument,
    prefix: Annotated[str, typer.Argument(help="How the names begin.")] = "",
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many names.")] = 10,
    gender: Annotated[Gender | None, typer.Option(help="Any by default.")] = None,
    kind: Annotated[Kind, typer.Option()] = "given",
    origin: Annotated[Origin, typer.Option()] = "russian",
    temperature: Annotated[float | None, typer.Option(min=0.01, max=10)] = None,
    top_k: Annotated[int | None, typer.Option(min=1)] = None,
    top_p: Annotated[float | None, typer.Option(min=0.01, max=1)] = None,
    novel: Annotated[
        bool, typer.Option("--novel", help="Only names that are not in the data set.")
    ] = False,
    length: Annotated[
        int | None,
        typer.Option(min=1, max=10_000_000, help="Go on with a text by so many symbols."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Go on with the text where FILE says; keep it there."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Else every call differs.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write names, independent draws; or go on with a text, from a model of a text or as asked.

    A text is written as it is, with no line end of its own. The state file holds the random
    generator, too: --length 50 twice is --length 100 once; --seed counts when FILE is new.
    """
    defaults = SamplingSettings()
    settings = SamplingSettings(
        defaults.temperature if temperature is None else temperature, top_k, top_p
    )
    with _kind_errors():
        loaded = load_model(model)
        request = NameRequest(
            prefix=prefix,
            gender=gender,
            kind=kind,
            origin=origin,
            count=count,
            novel_only=novel,
            settings=settings,
        )
        if length is not None or state is not None or is_of_text(loaded):
            if state is not None:
                _check_folder(state)
            written = continue_text(loaded, request, length or _TEXT_LENGTH, state, seed)
            if as_json:
                _print_json({"prefix": prefix, "text": written})
            else:
                _print_text(prefix + written)
            return
        sampled = NameGenerator(loaded).sample(request, seed=seed)
        if len(sampled) < count:
            raise ImpossiblePrefix(f"only {len(sampled)} of {count} such names were found")
    if as_json:
        rows = [
            {"name": s.name, "gender": s.gender, "novel": s.novel, "log_prob": s.log_prob}
            for s in sampled
        ]
        _print_json({"names": rows})
    else:
        for s in sampled:
            print(s.name)


@app.command()
def finetune(
    model: ModelArgument,
    ratings: Annotated[Path, typer.Option(metavar="FILE", help="JSON lines, a rating each.")],
    out: OutOption,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    progress: ProgressOption = ProgressStyle.auto,
) -> None:
    """Teach a model what people liked; the result is written only if it passes the gate."""
    with _kind_errors():
        _check_folder(out)
        base = load_model(model)
        if is_of_text(base):
            raise ModelFileError(f"{model}: a model of a text, which nobody rates")
        given = read_ratings(ratings)
        with show_progress(progress) as report:
            result = finetune_model(base, given, seed=seed, report=report)
        if result.gate.passed:
            save_model(result.model, out)
    if as_json:
        _print_json(result.as_json())
    else:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        print(f"accepted: {out}" if result.gate.passed else "rejected: nothing was written")


@app.command()
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
    with _kind_errors():
        for path in (model, plot):
            if path is not None:
                _check_folder(path)
        if train_anew:
            with show_progress(progress) as report:
                save_gender_model(train_gender(read_records(), seed=seed, report=report), model)
        classifier = load_gender_model(model)
        if plot is not None or not names:
            judged = evaluate_gender(classifier, read_records())
        if plot is not None:
            from ml.plots import plot_confusion  # Matplotlib takes a second to load

            plot_confusion(judged.confusion, GENDERS, plot)
        guesses = guess_genders(classifier, names or [])
    if names and as_json:
        _print_json({"names": [asdict(guess) for guess in guesses]})
    elif names:
        for guess in guesses:
            print(f"{guess.name} {guess.gender} {guess.probability:.3f}")
    elif as_json:
        _print_json(judged.as_json())
    else:
        print(judged)


@app.command()
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
    with _kind_errors():
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


@contextmanager
def _kind_errors(*more: type[Exception]) -> Iterator[None]:
    """Turn what a user can mend into one sentence on standard error and exit code 2."""
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


def _check_folder(path: Path) -> None:
    """Before minutes of work, not after them."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file to write")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"{path.absolute().parent}: there is no such folder")


def _print_text(text: str) -> None:
    """Without a line end, so that pieces join; a terminal gets one."""
    print(text, end="\n" if sys.stdout.isatty() else "")


def _held_out(metrics: Mapping[str, Any]) -> str:
    if "valid_symbols" in metrics:
        return f"the last {metrics['valid_symbols']} symbols"
    return f"{metrics['valid_names']} held-out names"


def _read_corpus(names: Path | None, valid: Path | None) -> Corpus:
    if names is None:
        if valid is not None:
            raise NamesFileError("--valid goes with --names: the shipped list has its own split")
        return corpus_of_records(read_records())
    held_out = None if valid is None else read_name_list(valid)
    return corpus_of_names(read_name_list(names), held_out)


def _print_json(result: dict[str, Any]) -> None:
    print(json.dumps(result, ensure_ascii=False))


def _print_likelihoods(title: str, likelihoods: dict[str, Likelihood]) -> None:
    table = Table("", "names", "symbols", "unknown", "nats per symbol", "perplexity", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for row, likelihood in likelihoods.items():
        table.add_row(
            row,
            str(likelihood.names),
            str(likelihood.symbols),
            str(likelihood.unknown),
            f"{likelihood.nats_per_symbol:.4f}",
            f"{likelihood.perplexity:.3f}",
        )
    Console().print(table)
