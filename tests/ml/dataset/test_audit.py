from collections import Counter
from pathlib import Path

import pytest

from ml.dataset.audit import read_audit
from ml.errors import NamesFileError
from ml.names.records import read_records

HEADER = "name,gender,origin,verdict,reason\n"


def test_the_shipped_sample_has_500_different_names() -> None:
    audit = read_audit()
    assert Counter(row.origin for row in audit) == {
        "russian": 300,
        "peoples": 173,
        "world": 27,
    }
    assert len({(row.name, row.gender, row.origin) for row in audit}) == 500


def test_what_the_sample_found_is_corrected_in_the_shipped_list() -> None:
    given = {(r.name, r.gender, r.origin) for r in read_records() if r.kind == "given"}
    for row in read_audit():
        assert ((row.name, row.gender, row.origin) in given) == row.is_ok


def test_a_wrong_name_comes_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    file.write_text(f"{HEADER}Мия,f,russian,wrong,wrong origin: world\n", encoding="utf-8")
    (row,) = read_audit(file)
    assert not row.is_ok
    assert row.reason == "wrong origin: world"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name\nМия\n",
        f"{HEADER}Мия,f,russian\n",
        f"{HEADER}Мия,x,russian,ok,\n",
        f"{HEADER}Мия,f,martian,ok,\n",
        f"{HEADER}Мия,f,russian,perhaps,\n",
        f"{HEADER}Мия,f,russian,wrong,\n",
        f"{HEADER}Мия,f,russian,ok,misspelt\n",
    ],
)
def test_a_malformed_audit_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "audit.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NamesFileError, match=r"audit\.csv"):
        read_audit(file)


def test_an_audit_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    file.write_bytes(HEADER.encode() + "Мия,f,russian,ok,\n".encode("cp1251"))
    with pytest.raises(NamesFileError, match="UTF-8"):
        read_audit(file)
