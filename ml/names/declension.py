"""Names in the six cases, invented ones too: by their endings, as school grammar has it.

A line of the tables is an ending with ``|`` before the letters that go (V is any vowel, C any
consonant, ^ where the name begins), then what takes their place in the genitive, dative,
accusative, instrumental and prepositional; ``=`` where nothing changes. The first line that fits
holds, and what none fits is not declined: Мари, Данко, Шевченко, a woman called Эстер or Блок.

Two packages were measured beside it (``python -m bench cases``), by the dictionary of pymorphy3, on
200 names each of men and women: of the 400 given names these tables have one wrong, pytrovich three
and Petrovich 41; of the patronymics none, none and one; of the surnames one, one and three. Of 400
invented names pytrovich and these tables disagree on six, of which five are surnames such as Жирок,
Сулач. So a package would bring thousands of lines of rules, and be right no more often.

Where it fails, because letters do not tell: surnames whose vowel stays (Кобец, Хейфец, Пророк) or
whose ending is stressed (Лапшой); foreign ones in -ин, -ов (Дарвином); Бонч-Бруевич, whose first
part stays; Зульфия and Алия, who are also Зульфие, Алие; a woman called Калина by her surname. What
usage leaves open is decided: Айгуль and Адель stay, as in the dictionary, Михайло is Михайлы.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ml.names.records import Gender, Kind


class Cases(NamedTuple):
    """A name, or several words of one, in each case."""

    nominative: str
    genitive: str
    dative: str
    accusative: str
    instrumental: str
    prepositional: str

    @property
    def declined(self) -> bool:
        """Whether the cases differ."""
        return len(set(self)) > 1


# First declension, men and women. After ж ш ч щ ц the ending is taken for unstressed.
_IN_A = """
[аеиоуэ]|а  =
[гкх]|а     и е у ой е
[жшчщ]|а    и е у ей е
ц|а         ы е у ей е
|а          ы е у ой е
и|я         и и ю ей и
|я          и е ю ей е
"""
# Second declension.
_MASCULINE = """
^Cи|й       я ю я ем е
и|й         я ю я ем и
|й          я ю я ем е
|ь          я ю я ем е
[жшчщц]|    а у а ем е
C|          а у а ом е
"""
_FLEETING = """
V|ёк        йка йку йка йком йке
V.*[^гкхжшчщ]|ёк  ька ьку ька ьком ьке
V.*л|ец     ьца ьцу ьца ьцем ьце
V|ец        йца йцу йца йцем йце
V.*C|ец     ца цу ца цем це
V.*C|ок     ка ку ка ком ке
"""
_TABLES: dict[tuple[Kind, Gender], str] = {
    ("given", "m"): f"""
^па|вел     вла влу вла влом вле
^л|ев       ьва ьву ьва ьвом ьве
^п|ётр      етра етру етра етром етре
V|ёк        йка йку йка йком йке
V.*[^гкхжшчщ]|ёк  ька ьку ька ьком ьке
Cь|я        и е ю ёй е
[йиы]л|о    ы е у ой е
{_IN_A}{_MASCULINE}""",
    ("given", "f"): f"""
^(нин|раш)ел|ь  и и ь ью и
[аеоуэюя]ль|  =
|ь          и и ь ью и
{_IN_A}""",
    ("patronymic", "m"): """
^(иль|лук|фом|фок|кузьм|козьм|аник)ич|  а у а ом е
ич|         а у а ем е
""",
    ("patronymic", "f"): """
н|а         ы е у ой е
""",
    ("surname", "m"): f"""
[оеё]в|     а у а ым е
V.*[иы]н|   а у а ым е
[гкхжшчщ]|ой  ого ому ого им ом
V.*C|ой     ого ому ого ым ом
|ый         ого ому ого ым ом
[гкх]|ий    ого ому ого им ом
([жшщн]|нич)|ий  его ему его им ем
[ыи]х|      =
(ач|ыш|щ)|  а у а ом е
{_FLEETING}{_IN_A}{_MASCULINE}""",
    ("surname", "f"): f"""
[оеё]в|а    ой ой у ой ой
V.*[иы]н|а  ой ой у ой ой
[жшчщ]|ая   ей ей ую ей ей
|ая         ой ой ую ой ой
|яя         ей ей юю ей ей
{_IN_A}""",
}
_CLASSES = {"V": "[аеёиоуыэюя]", "C": "[бвгджзйклмнпрстфхцчшщ]"}


def decline(name: str, kind: Kind, gender: Gender) -> Cases:
    """The cases of one word of a full name.

    Of a double name each part is declined; of a man's given name only the last one (Жан-Жака).
    """
    *first, last = name.split("-")
    parts = [_decline(part, kind, gender) for part in first]
    if kind == "given" and gender == "m":
        parts = [Cases(*[part] * len(Cases._fields)) for part in first]
    return _join([*parts, _decline(last, kind, gender)], "-")


def decline_all(words: Iterable[tuple[str, Kind]], gender: Gender) -> Cases:
    """The cases of a full name, in the order of its words."""
    return _join([decline(name, kind, gender) for name, kind in words], " ")


def _join(parts: list[Cases], between: str) -> Cases:
    return Cases(*(between.join(forms) for forms in zip(*parts, strict=True)))


def _decline(word: str, kind: Kind, gender: Gender) -> Cases:
    small = word.lower()
    for ending, cut, forms in _rules(kind, gender):
        if len(word) > 1 and ending.search(small):
            return Cases(word, *(word[: len(word) - cut] + form for form in forms))
    return Cases(*[word] * len(Cases._fields))


@cache
def _rules(kind: Kind, gender: Gender) -> list[tuple[re.Pattern[str], int, list[str]]]:
    rules = []
    for line in _TABLES[kind, gender].strip().splitlines():
        if line:
            ending, *forms = line.split()
            for letter, letters in _CLASSES.items():
                ending = ending.replace(letter, letters)
            kept, _, cut = ending.rpartition("|")
            forms = [cut] * 5 if forms == ["="] else forms
            rules.append((re.compile(f"{kept}{cut}$"), len(cut), forms))
    return rules
