"""From the raw rows of the packages to the records of ``ml/data/names.csv``, rule by rule."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ml.dataset import origin, rules
from ml.dataset.curated import Curated, read_curated
from ml.dataset.derivation import (
    feminine_surname,
    is_feminine_surname,
    patronymic_forms,
    surname_from,
)
from ml.dataset.sources import RawName, read_sources
from ml.dataset.typos import find_typos
from ml.names import (
    KINDS,
    ORIGINS,
    Gender,
    Kind,
    NameRecord,
    Origin,
    capitalize,
    fold,
    split_of,
)

TYPO_RATIO = 100
"""A spelling one edit away from one so many times as frequent is a typing error."""
LEAST_COUNT, COUNT_ALONE = 3, 20
"""What a given name's count must be with a second package to vouch for it, and without one."""
LEAST_PATRONYMICS = 2
LEAST_SURNAMES = 25
"""Rarer surnames are left out: there are 375,000, and they teach a network nothing new."""
FATHERS = "russiannames, fathers"
"""A source of its own: a name seen in the patronymics of other people."""


@dataclass
class Report:
    """What the build kept and dropped; ``dropped[kind]`` counts spellings by rule, in order."""

    read: Counter[str] = field(default_factory=Counter)
    spellings: Counter[Kind] = field(default_factory=Counter)
    dropped: dict[Kind, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in KINDS}
    )
    kept: Counter[tuple[Kind, Origin, Gender]] = field(default_factory=Counter)
    origin_error: dict[Kind, float] = field(default_factory=dict)
    """Of the classifier, cross-validated: the share of labelled names given the wrong origin."""
    origin_labels: dict[Kind, Counter[Origin]] = field(default_factory=dict)
    origin_guessed: Counter[Kind] = field(default_factory=Counter)
    """Kept names whose origin no list and no tag says, so that the classifier does."""

    def lines(self) -> Iterator[str]:
        """The report as plain text."""
        yield "read: " + ", ".join(f"{source} {n:,}" for source, n in self.read.items())
        for kind in KINDS:
            yield f"{kind}: {self.spellings[kind]:,} spellings, upper and lower case and ё as one"
            for rule, count in self.dropped[kind].items():
                yield f"  - {count:>7,}  {rule}"
            for name_origin in ORIGINS:
                m, f = (self.kept[kind, name_origin, gender] for gender in ("m", "f"))
                yield f"  + {m + f:>7,}  {name_origin} ({m:,} m, {f:,} f)"
            if kind in self.origin_error:
                labels = self.origin_labels[kind]
                yield (
                    f"  origin classifier: {self.origin_error[kind]:.1%} wrong in 5-fold "
                    f"cross-validation on {labels['russian']:,} russian and "
                    f"{labels['other']:,} other; decides {self.origin_guessed[kind]:,} kept names"
                )


@dataclass
class _Candidate:
    """All that the sources say about one folded spelling of one kind."""

    name: str
    count: int = 0
    sources: set[str] = field(default_factory=set)
    votes: Counter[Gender] = field(default_factory=Counter)
    tags: set[str] = field(default_factory=set)

    @property
    def gender(self) -> Gender | None:
        """The gender by majority; None when nobody knows or the votes are even."""
        if self.votes["m"] == self.votes["f"]:
            return None
        return "m" if self.votes["m"] > self.votes["f"] else "f"


_Candidates = dict[str, _Candidate]


def build_dataset(
    raw: Iterable[RawName] | None = None, curated: Curated | None = None
) -> tuple[list[NameRecord], Report]:
    """Build the data set, by default from the installed packages and the shipped lists.

    Returns:
        The records sorted by kind, folded name and gender, and the report.

    Raises:
        ml.dataset.sources.SourcesMissing: the extra ``data`` is not installed.
    """
    raw = read_sources() if raw is None else raw
    curated = read_curated() if curated is None else curated
    report = Report()
    candidates = _collect(raw, report)
    given = _build_given(candidates, curated, report)
    patronymics = _build_patronymics(candidates["patronymic"], given, report)
    surnames = _build_surnames(candidates, given, patronymics, curated, report)
    records = [*given, *patronymics, *surnames]
    records.sort(key=lambda record: (record.kind, fold(record.name), record.gender))
    report.kept.update((record.kind, record.origin, record.gender) for record in records)
    return records, report


