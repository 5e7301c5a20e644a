"""How much of another list of names the shipped given names have.

``python -m ml.dataset.coverage FILE`` for a text file with one name a line. What is no name by our
own definition does not count: spellings that our lists call an error or a name of endearment, and
what is no Cyrillic word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ml.dataset import rules
from ml.dataset.curated import Curated, read_curated
from ml.names.records import fold, read_name_list, read_records


@dataclass(frozen=True)
class Coverage:
    """Folded names of another list by what ours makes of them, each in alphabetical order."""

    had: list[str]
    missing: list[str]
    refused: list[str]
    """No name by our definition: an error or a name of endearment."""

    @property
    def share(self) -> float:
        """The share of the names that we have, those refused aside; 0 when there are none."""
        names = len(self.had) + len(self.missing)
        return len(self.had) / names if names else 0.0


def coverage(names: Iterable[str], ours: Iterable[str], curated: Curated) -> Coverage:
    """Compare another list of given names with ours; spellings are folded, doubles count once."""
    theirs = sorted({fold(name.strip()) for name in names if rules.is_word(name.strip().lower())})
    have = {fold(name) for name in ours}
    no_names = curated.misspelled | curated.diminutives
    return Coverage(
        had=[name for name in theirs if name in have],
        missing=[name for name in theirs if name not in have and name not in no_names],
        refused=[name for name in theirs if name not in have and name in no_names],
    )


def main(file: Annotated[Path, typer.Argument(help="UTF-8 text, one name a line.")]) -> None:
    """Print the share of FILE's given names that the shipped list has, and those it lacks."""
    given = [record.name for record in read_records() if record.kind == "given"]
    found = coverage(read_name_list(file), given, read_curated())
    print(
        f"{found.share:.1%}: {len(found.had):,} had, {len(found.missing):,} missing, "
        f"{len(found.refused):,} refused as errors or names of endearment"
    )
    print("missing:", " ".join(found.missing))
    print("refused:", " ".join(found.refused))


if __name__ == "__main__":
    typer.run(main)
