"""Tables of results: the same rows as CSV for programs and as Markdown for readers."""

import csv
import io
import math
import statistics
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity, measured once a seed."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float | None:
        """The standard deviation over seeds (n - 1); `None` when there was only one."""
        if len(self.values) < 2:
            return None
        return statistics.stdev(self.values) if math.isfinite(self.mean) else math.nan


Value: TypeAlias = str | int | float | Measured


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and how its numbers are printed (a format specification such as ``.3f``)."""

    title: str
    spec: str = ".3f"


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; every row is as long as `columns`."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def csv(self) -> str:
        """Full precision; a measured column is followed by one with its spread."""
        measured = [
            any(isinstance(row[place], Measured) for row in self.rows)
            for place in range(len(self.columns))
        ]
        heading: list[str] = []
        for column, has_spread in zip(self.columns, measured, strict=True):
            heading += [column.title, f"{column.title}: разброс"] if has_spread else [column.title]
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        for row in self.rows:
            cells: list[str | float | None] = []
            for value, has_spread in zip(row, measured, strict=True):
                if isinstance(value, Measured):
                    cells += [value.mean, value.spread]
                else:
                    cells += [value, None] if has_spread else [value]
            writer.writerow(cells)
        return file.getvalue()

    def markdown(self) -> str:
        """A heading and a table, ``mean ± spread`` in each measured cell."""
        lines = [
            f"### {self.title}",
            "",
            _line([column.title for column in self.columns]),
            _line([_rule(place, self.rows) for place in range(len(self.columns))]),
        ]
        for row in self.rows:
            cells = zip(row, self.columns, strict=True)
            lines.append(_line([_print(value, column.spec) for value, column in cells]))
        return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(place: int, rows: tuple[tuple[Value, ...], ...]) -> str:
    return "---" if all(isinstance(row[place], str) for row in rows) else "---:"


def _print(value: Value, spec: str) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, Measured):
        return str(value) if isinstance(value, int) else format(value, spec)
    if not math.isfinite(value.mean):
        return "нет числа"
    spread = "" if value.spread is None else f" ± {value.spread:{spec}}"
    return f"{value.mean:{spec}}{spread}"
