"""Names under test, and which of them are one name in different clothes."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ml.names.alphabet import Start
from ml.names.records import NameRecord, fold

# Иванова - Иванов, Боровская - Боровский.
_SURNAME_ENDING = re.compile(r"(?:(?<=[оеиы][вн])а|ая|яя|ый|ий|ой)$")
# Ярославович - Ярославовна, Валерьевич - Валериевна, Ильич - Ильинична.
_PATRONYMIC_ENDING = re.compile(r"[ийь]?(?:[ое]?в(?:ич|на)|(?:ин)?ич(?:на)?|ыч)$")
# Александра - Александр, Валерий - Валерьевич.
_GIVEN_ENDING = re.compile(r"[аеоуиыэюяйь]+$")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A folded name, and the start symbol that it was written after, or stands under in the data.

    Names of one `family` share their letters but for the ending: who has learnt about one of them
    has learnt about all.
    """

    name: str
    start: Start

    @property
    def family(self) -> str:
        """The same for both genders of a surname; for a given name and what is made of it.

        Now and then it brings together more than belongs together, which harms nothing.
        """
        if self.start.kind == "surname":
            return "surname " + _SURNAME_ENDING.sub("", self.name)
        return "given " + _GIVEN_ENDING.sub("", _PATRONYMIC_ENDING.sub("", self.name))


def suspect(name: str, start: Start) -> Suspect:
    """A name as it is written, before the judges."""
    return Suspect(fold(name), start)


def unseen_names(records: Sequence[NameRecord], trained: AbstractSet[str]) -> list[Suspect]:
    """The names outside the train split, none twice and none of `trained` (folded).

    A surname can be outside it and a given name of the same letters in it.
    """
    unseen = [
        suspect(record.name, Start(record.kind, record.gender, record.origin))
        for record in records
        if record.split != "train"
    ]
    return list(dict.fromkeys(name for name in unseen if name.name not in trained))


def counts_by_start(names: Sequence[Suspect]) -> dict[Start, int]:
    """How many names there are of each start symbol."""
    return dict(Counter(name.start for name in names))
