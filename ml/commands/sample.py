"""``python -m ml sample``: new names, or a text gone on with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import JsonOption, ModelArgument, check_folder, kind_errors, print_json
from ml.errors import TooFewNames
from ml.models.checkpoint import load_model
from ml.names.records import Gender, Kind, Origin
from ml.writing.generator import NameGenerator, NameRequest, SamplingSettings
from ml.writing.text_state import continue_text

_TEXT_LENGTH = 500


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
        bool, typer.Option("--novel", help="Only names that were found nowhere.")
    ] = False,
    uncensored: Annotated[
        bool, typer.Option("--uncensored", help="Also what is not decent, for research.")
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
    with kind_errors():
        loaded = load_model(model)
        request = NameRequest(
            prefix=prefix,
            gender=gender,
            kind=kind,
            origin=origin,
            count=count,
            novel_only=novel,
            settings=settings,
            uncensored=uncensored,
        )
        if length is not None or state is not None or loaded.alphabet.of_text:
            if state is not None:
                check_folder(state)
            written = continue_text(loaded, request, length or _TEXT_LENGTH, state, seed)
            if as_json:
                print_json({"prefix": prefix, "text": written})
            else:
                _print_text(prefix + written)
            return
        sampled = NameGenerator(loaded).sample(request, seed=seed)
        if len(sampled) < count:
            raise TooFewNames(f"only {len(sampled)} of {count} such names were found")
    if as_json:
        rows = [
            {
                "name": s.name,
                "gender": s.gender,
                "status": s.status,
                "novel": s.novel,
                "log_prob": s.log_prob,
            }
            for s in sampled
        ]
        print_json({"names": rows})
    else:
        for s in sampled:
            print(s.name)


def _print_text(text: str) -> None:
    """Without a line end, so that pieces join; a terminal gets one."""
    print(text, end="\n" if sys.stdout.isatty() else "")
