"""From the raw rows of the packages to the records of ``ml/data/names.csv``."""

from collections.abc import Iterable

from ml.dataset.candidates import collect
from ml.dataset.curated import Curated, read_curated
from ml.dataset.given import build_given
from ml.dataset.patronymics import build_patronymics
from ml.dataset.report import DatasetReport
from ml.dataset.sources import RawName, read_sources
from ml.dataset.surnames import build_surnames
from ml.names.records import NameRecord, fold


def build_dataset(
    raw: Iterable[RawName] | None = None, curated: Curated | None = None
) -> tuple[list[NameRecord], DatasetReport]:
    """Build the data set, by default from the installed packages and our own lists.

    The same rows and lists always give the same records. Takes about two minutes.

    Returns:
        The records sorted by kind, folded name and gender; and the report.

    Raises:
        ml.dataset.sources.SourcesMissing: the extra ``data`` is not installed.
    """
    raw = read_sources() if raw is None else raw
    curated = read_curated() if curated is None else curated
    report = DatasetReport()
    candidates = collect(raw, report)
    given = build_given(candidates, curated, report)
    patronymics = build_patronymics(candidates["patronymic"], given)
    surnames = build_surnames(candidates["surname"], given, patronymics, curated, report)
    records = [*given, *patronymics, *surnames]
    records.sort(key=lambda record: (record.kind, fold(record.name), record.gender))
    report.count_kept(records)
    return records, report
