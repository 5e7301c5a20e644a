"""Which names are borne, and which words are none: the lists of ``ml/data/known.bin``.

The data set is what a network should learn from; here is what anybody was ever seen with, so that
no name that exists is called invented. What the sources show but do not vouch for is *doubtful*:
a typing error, a surname in the wrong column, a name of the other gender.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ml.dataset import rules
from ml.dataset.curated import Curated
from ml.dataset.derivation import feminine_surname, is_feminine_surname
from ml.dataset.sources import RawName
from ml.dataset.typos import find_typos
from ml.names.known import NameList, short_for
from ml.names.records import GENDERS, KINDS, Gender, Kind, NameRecord, fold

TYPO_RATIO, RARE_TYPO_RATIO = 100, 25
"""One edit from a name so many times as frequent is a typing error, if no dictionary has it.

The second ratio is that of names with fewer than `COMMON` bearers.
"""
BORNE, LEAST_COUNT = 5, 2
"""A given name needs so many bearers without a dictionary that calls it one, and with it: few may
be slips of the pen, and the dictionary alone proves nothing, it holds Артюм and Альферт.

Of surnames and patronymics, of which there are so many more, the lesser number will do.
"""
COMMON = 20
"""A plain word that is called a name needs so many bearers."""
MINORITY = 20
"""Where the other gender bears a name so many times as often, the gender is the error."""


@dataclass
class _Seen:
    """What the packages say of one folded spelling of one kind."""

    bearers: Counter[Gender | None] = field(default_factory=Counter)
    vouched: set[Gender] = field(default_factory=set)
    """The genders that a list without counts gives it: pymorphy3, mimesis, Faker."""


def build_known(
    raw: Iterable[RawName],
    records: Iterable[NameRecord],
    words: Iterable[str],
    curated: Curated,
) -> dict[NameList, set[str]]:
    """Every name of the packages by kind and gender, borne or doubtful; the words that are none.

    Those of the records also by their origin.
    """
    seen: dict[Kind, dict[str, _Seen]] = {kind: defaultdict(_Seen) for kind in KINDS}
    for row in raw:
        text = row.text.strip().lower()
        if rules.is_word(text):
            name = seen[row.kind][fold(text)]
            name.bearers[row.gender] += row.count
            if row.count == 0 and row.gender:
                name.vouched.add(row.gender)
    records = list(records)
    recorded: dict[tuple[Kind, Gender], set[str]] = defaultdict(set)
    for record in records:
        recorded[record.kind, record.gender].add(fold(record.name))
    words = {fold(word) for word in words}

    lists: dict[NameList, set[str]] = _given(seen, recorded, words, curated)
    for kind in ("patronymic", "surname"):
        for gender in GENDERS:
            lists["known", kind, gender] = set(recorded[kind, gender])
        for spelling, found in seen[kind].items():
            if found.vouched or found.bearers.total() >= LEAST_COUNT:
                for form, gender in _forms(spelling, kind):
                    lists["known", kind, gender].add(form)
    names = lists["known", "given", "m"] | lists["known", "given", "f"]
    for record in records:
        lists.setdefault((record.origin, record.kind, record.gender), set()).add(fold(record.name))
    lists["word"] = {word for word in words - names if not short_for(word, None)}
    return lists


def _given(
    seen: Mapping[Kind, Mapping[str, _Seen]],
    recorded: Mapping[tuple[Kind, Gender], set[str]],
    words: set[str],
    curated: Curated,
) -> dict[NameList, set[str]]:
    given = seen["given"]
    counts = {name: found.bearers.total() for name, found in given.items()}
    typos, rare_typos = (set(find_typos(counts, r)) for r in (TYPO_RATIO, RARE_TYPO_RATIO))
    lists: dict[NameList, set[str]] = {}

    def is_known(name: str, gender: Gender) -> bool:
        found, bearers = given[name], given[name].bearers[gender]
        least = LEAST_COUNT if gender in found.vouched else COMMON if name in words else BORNE
        surname = seen["surname"].get(name)
        return (
            bearers >= least
            and name not in (rare_typos if bearers < COMMON else typos)
            and name not in curated.misspelled
            and MINORITY * bearers > found.bearers.total() - bearers
            and not rules.looks_like_patronymic(name)
            and not rules.is_surname(name, counts[name], surname.bearers.total() if surname else 0)
        )

    seen_at_all = set(given).union(*recorded.values())
    for gender in GENDERS:
        known = {name for name in given if is_known(name, gender)}
        known = {name for name in known if not short_for(name, gender)} | recorded["given", gender]
        lists["known", "given", gender] = known
        lists["doubtful", "given", gender] = {
            name for name in seen_at_all - known if not short_for(name, gender)
        }
    return lists


def _forms(name: str, kind: Kind) -> Iterable[tuple[str, Gender]]:
    """The form that a patronymic or a surname has for each gender, as far as one tells it."""
    if kind == "patronymic":
        yield name, "f" if name.endswith(("а", "кызы")) else "m"
    elif is_feminine_surname(name):
        yield name, "f"
    else:
        yield name, "m"
        yield feminine_surname(name) or name, "f"
