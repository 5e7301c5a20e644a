"""``python -m ml evaluate``: how well a model predicts held-out names, or a text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ml.commands.contract import JsonOption, ModelArgument, kind_errors, print_json
from ml.corpora.text import read_text
from ml.errors import WrongModel
from ml.models.checkpoint import load_model
from ml.models.model import NameModel
from ml.names.records import KINDS, Kind, NameRecord, read_name_list, read_records
from ml.scoring.evaluation import Comparison, compare, evaluate_seen
from ml.scoring.likelihood import Likelihood
from ml.scoring.texts import evaluate_text


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
    with kind_errors():
        loaded = load_model(model)
        if text is not None:
            _show(evaluate_text(loaded, read_text(text)), as_json)
        elif loaded.alphabet.of_text:
            raise WrongModel(f"{model}: a model of a text, which --text is to give")
        elif names is not None:
            _show(evaluate_seen(loaded, read_name_list(names)), as_json)
        else:
            _score_test_split(loaded, read_records(), as_json)


def _show(parts: Mapping[str, Likelihood], as_json: bool) -> None:
    if as_json:
        figures = {title: part.as_json() for title, part in parts.items()}
        print_json({**figures.pop("all"), **figures})
    else:
        _print(_likelihood_table(parts))


def _score_test_split(model: NameModel, records: list[NameRecord], as_json: bool) -> None:
    known = {start.kind for start in model.alphabet.starts} & set(KINDS) or {"given"}
    comparisons = {kind: compare(model, records, kind) for kind in KINDS if kind in known}
    if as_json:
        kinds = {
            kind: {
                **comparison.as_json(),
                "genders": {gender: part.as_json() for gender, part in comparison.genders.items()},
            }
            for kind, comparison in comparisons.items()
        }
        print_json({**comparisons["given"].as_json(), "kinds": kinds})
    else:
        _print(_comparison_table(comparisons))


def _likelihood_table(parts: Mapping[str, Likelihood]) -> Table:
    table = Table("", "names", "symbols", "unknown", "nats per symbol", "perplexity")
    for title, part in parts.items():
        table.add_row(
            title,
            "" if part.names is None else str(part.names),
            *map(str, (part.symbols, part.unknown)),
            f"{part.nats_per_symbol:.4f}",
            f"{part.perplexity:.3f}",
        )
    return table


def _comparison_table(comparisons: Mapping[Kind, Comparison]) -> Table:
    table = Table(
        *("", "names", "symbols"),
        *("model", "network alone", "Kneser-Ney", "bigram"),
        title="Test split, nats per symbol",
        caption="m, f: knowing the gender. Of Kneser-Ney the order in brackets.",
    )
    for kind, comparison in comparisons.items():
        for title, part in [(kind, comparison), *comparison.genders.items()]:
            table.add_row(
                title,
                *map(str, (part.model.names, part.model.symbols)),
                f"{part.model.nats_per_symbol:.4f}",
                f"{part.network_alone.nats_per_symbol:.4f}",
                f"{part.kneser_ney.nats_per_symbol:.4f} ({part.order})",
                f"{part.bigram.nats_per_symbol:.4f}",
            )
        table.add_section()
    return table


def _print(table: Table) -> None:
    for column in table.columns[1:]:
        column.justify = "right"
    Console().print(table)
