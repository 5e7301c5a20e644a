"""The lists made by hand, which have the last word over every rule.

Each is a text file in ``lists/``: one name a line, followed by its gender where the list says who
bears it; a line that starts with # is a remark. They also hold the real rarities that a rule would
take for typing errors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ml.names.records import GENDERS, Gender, fold

LISTS = Path(__file__).parent / "lists"


@dataclass(frozen=True)
class Curated:
    """The lists, by folded name."""

    russian: Mapping[str, frozenset[Gender]] = field(default_factory=dict)
    """Given names of Russian origin and the genders that bear them."""
    peoples: Mapping[str, frozenset[Gender]] = field(default_factory=dict)
    """Those of the peoples of Russia and of its neighbours long at home in it."""
    world: Mapping[str, frozenset[Gender]] = field(default_factory=dict)
    """Those borrowed from the rest of the world."""
    attested: frozenset[str] = frozenset()
    """Those of the Russian names that need no package: calendar and chronicles vouch for them."""
    misspelled: frozenset[str] = frozenset()
    """Spellings of given names that are errors, however frequent."""
    diminutives: frozenset[str] = frozenset()
    """Names of endearment that are no name in a passport."""
    not_surnames: frozenset[str] = frozenset()
    """Words that stand among the surnames by mistake."""
    russian_surnames: frozenset[str] = frozenset()
    peoples_surnames: frozenset[str] = frozenset()
    world_surnames: frozenset[str] = frozenset()
    with_yo: Mapping[str, str] = field(default_factory=dict)
    """The spelling with ё (lower case) of the names and surnames that have one."""

    def genders(self, name: str) -> frozenset[Gender]:
        """The genders that the lists give a folded given name; none if they do not have it."""
        lists = (self.russian, self.peoples, self.world)
        return frozenset().union(*(names.get(name, frozenset()) for names in lists))


def read_curated(folder: Path = LISTS) -> Curated:
    """Read the lists of a folder.

    Raises:
        ValueError: a given name without a gender, or with one that is neither m nor f.
        OSError: a list is missing.
    """
    lists = {
        name: list(_read_lines(folder / f"{name}.txt"))
        for name in (
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
    }
    words = [fields[0].lower() for name in lists for fields in lists[name]]
    return Curated(
        russian=_genders(lists["russian"] + lists["attested"]),
        attested=_names(lists["attested"]),
        peoples=_genders(lists["peoples"]),
        world=_genders(lists["world"]),
        misspelled=_names(lists["misspelled"]),
        diminutives=_names(lists["diminutives"]),
        not_surnames=_names(lists["not_surnames"]),
        russian_surnames=_names(lists["russian_surnames"]),
        peoples_surnames=_names(lists["peoples_surnames"]),
        world_surnames=_names(lists["world_surnames"]),
        with_yo={fold(word): word for word in words if "ё" in word},
    )


def _read_lines(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split()


def _names(lines: list[list[str]]) -> frozenset[str]:
    return frozenset(fold(fields[0]) for fields in lines)


def _genders(lines: list[list[str]]) -> dict[str, frozenset[Gender]]:
    genders: dict[str, frozenset[Gender]] = {}
    for fields in lines:
        found = [gender for gender in GENDERS if fields[1:] == [gender]]
        if not found:
            raise ValueError(f"a given name needs a gender, m or f: {' '.join(fields)}")
        name = fold(fields[0])
        genders[name] = genders.get(name, frozenset()) | frozenset(found)
    return genders
