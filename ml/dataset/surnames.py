"""Which spellings are surnames, of which gender and origin."""

from collections import Counter

from ml.dataset import origin
from ml.dataset.candidates import Candidates
from ml.dataset.curated import Curated
from ml.dataset.derivation import (
    feminine_surname,
    has_slavic_ending,
    is_feminine_surname,
    surname_from,
)
from ml.dataset.report import Report
from ml.dataset.typos import TYPO_RATIO, find_typos
from ml.names.records import GENDERS, Gender, NameRecord, Origin, capitalize, fold, split_of

LEAST_COUNT, LEAST_COMMON_COUNT = 20, 60
"""Rarer surnames are left out: there are 375,000, and they teach a network nothing new.

A surname in -ов or -ский is confirmed by its other form; one that serves both genders (Мороз) needs
a higher count.
"""
LEAST_LABEL_COUNT = 5
"""Surnames at least so frequent still teach the classifier of origins."""


def build_surnames(
    surnames: Candidates,
    given: list[NameRecord],
    patronymics: list[NameRecord],
    curated: Curated,
    report: Report,
) -> list[NameRecord]:
    """Drop what is no surname or a rare one, and make records of the rest.

    A surname that serves both genders makes two records, which share its count.
    """
    elsewhere: Counter[str] = Counter()
    for record in (*given, *patronymics):
        elsewhere[fold(record.name)] += record.count
    surnames.drop(
        "a given name or a patronymic, more often than a surname",
        lambda c: elsewhere[c.name] > c.count,
    )
    surnames.drop("in our list of words that are none", lambda c: c.name in curated.not_surnames)
    surnames.drop(
        f"seen less than {LEAST_LABEL_COUNT} times", lambda c: c.count < LEAST_LABEL_COUNT
    )
    labels = _origin_labels(surnames, given, curated)
    surnames.drop(
        f"seen less than {LEAST_COUNT} times, or {LEAST_COMMON_COUNT} if one form serves both",
        lambda c: c.count < (LEAST_COUNT if _has_gender(c.name) else LEAST_COMMON_COUNT),
    )
    typos = find_typos({name: c.count for name, c in surnames.items()}, TYPO_RATIO)
    surnames.drop(
        f"one edit from a surname {TYPO_RATIO} times as frequent", lambda c: c.name in typos
    )
    feminine_of = {
        name: feminine for name in surnames if (feminine := feminine_surname(name)) in surnames
    }
    # Боровский and Боровской share a feminine, which goes with the more frequent.
    by_count = sorted(feminine_of, key=lambda name: (surnames[name].count, name))
    masculine_of = {feminine_of[name]: name for name in by_count}
    surnames.drop(
        "a form of one gender without the other",
        lambda c: _has_gender(c.name) and c.name not in feminine_of and c.name not in masculine_of,
    )
    bases = {masculine_of.get(name, name) for name in surnames}
    report.origins["surname"] = origins = origin.assign(sorted(bases), labels)
    records = []
    for name, candidate in surnames.items():
        base = masculine_of.get(name, name)
        spelling = curated.with_yo.get(base, base)
        genders: tuple[Gender, ...] = GENDERS
        if name in masculine_of:
            genders, spelling = ("f",), feminine_surname(spelling) or spelling
        elif name in feminine_of:
            genders = ("m",)
        records += [
            NameRecord(
                capitalize(spelling),
                "surname",
                gender,
                origins.by_name[base],
                -(-candidate.count // len(genders)),
                split_of(base),  # Иванова would give away Иванов
            )
            for gender in genders
        ]
    return records


def _has_gender(surname: str) -> bool:
    return is_feminine_surname(surname) or feminine_surname(surname) is not None


def _origin_labels(
    surnames: Candidates, given: list[NameRecord], curated: Curated
) -> dict[str, Origin]:
    """What is known of the origin of masculine surnames.

    It comes from the tags of the packages, from the short lists of frequent Russian surnames in
    mimesis and Faker, from endings that only Slavic surnames have, and from the given names that
    surnames are made of; our lists overrule them.
    """
    labels: dict[str, Origin] = {}
    for name, candidate in surnames.items():
        if not is_feminine_surname(name):
            if candidate.tags:
                labels[name] = origin.of_tags(candidate.tags)
            elif candidate.sources & {"mimesis", "faker"} or has_slavic_ending(name):
                labels[name] = "russian"
    for record in given:
        surname = surname_from(fold(record.name))
        if record.gender == "m" and surname in surnames:
            labels[surname] = record.origin
    labels |= dict.fromkeys(curated.russian_surnames, "russian")
    labels |= dict.fromkeys(curated.peoples_surnames, "peoples")
    labels |= dict.fromkeys(curated.world_surnames, "world")
    return labels
