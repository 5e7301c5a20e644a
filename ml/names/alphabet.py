"""Symbols and their numbers: what the network reads and what it predicts.

Predicted symbols come first, so that a logit's index is its symbol::

    0 the end of a name | 1 unknown | 2 ... letters | then the start symbols, only ever read

A start symbol says what kind of name follows (kind, gender, origin): it is how one network
writes men's given names and women's surnames. A plain list of names has a single start symbol, and
so has a text, where it is how the end of a line is read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ml.names.records import Gender, Kind, NameRecord, Origin, capitalize

END = 0
UNKNOWN = 1
_FIRST_LETTER = 2

Casing = Literal["title", "as-is"]
StartKind = Kind | Literal["text"]


@dataclass(frozen=True, slots=True)
class Start:
    """One start symbol: what kind of name follows. All `None` for the names of a plain list."""

    kind: StartKind | None = None
    gender: Gender | None = None
    origin: Origin | None = None


ANY_NAME = Start()
LINE_OF_TEXT = Start(kind="text")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The symbols of one model.

    `casing` ``"title"`` means that names are read in lower case and written with capitals
    (``анна-мария``, ``Анна-Мария``); ``"as-is"`` keeps every letter as it stands.
    """

    letters: str
    starts: tuple[Start, ...] = (ANY_NAME,)
    casing: Casing = "as-is"

    @property
    def of_text(self) -> bool:
        """Whether it is that of a text rather than of names."""
        return self.starts == (LINE_OF_TEXT,)

    @property
    def predicted(self) -> int:
        """How many symbols the network predicts: the end, the unknown, the letters."""
        return _FIRST_LETTER + len(self.letters)

    @property
    def read(self) -> int:
        """How many symbols the network reads: the predicted ones and the start symbols."""
        return self.predicted + len(self.starts)

    def start_index(self, start: Start) -> int:
        """The symbol of `start`.

        Raises:
            ValueError: this alphabet has no such start symbol.
        """
        return self.predicted + self.starts.index(start)

    def encode(self, name: str) -> list[int]:
        """The letters of a name as symbols, neither start nor end; strange ones are `UNKNOWN`."""
        text = name.lower() if self.casing == "title" else name
        # `find` gives -1 for a letter that is not there, and that is one below `UNKNOWN + 1`.
        return [_FIRST_LETTER + self.letters.find(letter) for letter in text]

    def decode(self, symbols: Iterable[int]) -> str:
        """The name that letters spell, with capitals where the alphabet is cased."""
        name = "".join(self.letters[symbol - _FIRST_LETTER] for symbol in symbols)
        return capitalize(name) if self.casing == "title" else name


def alphabet_of_records(records: Sequence[NameRecord]) -> Alphabet:
    """The alphabet of a names CSV: a start symbol for every combination that stands in it."""
    starts = {Start(record.kind, record.gender, record.origin) for record in records}
    return Alphabet(
        letters=_letters(record.name.lower() for record in records),
        starts=tuple(sorted(starts, key=lambda s: (s.kind or "", s.gender or "", s.origin or ""))),
        casing="title",
    )


def alphabet_of_names(names: Sequence[str]) -> Alphabet:
    """The alphabet of a plain list; names all written with capitals are read in lower case."""
    if all(name == capitalize(name.lower()) != name.lower() for name in names):
        return Alphabet(_letters(name.lower() for name in names), casing="title")
    return Alphabet(_letters(names))


def _letters(names: Iterable[str]) -> str:
    return "".join(sorted(Counter(letter for name in names for letter in name)))
