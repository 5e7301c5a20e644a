import pytest

from ml.dataset import sources
from ml.dataset.build import build_dataset
from ml.dataset.curated import Curated
from ml.dataset.report import Report
from ml.dataset.sources import RawName, read_sources
from ml.errors import SourcesMissing
from ml.names.records import Gender, Kind, NameRecord, split_of

RUSSIAN = ("ярослав", "мстислав", "святослав", "вячеслав", "ростислав", "изяслав", "станислав")
OTHER = ("мухаметхан", "исламхан", "тимерхан", "алихан", "амирхан", "сабирхан", "нурихан")
MASCULINE: frozenset[Gender] = frozenset({"m"})
FEMININE: frozenset[Gender] = frozenset({"f"})
CURATED = Curated(
    russian=dict.fromkeys((*RUSSIAN, "андрей", "андрон", "семен", "павсикакий"), MASCULINE)
    | {"анна": FEMININE, "варнава": MASCULINE},
    attested=frozenset({"варнава"}),
    peoples=dict.fromkeys(OTHER, MASCULINE),
    misspelled=frozenset({"апполон"}),
    diminutives=frozenset({"ванечка"}),
    russian_surnames=frozenset(f"{name}ов" for name in RUSSIAN),
    peoples_surnames=frozenset(f"{name}ов" for name in OTHER),
    with_yo={"семен": "семён", "соловьев": "соловьёв"},
)


def russiannames(text: str, kind: Kind, gender: Gender | None, count: int) -> RawName:
    return RawName(text, kind, gender, count, "russiannames")


def dictionary(text: str, kind: Kind = "given", gender: Gender | None = None) -> RawName:
    return RawName(text, kind, gender, 0, "pymorphy3")


RAW = [
    *(russiannames(name.title(), "given", "m", 500) for name in (*RUSSIAN, *OTHER)),
    russiannames("Андрей", "given", "m", 50_000),
    russiannames("АНДРЕЙ", "given", None, 285),
    russiannames("Андррей", "given", "m", 1),
    dictionary("андррей", gender="m"),
    russiannames("Андрон", "given", "m", 1),  # rare, real, and in our list
    dictionary("андрон", gender="m"),
    russiannames("Анна", "given", "f", 40_000),
    russiannames("Aнна", "given", "f", 30),  # begins with a Latin letter
    russiannames("Александрович", "given", "m", 72),
    russiannames("ович", "given", "m", 40),
    russiannames("Иванов", "given", "m", 30),
    russiannames("Апполон", "given", "m", 22),
    russiannames("Ванечка", "given", "m", 22),
    russiannames("Семен", "given", "m", 6000),
    russiannames("Семён", "given", "m", 600),
    russiannames("Владислав", "given", "m", 40),
    russiannames("Владислав", "given", "f", 3),
    russiannames("Гирейхан", "given", "m", 2),
    dictionary("гирейхан", gender="m"),
    russiannames("Умирхан", "given", None, 25),
    russiannames("Азамхан", "given", "m", 3),
    dictionary("азамхан", gender="m"),
    russiannames("Эвелинда", "given", "f", 19),
    russiannames("Андреевич", "patronymic", "m", 900),
    russiannames("Семенович", "patronymic", "m", 300),
    russiannames("Семеновна", "patronymic", None, 200),
    russiannames("Павсикакиевич", "patronymic", "m", 2),
    russiannames("Андреееевич", "patronymic", "m", 9),
    russiannames("Прокруститович", "patronymic", "m", 9),
    russiannames("Андроновна", "patronymic", "f", 1),
    russiannames("Иванов", "surname", "m", 6926),
    russiannames("Иванова", "surname", "f", 5206),
    russiannames("Соловьев", "surname", "m", 900),
    russiannames("Соловьева", "surname", "f", 800),
    russiannames("Одинокий", "surname", "m", 90),
    russiannames("Шевченко", "surname", None, 1201),
    russiannames("Анна", "surname", None, 300),
    russiannames("Мороз", "surname", None, 59),
    *(russiannames(f"{name}ов", "surname", "m", 30) for name in (*RUSSIAN, *OTHER)),
    *(russiannames(f"{name}ова", "surname", "f", 30) for name in (*RUSSIAN, *OTHER)),
]


@pytest.fixture(scope="module")
def built() -> tuple[list[NameRecord], Report]:
    return build_dataset(RAW, CURATED)


def rows(built: tuple[list[NameRecord], Report], kind: Kind) -> dict[tuple[str, str], NameRecord]:
    return {(r.name, r.gender): r for r in built[0] if r.kind == kind}


