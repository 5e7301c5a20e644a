"""The packages that ship Russian names, each read into the same raw rows.

None of them is needed to use Imyarek: they are the optional extra ``data``, and are imported only
when the list is rebuilt.
"""

import json
from collections.abc import Iterator, Set
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec

from ml.errors import SourcesMissing
from ml.names.records import Gender, Kind

PACKAGES = ("russiannames", "pymorphy3", "pymorphy3_dicts_ru", "mimesis", "faker", "pyarrow")

_DICTIONARY_KINDS: dict[str, Kind] = {"Name": "given", "Patr": "patronymic", "Surn": "surname"}
_DICTIONARY_GENDERS: dict[str, Gender] = {"masc": "m", "femn": "f"}
_NO_WORDS = frozenset((*_DICTIONARY_KINDS, "Erro", "Init"))
_INFLECTED = frozenset(("NOUN", "ADJF"))
_PREDICATES = frozenset(("ADJS", "VERB"))
_SMALL_WORDS = frozenset(("NPRO", "Apro", "NUMR", "ADVB", "PRED", "PREP", "CONJ", "PRCL", "INTJ"))
_LONGEST_WORD = 8
_GENDERS: tuple[tuple[str, Gender], ...] = (("male", "m"), ("female", "f"))


@dataclass(frozen=True, slots=True)
class RawName:
    """A name as a package has it: nothing is cleaned yet.

    ``count`` is how many bearers the package saw (0 where it does not count); ``tags`` are its
    marks of origin (``slav``, ``tur``, ...).
    """

    text: str
    kind: Kind
    gender: Gender | None
    count: int
    source: str
    tags: tuple[str, ...] = ()


def read_sources() -> Iterator[RawName]:
    """Every name of every package, in a fixed order. Takes about a minute.

    Raises:
        SourcesMissing: at once, when a package of the extra ``data`` is not installed.
    """
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        raise SourcesMissing(
            f"The list is rebuilt from packages that are not installed ({', '.join(missing)}): "
            "run pip install 'imyarek[data]'."
        )
    return _read_all()


def _read_all() -> Iterator[RawName]:
    yield from _read_russiannames()
    yield from _read_dictionary()
    yield from _read_mimesis()
    yield from _read_faker()


def _read_russiannames() -> Iterator[RawName]:
    from pyarrow import parquet

    tables: tuple[tuple[str, Kind], ...] = (
        ("names", "given"),
        ("midnames", "patronymic"),
        ("surnames", "surname"),
    )
    for table, kind in tables:
        path = resources.files("russiannames") / "data" / f"{table}.parquet"
        with path.open("rb") as file:
            rows = parquet.read_table(file, columns=["text", "gender", "count", "ethnic"])
        for row in rows.to_pylist():
            gender = row["gender"] if row["gender"] in ("m", "f") else None
            tags = tuple(tag.strip() for tag in row["ethnic"] or ())
            yield RawName(row["text"], kind, gender, row["count"], "russiannames", tags)


def _read_dictionary() -> Iterator[RawName]:
    """The OpenCorpora dictionary as pymorphy3 packs it: a word is a row of a paradigm.

    The first row of a paradigm is its lemma. Words that the dictionary marks as errors are left
    out: it lists them to recognise them, not to teach them.
    """
    import pymorphy3

    dictionary = pymorphy3.MorphAnalyzer(lang="ru").dictionary
    paradigms: dict[int, tuple[Kind, Gender | None]] = {}
    for number in range(len(dictionary.paradigms)):
        tag = dictionary.build_tag_info(number, 0)
        for grammeme, kind in _DICTIONARY_KINDS.items():
            if grammeme in tag and "Erro" not in tag:
                paradigms[number] = kind, _DICTIONARY_GENDERS.get(str(tag.gender))
    for word, (number, row) in dictionary.words.iteritems():
        if row == 0 and number in paradigms:
            kind, gender = paradigms[number]
            yield RawName(word, kind, gender, 0, "pymorphy3")


def read_words() -> Iterator[str]:
    """The words of the dictionary that a reader would not take for a name. Takes half a minute.

    Nouns in the nominative, adjectives, verbs as they are said of somebody, and all small words;
    none of those that the dictionary marks as names. Longer ones, which hardly any invention hits,
    are left out.
    """
    import pymorphy3

    dictionary = pymorphy3.MorphAnalyzer(lang="ru").dictionary
    of_interest: dict[tuple[int, int], bool] = {}
    for word, place in dictionary.words.iteritems():
        if len(word) <= _LONGEST_WORD:
            if place not in of_interest:
                tag = dictionary.build_tag_info(*place)
                of_interest[place] = _is_plain_word(tag.grammemes)
            if of_interest[place]:
                yield word


def _is_plain_word(grammemes: Set[str]) -> bool:
    return not grammemes & _NO_WORDS and (
        not grammemes.isdisjoint(_SMALL_WORDS)
        or (not grammemes.isdisjoint(_INFLECTED) and "nomn" in grammemes)
        or (not grammemes.isdisjoint(_PREDICATES) and "impr" not in grammemes)
    )


def _read_mimesis() -> Iterator[RawName]:
    path = resources.files("mimesis") / "datasets" / "ru" / "person.json"
    person = json.loads(path.read_text(encoding="utf-8"))
    keys: tuple[tuple[str, Kind], ...] = (
        ("names", "given"),
        ("patronymic", "patronymic"),
        ("surnames", "surname"),
    )
    for key, kind in keys:
        for word, gender in _GENDERS:
            for text in person[key][word]:
                yield RawName(text, kind, gender, 0, "mimesis")


def _read_faker() -> Iterator[RawName]:
    from faker.providers.person.ru_RU import Provider

    keys: tuple[tuple[str, Kind], ...] = (
        ("first_names", "given"),
        ("middle_names", "patronymic"),
        ("last_names", "surname"),
    )
    for key, kind in keys:
        for word, gender in _GENDERS:
            for text in getattr(Provider, f"{key}_{word}"):
                yield RawName(text, kind, gender, 0, "faker")
