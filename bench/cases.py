"""Who declines names right: our own rules, or the packages pytrovich and Petrovich.

Right is what the dictionary of pymorphy3 (the extra ``data``) says of the names that it knows; ё
counts as е. Of invented names no dictionary knows anything: there the second table says how often
a package and our rules disagree. A package that is not installed is left out.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from rich.table import Table

from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.declension import decline
from ml.names.records import GENDERS, KINDS, Gender, Kind, fold, read_records
from ml.writing.generator import NameGenerator, NameRequest

_NAMES = 200
_INVENTED = 100
_SEED = 2026

# Genitive, dative, accusative, instrumental, prepositional; None where there is no answer.
Decliner: TypeAlias = Callable[[str, Kind, Gender], Sequence[str] | None]


def tables() -> list[Table]:
    """The comparison with the dictionary, and that of invented names."""
    decliners = {"our own rules": _own, **_packages()}
    return [_known_names(decliners), _invented_names(decliners)]


def _known_names(decliners: dict[str, Decliner]) -> Table:
    table = Table(title=f"Of {_NAMES} names that the dictionary declines, so many are wrong")
    for column in ("", "gender", *decliners):
        table.add_column(column)
    truth = _dictionary()
    records = read_records()
    for kind in KINDS:
        for gender in GENDERS:
            names = sorted({r.name for r in records if (r.kind, r.gender) == (kind, gender)})
            random.Random(_SEED).shuffle(names)  # noqa: S311
            right = {name: forms for name in names if (forms := truth(name, kind, gender))}
            asked = list(right)[:_NAMES]
            wrong = [
                sum(not _alike(declined(name, kind, gender), right[name]) for name in asked)
                for declined in decliners.values()
            ]
            table.add_row(kind, gender, *(str(count) for count in wrong))
    return table


def _invented_names(decliners: dict[str, Decliner]) -> Table:
    table = Table(title="Invented names: where a package and our own rules disagree")
    for column in ("", "gender", "of", *list(decliners)[1:]):
        table.add_column(column)
    generator = NameGenerator(load_model(SHIPPED_MODEL.read_bytes()))
    for kind in ("given", "surname"):
        for gender in GENDERS:
            request = NameRequest(kind=kind, gender=gender, count=_INVENTED, novel_only=True)
            names = [each.name for each in generator.generate(request, seed=_SEED).names]
            rows = []
            for declined in list(decliners.values())[1:]:
                differ = [
                    name
                    for name in names
                    if not _alike(declined(name, kind, gender), _own(name, kind, gender))
                ]
                rows.append(f"{len(differ)}: {', '.join(differ)}" if differ else "0")
            table.add_row(kind, gender, str(len(names)), *rows)
    return table


def _alike(forms: Iterable[str] | None, others: Iterable[str] | None) -> bool:
    return forms is not None and others is not None and [*map(fold, forms)] == [*map(fold, others)]


def _own(name: str, kind: Kind, gender: Gender) -> Sequence[str]:
    return decline(name, kind, gender)[1:]


def _dictionary() -> Decliner:
    from pymorphy3 import MorphAnalyzer

    analyzer = MorphAnalyzer()
    kinds = {"given": "Name", "surname": "Surn", "patronymic": "Patr"}
    genders = {"m": {"masc", "ms-f", "GNdr"}, "f": {"femn", "ms-f", "GNdr"}}

    def declined(name: str, kind: Kind, gender: Gender) -> Sequence[str] | None:
        for parse in analyzer.parse(name.lower()):
            marks = parse.tag.grammemes
            if not parse.is_known or "Abbr" in marks or not {kinds[kind], "sing", "nomn"} <= marks:
                continue
            if marks & genders[gender]:
                cases = ("gent", "datv", "accs", "ablt", "loct")
                forms = [parse.inflect({case, "sing"}) for case in cases]
                return [form.word for form in forms] if all(forms) else None
        return None

    return declined


def _packages() -> dict[str, Decliner]:
    found: dict[str, Decliner] = {}
    for title, made in (("pytrovich", _pytrovich), ("Petrovich", _petrovich)):
        try:
            found[title] = made()
        except ImportError:
            continue
    return found


def _pytrovich() -> Decliner:
    from pytrovich import enums
    from pytrovich.maker import PetrovichDeclinationMaker

    maker: Any = PetrovichDeclinationMaker()
    parts = enums.NamePart
    kinds = {"given": parts.FIRSTNAME, "surname": parts.LASTNAME, "patronymic": parts.MIDDLENAME}
    genders = {"m": enums.Gender.MALE, "f": enums.Gender.FEMALE}
    cases = [getattr(enums.Case, case) for case in _CASES]
    return lambda name, kind, gender: [
        maker.make(kinds[kind], genders[gender], case, name) for case in cases
    ]


def _petrovich() -> Decliner:
    from petrovich import enums
    from petrovich.main import Petrovich

    package: Any = Petrovich()
    kinds = {
        "given": package.firstname,
        "surname": package.lastname,
        "patronymic": package.middlename,
    }
    genders = {"m": enums.Gender.MALE, "f": enums.Gender.FEMALE}
    cases = [getattr(enums.Case, case) for case in _CASES]
    return lambda name, kind, gender: [kinds[kind](name, case, genders[gender]) for case in cases]


_CASES = ("GENITIVE", "DATIVE", "ACCUSATIVE", "INSTRUMENTAL", "PREPOSITIONAL")
