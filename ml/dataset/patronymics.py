"""Which spellings are patronymics: those well made from a kept given name."""

from ml.dataset.candidates import Candidates
from ml.dataset.derivation import patronymic_forms
from ml.names.records import NameRecord, capitalize, fold, split_of

LEAST_COUNT = 2


def build_patronymics(patronymics: Candidates, given: list[NameRecord]) -> list[NameRecord]:
    """Drop what no kept name of a father explains, and make records of the rest.

    A patronymic has the origin, and goes with the split, of the most frequent name that it can
    come from: Ярославович would give away a held-out Ярослав letter by letter.
    """
    fathers: dict[str, NameRecord] = {}
    spellings: dict[str, str] = {}
    for record in given:
        if record.gender == "m":
            for spelling in patronymic_forms(record.name.lower()):
                form = fold(spelling)
                if form not in fathers or fathers[form].count < record.count:
                    fathers[form], spellings[form] = record, spelling
    patronymics.drop("not well made from a kept given name", lambda c: c.name not in fathers)
    patronymics.drop(
        f"in one package, and seen less than {LEAST_COUNT} times",
        lambda c: len(c.sources) < 2 and c.count < LEAST_COUNT,
    )
    return [
        NameRecord(
            capitalize(spellings[name]),
            "patronymic",
            "f" if name.endswith("а") else "m",
            fathers[name].origin,
            max(candidate.count, 1),
            split_of(fathers[name].name),
        )
        for name, candidate in patronymics.items()
    ]