def _collect(raw: Iterable[RawName], report: Report) -> dict[Kind, _Candidates]:
    candidates: dict[Kind, _Candidates] = {kind: {} for kind in KINDS}
    malformed: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for row in raw:
        report.read[row.source] += 1
        text = row.text.strip().lower()
        if not rules.is_word(text):
            malformed[row.kind].add(text)
            continue
        name = fold(text)
        candidate = candidates[row.kind].setdefault(name, _Candidate(name))
        candidate.count += row.count
        candidate.sources.add(row.source)
        candidate.tags.update(row.tags)
        if row.gender:
            candidate.votes[row.gender] += max(row.count, 1)
    for kind in KINDS:
        report.spellings[kind] = len(candidates[kind]) + len(malformed[kind])
        report.dropped[kind]["not a Cyrillic word with at most one hyphen"] = len(malformed[kind])
        _drop(
            candidates[kind],
            report,
            kind,
            "no vowel, a letter thrice, or ь, ъ, ы at the start",
            lambda candidate: not rules.is_pronounceable(candidate.name),
        )
    return candidates


def _drop(
    candidates: _Candidates,
    report: Report,
    kind: Kind,
    rule: str,
    is_bad: Callable[[_Candidate], bool],
) -> None:
    bad = [name for name, candidate in candidates.items() if is_bad(candidate)]
    for name in bad:
        del candidates[name]
    report.dropped[kind][rule] = len(bad)


def _build_given(
    candidates: dict[Kind, _Candidates], curated: Curated, report: Report
) -> list[NameRecord]:
    given, surnames = candidates["given"], candidates["surname"]
    _add_fathers(given, candidates["patronymic"], curated)

    def drop(rule: str, is_bad: Callable[[_Candidate], bool]) -> None:
        _drop(given, report, "given", rule, is_bad)

    def listed(candidate: _Candidate) -> bool:
        return bool(curated.genders(candidate.name))

    drop(
        "a patronymic",
        lambda c: rules.looks_like_patronymic(c.name) and not listed(c),
    )
    drop(
        "a surname",
        lambda c: (
            c.name in surnames
            and rules.is_surname(c.name, c.count, surnames[c.name].count)
            and not listed(c)
        ),
    )
    drop("a known misspelling", lambda c: c.name in curated.misspelled)
    drop("a diminutive", lambda c: c.name in curated.diminutives)
    typos = find_typos({name: c.count for name, c in given.items()}, TYPO_RATIO)
    drop(
        f"one edit from a name {TYPO_RATIO} times as frequent",
        lambda c: c.name in typos and not listed(c),
    )
    drop(
        f"one package, or a count below {LEAST_COUNT} and in no list of ours",
        lambda c: (
            not rules.has_evidence(
                len(c.sources),
                c.count,
                listed=listed(c),
                least=LEAST_COUNT,
                alone=COUNT_ALONE,
            )
        ),
    )
    drop("no gender, or both alike", lambda c: c.gender is None and not listed(c))
    origins = _given_origins(given, curated, report)
    return [
        NameRecord(
            capitalize(curated.with_yo.get(name, name)),
            "given",
            gender,
            origins[name],
            max(candidate.count, 1),
            split_of(name),
        )
        for name, candidate in given.items()
        for gender in _given_genders(candidate, curated)
    ]


def _add_fathers(given: _Candidates, patronymics: _Candidates, curated: Curated) -> None:
    """Let the patronymics vouch for the rare masculine names of the list of Russian names."""
    for name, genders in curated.russian.items():
        if "m" in genders:
            forms = {fold(form) for form in patronymic_forms(curated.with_yo.get(name, name))}
            sons = sum(patronymics[form].count for form in forms & patronymics.keys())
            if sons >= LEAST_PATRONYMICS:
                given.setdefault(name, _Candidate(name)).sources.add(FATHERS)


def _given_genders(candidate: _Candidate, curated: Curated) -> Iterator[Gender]:
    listed = curated.genders(candidate.name)
    if listed:
        yield from sorted(listed)
    elif candidate.gender:
        yield candidate.gender


def _given_origins(given: _Candidates, curated: Curated, report: Report) -> dict[str, Origin]:
    labels: dict[str, Origin] = {}
    for name, candidate in given.items():
        if candidate.tags:
            labels[name] = "russian" if "slav" in candidate.tags else "other"
    labels |= dict.fromkeys(curated.other, "other")
    labels |= dict.fromkeys(curated.russian, "russian")
    return _classify(list(given), labels, "given", report)