def test_given_names(built: tuple[list[NameRecord], Report]) -> None:
    given = rows(built, "given")
    expected = {(name.title(), "m") for name in (*RUSSIAN, *OTHER)}
    expected |= {("Андрей", "m"), ("Андрон", "m"), ("Семён", "m"), ("Владислав", "m")}
    expected |= {("Анна", "f"), ("Азамхан", "m"), ("Павсикакий", "m"), ("Варнава", "m")}
    assert given.keys() == expected


def test_twins_in_upper_case_and_with_yo_are_one_name(
    built: tuple[list[NameRecord], Report],
) -> None:
    given = rows(built, "given")
    assert given["Андрей", "m"].count == 50_285
    assert given["Семён", "m"].count == 6600


def test_origin_of_names_in_no_list_comes_from_their_letters(
    built: tuple[list[NameRecord], Report],
) -> None:
    given = rows(built, "given")
    assert given["Владислав", "m"].origin == "russian"
    assert given["Азамхан", "m"].origin == "peoples"
    assert built[1].origins["given"].guessed == 2


def test_a_rare_father_is_vouched_for_by_his_children(
    built: tuple[list[NameRecord], Report],
) -> None:
    assert rows(built, "given")["Павсикакий", "m"].count == 1
    assert ("Павсикакиевич", "m") in rows(built, "patronymic")


def test_patronymics(built: tuple[list[NameRecord], Report]) -> None:
    patronymics = rows(built, "patronymic")
    assert patronymics.keys() == {
        ("Андреевич", "m"),
        ("Семёнович", "m"),
        ("Семёновна", "f"),
        ("Павсикакиевич", "m"),
    }
    assert all(record.origin == "russian" for record in patronymics.values())


def test_surnames(built: tuple[list[NameRecord], Report]) -> None:
    surnames = rows(built, "surname")
    names = (*RUSSIAN, *OTHER)
    expected = {(f"{name}ов".title(), "m") for name in names}
    expected |= {(f"{name}ова".title(), "f") for name in names}
    expected |= {("Иванов", "m"), ("Иванова", "f"), ("Соловьёв", "m"), ("Соловьёва", "f")}
    expected |= {("Шевченко", "m"), ("Шевченко", "f")}
    assert surnames.keys() == expected
    assert surnames["Шевченко", "m"].count == 601
    assert surnames["Алиханова", "f"].origin == "peoples"
    assert surnames["Ярославова", "f"].origin == "russian"


def test_every_rule_is_counted(built: tuple[list[NameRecord], Report]) -> None:
    _, report = built
    dropped = report.dropped["given"]
    assert dropped["no Cyrillic word with at most one hyphen"] == 1
    assert dropped["a patronymic"] == 2
    assert dropped["a surname"] == 1
    assert dropped["in our list of misspellings"] == 1
    assert dropped["in our list of diminutives"] == 1
    assert dropped["one edit from a name 100 times as frequent, and in no list of ours"] == 1
    assert dropped["no gender, or both alike"] == 1
    for kind in ("given", "patronymic"):
        # One record a spelling here: what was read is either dropped or kept. Павсикакий is
        # added to the given names by his children, Варнава by our list.
        kept = sum(n for key, n in report.kept.items() if key[0] == kind)
        added = 2 if kind == "given" else 0
        assert report.spellings[kind] + added == sum(report.dropped[kind].values()) + kept


def test_the_report_can_be_printed(built: tuple[list[NameRecord], Report]) -> None:
    lines = list(built[1].lines())
    assert lines[0] == f"rows read: russiannames {len(RAW) - 4:,}, pymorphy3 4"
    assert any(line.split() == ["-", "2", "a", "patronymic"] for line in lines)
    assert any(line.split() == ["+", "14", "russian", "(13", "m,", "1", "f)"] for line in lines)


def test_records_are_sorted_split_and_reproducible(
    built: tuple[list[NameRecord], Report],
) -> None:
    records, _ = built
    assert [r.kind for r in records] == sorted(r.kind for r in records)
    assert all(r.split == split_of(r.name) for r in records if r.kind == "given")
    again, _ = build_dataset(list(reversed(RAW)), CURATED)
    assert again == records


def test_missing_packages_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PACKAGES", ("json", "no_such_package_of_names"))
    with pytest.raises(SourcesMissing, match=r"no_such_package_of_names.*imyarek\[data\]"):
        read_sources()


def test_the_largest_package_is_read_first() -> None:
    pytest.importorskip("russiannames")
    first = next(iter(read_sources()))
    assert first == RawName("Николай", "given", "m", 107650, "russiannames", ("slav",))
