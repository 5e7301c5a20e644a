"""Which spellings are given names, of which gender and origin."""

from collections.abc import Iterator
from dataclasses import dataclass

from ml.dataset import origin, rules
from ml.dataset.candidates import Candidate, Candidates
from ml.dataset.curated import Curated
from ml.dataset.derivation import patronymic_forms
from ml.dataset.report import Report
from ml.dataset.typos import TYPO_RATIO, find_typos
from ml.names.records import Gender, Kind, NameRecord, Origin, capitalize, split_of

LEAST_PATRONYMICS = 2
"""How many bearers of his name's patronymics vouch for a father."""
FATHERS = "russiannames, fathers"
"""A source of its own: a name seen in the patronymics of other people."""
CALENDAR = "calendar and chronicles"
"""A source of its own: our list of names that no package has."""


@dataclass(frozen=True)
class GivenRules:
    """Which rules are in force. All are by default; each can be switched off to see its effect."""

    surnames: bool = True
    """Drop what is seen more often as a surname, and ends like one."""
    misspelled: bool = True
    """Drop our list of misspellings."""
    diminutives: bool = True
    """Drop our list of diminutives."""
    typos: bool = True
    """Drop what is one edit from a far more frequent name."""
    least_count: int = 3
    """What the count of a name in no list of ours must be with a second package to vouch for it."""
    count_alone: int = 20
    """What the count of such a name must be without a second package."""
    attested: bool = True
    """Add the names of our lists that no package has."""
    fathers: bool = True
    """Add the names of our lists that only the patronymics of `FATHERS` vouch for."""


ALL_RULES = GivenRules()


def build_given(
    candidates: dict[Kind, Candidates],
    curated: Curated,
    report: Report,
    in_force: GivenRules = ALL_RULES,
) -> list[NameRecord]:
    """Drop what is no given name, and make records of the rest.

    The candidates are changed in place: those dropped go, those that our lists add come.
    """
    given, surnames = candidates["given"], candidates["surname"]
    if in_force.fathers:
        _add_fathers(given, candidates["patronymic"], curated)
    if in_force.attested:
        _add_attested(given, curated)

    def listed(candidate: Candidate) -> bool:
        return bool(curated.genders(candidate.name))

    def is_surname(candidate: Candidate) -> bool:
        surname = surnames.get(candidate.name)
        return surname is not None and rules.is_surname(
            candidate.name, candidate.count, surname.count
        )

    given.drop("a patronymic", lambda c: rules.looks_like_patronymic(c.name) and not listed(c))
    if in_force.surnames:
        given.drop("a surname", lambda c: is_surname(c) and not listed(c))
    if in_force.misspelled:
        given.drop("in our list of misspellings", lambda c: c.name in curated.misspelled)
    if in_force.diminutives:
        given.drop("in our list of diminutives", lambda c: c.name in curated.diminutives)
    if in_force.typos:
        typos = find_typos({name: c.count for name, c in given.items()}, TYPO_RATIO)
        given.drop(
            f"one edit from a name {TYPO_RATIO} times as frequent, and in no list of ours",
            lambda c: c.name in typos and not listed(c),
        )
    given.drop(
        f"in no list of ours, and not in two packages and seen {in_force.least_count} times, "
        f"nor seen {in_force.count_alone} times",
        lambda c: not listed(c) and not _has_evidence(c, in_force),
    )
    given.drop("no gender, or both alike", lambda c: c.gender is None and not listed(c))
    report.origins["given"] = origins = origin.assign(given, _origin_labels(given, curated))
    return [
        NameRecord(
            capitalize(curated.with_yo.get(name, name)),
            "given",
            gender,
            origins.by_name[name],
            max(candidate.count, 1),
            split_of(name),
        )
        for name, candidate in given.items()
        for gender in _genders(candidate, curated)
    ]


def _add_fathers(given: Candidates, patronymics: Candidates, curated: Curated) -> None:
    """Let the patronymics vouch for the rare masculine names of the list of Russian names."""
    for name, genders in curated.russian.items():
        if "m" in genders:
            forms = patronymic_forms(name)
            sons = sum(patronymics[form].count for form in forms & patronymics.keys())
            if sons >= LEAST_PATRONYMICS:
                given.setdefault(name, Candidate(name)).sources.add(FATHERS)


def _add_attested(given: Candidates, curated: Curated) -> None:
    for name in curated.attested:
        given.setdefault(name, Candidate(name)).sources.add(CALENDAR)


def _has_evidence(candidate: Candidate, in_force: GivenRules) -> bool:
    # Dictionaries repeat typing errors, so two of them agreeing on a rare spelling prove nothing.
    agreed = len(candidate.sources) >= 2 and candidate.count >= in_force.least_count
    return agreed or candidate.count >= in_force.count_alone


def _genders(candidate: Candidate, curated: Curated) -> Iterator[Gender]:
    listed = curated.genders(candidate.name)
    if listed:
        yield from sorted(listed)
    elif candidate.gender:
        yield candidate.gender


def _origin_labels(given: Candidates, curated: Curated) -> dict[str, Origin]:
    labels: dict[str, Origin] = {
        name: origin.of_tags(candidate.tags) for name, candidate in given.items() if candidate.tags
    }
    labels |= dict.fromkeys(curated.peoples, "peoples")
    labels |= dict.fromkeys(curated.world, "world")
    labels |= dict.fromkeys(curated.russian, "russian")
    return labels
