"""Would a person believe it? A sheet of names to be read blind, and what the marks come to.

``python -m bench reading --out SHEET.csv`` writes shuffled names with the gender beside each, and
which is which into ``SHEET.key.csv``, which the reader does not open: 100 novel names among those
that ``/name`` shows, 100 among those after prefixes that people write, 100 rare real names that the
model was not trained on, and 50 that the judge has not seen: they tell how strict a reader is. The
reader puts ``1`` into ``accepted`` where it could be the given name of such a person,
``0`` where it could not, and may say why. ``--score SHEET.csv`` reads the marks.

Likelihood and classifiers do not see what a reader sees; this is the figure that counts.
"""

import csv
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

from rich.table import Table

from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.records import GENDERS, Gender, NameRecord, read_records
from ml.writing.generator import NameGenerator, NameRequest

_EACH = 100
_TRIES = 10  # to be shown a novel name for a request
# Fewer bearers than this are rare.
_RARE = 1_000
# What people write before a name: every first letter, and two letters as often hard as easy.
PREFIXES = (
    *"АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ",
    *("Ев", "Ал", "Ма", "Ан", "Яр", "Св", "Ми", "Да", "Ве", "Ни", "Ро", "Вл", "Со", "Та", "Ол"),
    *("Иг", "Жа", "Ци", "Ще", "По", "Бо", "Гл", "Зо", "Ку", "Лю", "Не", "Пе", "Ра", "Ст", "Ти"),
    *("Ум", "Фе", "Хо", "Че", "Эл", "Юл", "Яс", "Ав", "Бр", "Гр", "Ер", "Жд"),
)
_SHEET = ("number", "name", "gender", "accepted", "why")
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Entry:
    """A name on the sheet, and where it comes from.

    That is ``default``, ``prefix``, ``real`` or ``unjudged``.
    """

    name: str
    gender: Gender
    group: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many of a group were rejected, with the Wilson interval of 95% (Wilson 1927)."""

    names: int
    rejected: int

    @property
    def share(self) -> float:
        """The share that was rejected."""
        return self.rejected / self.names

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share probably lies."""
        n, p = self.names, self.share
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return middle - half, middle + half


def write_sheet(path: Path, *, seed: int) -> None:
    """Write a sheet to `path`, and its key beside it."""
    entries = list(choose_entries(load_model(SHIPPED_MODEL), read_records(), seed=seed))
    random.Random(seed).shuffle(entries)  # noqa: S311 - nothing to guess
    _write(path, _SHEET, ((i, e.name, e.gender, "", "") for i, e in enumerate(entries, start=1)))
    _write(
        key_of(path), ("number", "group"), ((i, e.group) for i, e in enumerate(entries, start=1))
    )


def choose_entries(
    model: NameModel, records: Iterable[NameRecord], *, seed: int, each: int = _EACH
) -> Iterator[Entry]:
    """The names of one sheet, group by group; none comes twice, men and women in equal number."""
    generator = NameGenerator(model)
    seen: set[str] = set()

    def novel(group: str, requests: Iterable[NameRequest]) -> Iterator[Entry]:
        numbers = count(100_000 * seed)
        for request in requests:
            # A prefix that begins no known name must not come oftener for it than the others.
            for number in islice(numbers, _TRIES):
                (shown,) = generator.generate(request, seed=number).names
                if shown.novel and shown.name not in seen and shown.gender:
                    seen.add(shown.name)
                    yield Entry(shown.name, shown.gender, group)
                    break

    rng = random.Random(seed)  # noqa: S311
    plain = [NameRequest(gender=gender) for gender in GENDERS]
    by_default = (plain[i % 2] for i in count())
    after_prefixes = (replace(plain[i % 2], prefix=rng.choice(PREFIXES)) for i in count())
    unjudged = (replace(plain[i % 2], judged=False) for i in count())
    yield from islice(novel("default", by_default), each)
    yield from islice(novel("prefix", after_prefixes), each)
    yield from islice(novel("unjudged", unjudged), each // 2)
    rare = [
        record
        for record in records
        if record.kind == "given"
        and record.origin == "russian"
        and record.split != "train"
        and record.count < _RARE
    ]
    rng.shuffle(rare)
    for record in rare[:each]:
        yield Entry(record.name, record.gender, "real")


def score_sheet(path: Path) -> dict[str, Rejection]:
    """What the marks come to, by group.

    Raises:
        ValueError: a name has no mark.
    """
    groups = {row["number"]: row["group"] for row in _read(key_of(path))}
    counts: dict[str, list[int]] = {}
    for row in _read(path):
        if row["accepted"].strip() not in {"0", "1"}:
            raise ValueError(f"{path}: the name {row['number']} has no mark")
        count = counts.setdefault(groups[row["number"]], [0, 0])
        count[0] += 1
        count[1] += row["accepted"].strip() == "0"
    return {group: Rejection(*count) for group, count in sorted(counts.items())}


def tables(out: Path | None = None, score: Path | None = None) -> list[Table]:
    """Write a sheet, or print what became of one."""
    if out is not None:
        write_sheet(out, seed=random.SystemRandom().randrange(2**31))
    if score is None:
        return []
    table = Table("", "names", "rejected", "95%", "beyond real", title=f"Read blind: {score.name}")
    rejections = score_sheet(score)
    for group, rejection in rejections.items():
        low, high = rejection.interval
        beyond = rejection.share - rejections["real"].share
        table.add_row(
            group,
            str(rejection.names),
            f"{rejection.share:.1%}",
            f"{low:.1%} to {high:.1%}",
            f"{100 * beyond:+.1f} points",
        )
    return [table]


def key_of(sheet: Path) -> Path:
    """Where the key of a sheet is."""
    return sheet.with_suffix(".key.csv")


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
