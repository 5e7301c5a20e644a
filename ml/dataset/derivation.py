"""Words made from names: patronymics and surnames from given names, feminine from masculine."""

import re

_IRREGULAR: dict[str, tuple[str, ...]] = {
    "лев": ("львович", "львовна", "левович", "левовна"),
    "павел": ("павлович", "павловна"),
    "пётр": ("петрович", "петровна"),
    "яков": ("яковлевич", "яковлевна"),
    "иаков": ("иаковлевич", "иаковлевна"),
    "михаил": ("михайлович", "михайловна"),
    "даниил": ("данилович", "даниловна", "даниилович", "данииловна"),
    "гавриил": ("гаврилович", "гавриловна", "гавриилович", "гаврииловна"),
    "самуил": ("самуилович", "самуиловна", "самойлович", "самойловна"),
    "илья": ("ильич", "ильинична"),
    "кузьма": ("кузьмич", "кузьминична"),
    "козьма": ("козьмич", "козьминична"),
    "фома": ("фомич", "фоминична"),
    "лука": ("лукич", "лукинична"),
    "никита": ("никитич", "никитична"),
    "аникита": ("аникитич", "аникитична"),
    "савва": ("саввич", "саввична"),
    "сила": ("силыч", "силична"),
    "зосима": ("зосимич", "зосимична", "зосимович", "зосимовна"),
    "фока": ("фокич", "фокична"),
    "мина": ("минич", "минична"),
    "вавила": ("вавилич", "вавилична", "вавилович", "вавиловна"),
    "аника": ("аникич", "аникична"),
    "данила": ("данилович", "даниловна"),
    "гаврила": ("гаврилович", "гавриловна"),
    "михайла": ("михайлович", "михайловна"),
    "иосиф": ("иосифович", "иосифовна"),
}
_NO_SOFT_SIGN = re.compile(r"(?:[гкцчшщж]|[бвгджзклмнпстфх]р)ий$")
_FEMININE_ADJECTIVES = (("ний", "няя"), ("ый", "ая"), ("ий", "ая"), ("ой", "ая"))
_POSSESSIVES = ("ов", "ев", "ёв", "ин", "ын")
_SLAVIC_ENDINGS = (
    *("енко", "ченко", "ушко", "ейко", "ович", "евич", "овский", "евский", "инский", "ицкий"),
    *("чук", "щук", "нюк", "люк", "ых", "их", "нок", "вец", "чик", "ников", "щиков"),
)
_FEMININE_ENDINGS = (*(ending + "а" for ending in _POSSESSIVES), "ая", "яя")


def patronymic_forms(name: str) -> set[str]:
    """Every accepted patronymic, of a son and of a daughter, of the father's name (lower case).

    Names in -ий have two, with и and with ь (Валериевич, Валерьевич), except where ь cannot be said
    (Дмитриевич, Георгиевич).
    """
    if name in _IRREGULAR:
        return set(_IRREGULAR[name])
    stem, last = name[:-1], name[-1]
    if name.endswith("ий"):
        stems = {stem} if _NO_SOFT_SIGN.search(name) else {stem, name[:-2] + "ь"}
        return {s + ending for s in stems for ending in ("евич", "евна")}
    if last in "йь":
        return {stem + "евич", stem + "евна"}
    if last in "ая":
        joint = "е" if last == "я" or stem[-1:] in "жчшщцьи" else "о"
        return {stem + joint + "вич", stem + joint + "вна"}
    if last == "о":
        return {name + "вич", name + "вна"}
    if last in "еёиуыэю":
        return {name + "евич", name + "евна"}
    joint = "е" if last in "жчшщц" else "о"
    return {name + joint + "вич", name + joint + "вна"}


def feminine_surname(surname: str) -> str | None:
    """The feminine of a surname (lower case), or None when one form serves both genders."""
    for masculine, feminine in _FEMININE_ADJECTIVES:
        if surname.endswith(masculine):
            return surname.removesuffix(masculine) + feminine
    return surname + "а" if surname.endswith(_POSSESSIVES) else None


def is_feminine_surname(surname: str) -> bool:
    """Whether a surname (lower case) has the ending of a feminine one."""
    return surname.endswith(_FEMININE_ENDINGS)


def has_slavic_ending(surname: str) -> bool:
    """Whether a surname (lower case) ends as only Russian, Ukrainian and Belarusian ones do."""
    return surname.endswith(_SLAVIC_ENDINGS)


def surname_from(name: str) -> str:
    """The surname in -ов, -ев or -ин of the descendants of a man (lower case)."""
    if name[-1] in "ая":
        return name[:-1] + "ин"
    if name[-1] in "йь":
        return name[:-1] + "ев"
    return name + ("ев" if name[-1] in "жчшщцеиуыэю" else "ов")
