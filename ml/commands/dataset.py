"""``python -m ml dataset``: rebuild the shipped list of names."""

from pathlib import Path
from typing import Annotated

import typer

from ml.commands.contract import check_folder, kind_errors
from ml.names.records import SHIPPED_NAMES, write_records


def dataset(
    out: Annotated[Path, typer.Option(help="The names CSV to write.")] = SHIPPED_NAMES,
) -> None:
    """Rebuild the list of names from the packages it comes from; print what was kept and why."""
    from ml.dataset.build import build_dataset  # the sources are a development-only extra

    with kind_errors():
        check_folder(out)
        records, report = build_dataset()
        write_records(records, out)
    for line in report.lines():
        print(line)
