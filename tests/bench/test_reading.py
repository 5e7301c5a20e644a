"""The sheet for a blind reading and what its marks come to."""

import csv
from pathlib import Path

import pytest

from bench.reading import Rejection, choose_entries, key_of, score_sheet
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.records import read_records


def test_a_sheet_holds_three_groups_of_distinct_names_of_both_genders() -> None:
    model, records = load_model(SHIPPED_MODEL), read_records()
    entries = list(choose_entries(model, records, seed=1, each=6))
    assert [entry.group for entry in entries] == [
        *["default"] * 6,
        *["prefix"] * 6,
        *["unjudged"] * 3,
        *["real"] * 6,
    ]
    assert len({entry.name for entry in entries}) == len(entries)
    assert {entry.gender for entry in entries} == {"m", "f"}
    split = {record.name: record.split for record in records if record.kind == "given"}
    assert all(split[entry.name] != "train" for entry in entries if entry.group == "real")
    assert not {entry.name for entry in entries if entry.group != "real"} & split.keys()


def marked(path: Path, marks: list[tuple[str, str]]) -> Path:
    for file, column in ((path, "accepted"), (key_of(path), "group")):
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("number", column))
            writer.writerows((i, m[column == "group"]) for i, m in enumerate(marks, start=1))
    return path


def test_marks_are_counted_by_group(tmp_path: Path) -> None:
    sheet = marked(tmp_path / "a.csv", [("1", "real"), ("0", "default"), (" 1 ", "default")])
    assert score_sheet(sheet) == {"default": Rejection(2, 1), "real": Rejection(1, 0)}
    with pytest.raises(ValueError, match="no mark"):
        score_sheet(marked(tmp_path / "b.csv", [("", "real")]))


def test_the_interval_is_wilson_s() -> None:
    low, high = Rejection(100, 10).interval
    assert low == pytest.approx(0.0552, abs=1e-4)
    assert high == pytest.approx(0.1744, abs=1e-4)
    assert Rejection(50, 0).interval[0] == pytest.approx(0.0, abs=1e-9)
