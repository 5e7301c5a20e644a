"""Which spellings are given names, of which gender and origin."""

from collections.abc import Iterator

from ml.dataset import origin, rules
from ml.dataset.candidates import Candidate, Candidates
from ml.dataset.curated import Curated
from ml.dataset.derivation import patronymic_forms
from ml.dataset.report import Report
from ml.dataset.typos import TYPO_RATIO, find_typos
from ml.names import Gender, Kind, NameRecord, Origin, capitalize, split_of

LEAST_COUNT, COUNT_ALONE = 3, 20
"""What the count of a name must be with a second package to vouch for it, and without one."""
LEAST_PATRONYMICS = 2
"""How many bearers of his name's patronymics vouch for a father."""
FATHERS = "russiannames, fathers"
"""A source of its own: a name seen in the patronymics of other people."""


def build_given(
    candidates: dict[Kind, Candidates], curated: Curated, report: Report
) -> list[NameRecord]:
    """Drop what is no given name, and make records of the rest."""
    given, surnames = candidates["given"], candidates["surname"]
    _add_fathers(given, candidates["patronymic"], curated)

    def listed(candidate: Candidate) -> bool:
        return bool(curated.genders(candidate.name))

    def is_surname(candidate: Candidate) -> bool:
        surname = surnames.get(candidate.name)
        return surname is not None and rules.is_surname(
            candidate.name, candidate.count, surname.count
        )

    given.drop("a patronymic", lambda c: rules.looks_like_patronymic(c.name) and not listed(c))
    given.drop("a surname", lambda c: is_surname(c) and not listed(c))
    given.drop("in our list of misspellings", lambda c: c.name in curated.misspelled)
    given.drop("in our list of diminutives", lambda c: c.name in curated.diminutives)
    typos = find_typos({name: c.count for name, c in given.items()}, TYPO_RATIO)
    given.drop(
        f"one edit from a name {TYPO_RATIO} times as frequent, and in no list of ours",
        lambda c: c.name in typos and not listed(c),
    )
    given.drop(
        f"in no list of ours, and not in two packages and seen {LEAST_COUNT} times, "
        f"nor seen {COUNT_ALONE} times",
        lambda c: not listed(c) and not _has_evidence(c),
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


def _has_evidence(candidate: Candidate) -> bool:
    # Dictionaries repeat typing errors, so two of them agreeing on a rare spelling prove nothing.
    agreed = len(candidate.sources) >= 2 and candidate.count >= LEAST_COUNT
    return agreed or candidate.count >= COUNT_ALONE


def _genders(candidate: Candidate, curated: Curated) -> Iterator[Gender]:
    listed = curated.genders(candidate.name)
    if listed:
        yield from sorted(listed)
    elif candidate.gender:
        yield candidate.gender


def _origin_labels(given: Candidates, curated: Curated) -> dict[str, Origin]:
    labels: dict[str, Origin] = {
        name: "russian" if "slav" in candidate.tags else "other"
        for name, candidate in given.items()
        if candidate.tags
    }
    labels |= dict.fromkeys(curated.other, "other")
    labels |= dict.fromkeys(curated.russian, "russian")
    return labels
