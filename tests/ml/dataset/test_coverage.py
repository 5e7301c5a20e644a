from pathlib import Path

import pytest

from ml.dataset import coverage as module
from ml.dataset.coverage import coverage
from ml.dataset.curated import Curated

CURATED = Curated(misspelled=frozenset({"апполон"}), diminutives=frozenset({"саша"}))


def test_spellings_are_folded_and_counted_once() -> None:
    found = coverage(["СЕМЕН", "Семён ", "Варнава", "варнава"], ["Семён"], CURATED)
    assert (found.had, found.missing, found.refused) == (["семен"], ["варнава"], [])
    assert found.share == 0.5


def test_what_is_no_name_by_our_lists_does_not_count() -> None:
    found = coverage(["Саша", "Апполон", "Ivan", "имя 3", "Анна"], ["Анна"], CURATED)
    assert (found.had, found.missing, found.refused) == (["анна"], [], ["апполон", "саша"])
    assert found.share == 1.0


def test_of_no_names_the_share_is_none() -> None:
    assert coverage(["Ivan"], ["Анна"], CURATED).share == 0.0


def test_the_command_compares_a_file_with_the_shipped_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "names.txt"
    file.write_text("Иван\nМария\nСаша\nЙцукен\n", encoding="utf-8")
    module.main(file)
    assert capsys.readouterr().out.splitlines() == [
        "66.7%: 2 had, 1 missing, 1 refused as errors or names of endearment",
        "missing: йцукен",
        "refused: саша",
    ]
