from pathlib import Path

import pytest

from ml.dataset.curated import LISTS, read_curated
from ml.names.records import fold

EMPTY = (
    "russian",
    "attested",
    "peoples",
    "world",
    "misspelled",
    "diminutives",
    "not_surnames",
    "russian_surnames",
    "peoples_surnames",
    "world_surnames",
    "surnames_with_yo",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in EMPTY:
        (tmp_path / f"{name}.txt").write_text("# nothing yet\n", encoding="utf-8")
    return tmp_path


def test_genders_and_yo_are_read(folder: Path) -> None:
    (folder / "russian.txt").write_text("# remark\nСемён m\n\nМина m\nМина f\n", encoding="utf-8")
    (folder / "surnames_with_yo.txt").write_text("Соловьёв\n", encoding="utf-8")
    curated = read_curated(folder)
    assert curated.russian == {"семен": frozenset("m"), "мина": frozenset("mf")}
    assert curated.with_yo == {"семен": "семён", "соловьев": "соловьёв"}
    assert curated.genders("мина") == {"m", "f"}
    assert curated.genders("иван") == frozenset()


def test_attested_names_are_russian_names(folder: Path) -> None:
    (folder / "russian.txt").write_text("Мина m\n", encoding="utf-8")
    (folder / "attested.txt").write_text("Варнава m\nМина f\n", encoding="utf-8")
    curated = read_curated(folder)
    assert curated.attested == {"варнава", "мина"}
    assert curated.russian == {"мина": frozenset("mf"), "варнава": frozenset("m")}


@pytest.mark.parametrize("line", ["Семён", "Семён x", "Семён m f"])
def test_a_given_name_needs_one_gender(folder: Path, line: str) -> None:
    (folder / "world.txt").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Семён"):
        read_curated(folder)


def test_shipped_lists_do_not_contradict_each_other() -> None:
    curated = read_curated()
    given = [
        *(names.keys() for names in (curated.russian, curated.peoples, curated.world)),
        curated.misspelled,
        curated.diminutives,
    ]
    for i, one in enumerate(given):
        for two in given[i + 1 :]:
            assert not one & two
    assert not curated.russian_surnames & curated.peoples_surnames
    assert not curated.world_surnames & (curated.russian_surnames | curated.peoples_surnames)


@pytest.mark.parametrize("name", EMPTY)
def test_shipped_lists_are_sorted_and_have_no_duplicates(name: str) -> None:
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if line and not line.startswith("#")]
    assert words == sorted(set(words), key=lambda word: (fold(word), word))
