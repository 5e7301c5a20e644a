from bench.labels import error_table, evidence_of
from ml.dataset.sources import RawName
from ml.names.records import NameRecord

RAW = [
    RawName("Иван", "given", "m", 50, "russiannames"),
    RawName("ИВАН", "given", "f", 2, "russiannames"),
    RawName("Ира", "given", "f", 5, "russiannames"),
    RawName("лада", "given", "f", 0, "pymorphy3"),
    RawName("Иванов", "surname", "m", 900, "russiannames"),
]


def test_labels_are_false_by_kind_and_gender() -> None:
    evidence = evidence_of(RAW, [NameRecord("Пётр", "given", "m", "russian", 1, "train")])
    table = error_table(
        {
            "today": [
                ("Иван", "m", "known"),
                ("Петр", "m", "known"),
                ("Пётр", "f", "known"),
                ("Иванов", "m", "known"),
                ("Ира", "f", "novel"),
                ("Лада", "f", "novel"),
                ("Иван", "f", "novel"),
                ("Ипания", "f", "novel"),
            ]
        },
        evidence,
    )
    said, names, false = (list(table.columns[i].cells) for i in (1, 3, 4))
    assert list(zip(said, names, false, strict=True)) == [
        ("known", "4", "2"),
        ("novel", "4", "2"),
        ("novel", "4", "3"),
    ]