def _classify(
    names: list[str], labels: dict[str, Origin], kind: Kind, report: Report
) -> dict[str, Origin]:
    """The origin of each name: its label, or else what the classifier makes of its letters."""
    labelled = sorted(labels)
    is_russian = [labels[name] == "russian" for name in labelled]
    report.origin_labels[kind] = Counter(labels.values())
    report.origin_error[kind] = origin.cross_validate(labelled, is_russian)
    model = origin.train(labelled, is_russian)
    unknown = [name for name in names if name not in labels]
    report.origin_guessed[kind] = len(unknown)
    guesses: dict[str, Origin] = {
        name: "russian" if probability >= 0.5 else "other"
        for name, probability in zip(unknown, model.russian(unknown), strict=True)
    }
    return labels | guesses


def _build_patronymics(
    candidates: _Candidates, given: list[NameRecord], report: Report
) -> list[NameRecord]:
    """Keep the patronymics that are well made from a kept name of a father."""
    fathers: dict[str, NameRecord] = {}
    spellings: dict[str, str] = {}
    for record in given:
        if record.gender == "m":
            for spelling in patronymic_forms(record.name.lower()):
                form = fold(spelling)
                if form not in fathers or fathers[form].count < record.count:
                    fathers[form], spellings[form] = record, spelling
    _drop(
        candidates,
        report,
        "patronymic",
        "not made by the rules from a kept given name",
        lambda c: c.name not in fathers,
    )
    _drop(
        candidates,
        report,
        "patronymic",
        f"one package and a count below {LEAST_PATRONYMICS}",
        lambda c: len(c.sources) < 2 and c.count < LEAST_PATRONYMICS,
    )
    return [
        NameRecord(
            capitalize(spellings[name]),
            "patronymic",
            "f" if name.endswith("а") else "m",
            fathers[name].origin,
            max(candidate.count, 1),
            split_of(name),
        )
        for name, candidate in candidates.items()
    ]


def _build_surnames(
    candidates: dict[Kind, _Candidates],
    given: list[NameRecord],
    patronymics: list[NameRecord],
    curated: Curated,
    report: Report,
) -> list[NameRecord]:
    surnames = candidates["surname"]
    elsewhere: dict[str, int] = defaultdict(int)
    for record in (*given, *patronymics):
        elsewhere[fold(record.name)] += record.count

    def drop(rule: str, is_bad: Callable[[_Candidate], bool]) -> None:
        _drop(surnames, report, "surname", rule, is_bad)

    drop(
        "a given name or a patronymic, more often than a surname",
        lambda c: elsewhere[c.name] > c.count,
    )
    drop(f"a count below {LEAST_SURNAMES}", lambda c: c.count < LEAST_SURNAMES)
    typos = find_typos({name: c.count for name, c in surnames.items()}, TYPO_RATIO)
    drop(f"one edit from a surname {TYPO_RATIO} times as frequent", lambda c: c.name in typos)
    feminine_of = {name: feminine_surname(name) for name in surnames}
    masculine_of = {feminine: name for name, feminine in feminine_of.items() if feminine}
    drop(
        "a form for one gender without its pair",
        lambda c: (
            (feminine_of[c.name] or c.name) not in surnames
            or (is_feminine_surname(c.name) and c.name not in masculine_of)
        ),
    )
    origins = _surname_origins(surnames, given, curated, report)
    records = []
    for name, candidate in surnames.items():
        base = masculine_of.get(name, name)
        spelling = curated.with_yo.get(base, base)
        genders: tuple[Gender, ...] = ("m", "f")
        if feminine_of[name]:
            genders = ("m",)
        elif name in masculine_of:
            genders = ("f",)
            spelling = feminine_surname(spelling) or spelling
        records += [
            NameRecord(
                capitalize(spelling),
                "surname",
                gender,
                origins[base],
                -(-candidate.count // len(genders)),
                split_of(name),
            )
            for gender in genders
        ]
    return records


def _surname_origins(
    surnames: _Candidates, given: list[NameRecord], curated: Curated, report: Report
) -> dict[str, Origin]:
    """The origin of every surname by its masculine form.

    The labels come from the tags of the packages, from the short lists of frequent Russian surnames
    in mimesis and Faker, and from surnames made of given names; our lists overrule them.
    """
    labels: dict[str, Origin] = {}
    for name, candidate in surnames.items():
        if not is_feminine_surname(name):
            if candidate.tags:
                labels[name] = "russian" if "slav" in candidate.tags else "other"
            elif candidate.sources & {"mimesis", "faker"}:
                labels[name] = "russian"
    for record in given:
        surname = surname_from(fold(record.name))
        if record.gender == "m" and surname in surnames:
            labels.setdefault(surname, record.origin)
    labels |= dict.fromkeys(curated.russian_surnames, "russian")
    labels |= dict.fromkeys(curated.other_surnames, "other")
    return _classify(list(surnames), labels, "surname", report)
