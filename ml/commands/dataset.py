"""``python -m ml dataset``: rebuild the shipped list of names, and what is known of all names."""

from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import check_folder, kind_errors
from ml.models.checkpoint import write_whole
from ml.names.known import SHIPPED_KNOWN, facts_of
from ml.names.records import SHIPPED_NAMES, write_records


def dataset(
    out: Annotated[Path, typer.Option(help="The names CSV to write.")] = SHIPPED_NAMES,
    known: Annotated[
        Path, typer.Option(help="The fingerprints of known names and plain words to write.")
    ] = SHIPPED_KNOWN,
) -> None:
    """Rebuild the list of names from the packages it comes from; print what was kept and why."""
    # The sources are a development-only extra.
    from ml.dataset.build import build_dataset
    from ml.dataset.curated import read_curated
    from ml.dataset.known import build_known
    from ml.dataset.sources import read_sources, read_words

    with kind_errors():
        check_folder(out)
        check_folder(known)
        raw, curated = list(read_sources()), read_curated()
        records, report = build_dataset(raw, curated)
        lists = build_known(raw, records, read_words(), curated)
        write_records(records, out)
        write_whole(facts_of(lists).tobytes(), known)
    for line in report.lines():
        print(line)
    for which, names in lists.items():
        print(f"{' '.join(which) if isinstance(which, tuple) else which}: {len(names):,} known.bin")
