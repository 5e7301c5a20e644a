"""What Latin letters may stand for: a Russian word spelt by ear, or typed on the wrong keyboard."""

import re
from collections.abc import Iterator
from itertools import combinations, product

# What a person may mean by these letters, the likeliest first.
_SPELLINGS = {
    "shch": ("щ",),
    "sch": ("щ", "ш"),
    "dzh": ("дж",),
    "iya": ("ия",),
    "iia": ("ия",),
    "sh": ("ш",),
    "zh": ("ж",),
    "kh": ("х",),
    "ch": ("ч", "х"),
    "ts": ("ц", "тс"),
    "tz": ("ц",),
    "ck": ("к",),
    "ph": ("ф",),
    "th": ("т", "ф"),
    "qu": ("кв",),
    "oo": ("у",),
    "ee": ("и",),
    "ya": ("я", "ья"),
    "ja": ("я", "жа"),
    "ia": ("ия", "я"),
    "yu": ("ю", "ью"),
    "ju": ("ю", "жу"),
    "iu": ("ю", "иу"),
    "yo": ("ё", "йо", "ьо"),
    "jo": ("ё", "йо", "джо"),
    "ye": ("е", "ье", "ые"),
    "je": ("е", "дже"),
    "iy": ("ий",),
    "yy": ("ый",),
    "c": ("к", "ц", "с"),
    "h": ("х", "г"),
    "j": ("й", "ж", "дж"),
    "q": ("к",),
    "w": ("в",),
    "x": ("кс", "х"),
    **{vowel + "y": (russian + "й",) for vowel, russian in zip("aeiou", "аеиоу", strict=True)},
    "y": ("ы", "и", "й", "ий"),
    "'": ("ь",),
    "’": ("ь",),
    "ë": ("ё",),
    "č": ("ч",),
    "š": ("ш",),
    "ž": ("ж",),
    **{
        latin: (russian,)
        for latin, russian in zip("abdefgiklmnoprstuvz", "абдефгиклмнопрстувз", strict=True)
    },
}
_SPELLING = re.compile("|".join(sorted(_SPELLINGS, key=len, reverse=True)) + "|.")
_MOST_SPELLINGS = 6

# The same keys of the English and of the Russian keyboard.
_KEYS = dict(
    zip(
        "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~",
        "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ",
        strict=True,
    )
)
_LAYOUT = str.maketrans(_KEYS)
_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")

_LATIN_WORD = re.compile(r"[a-z'’ëčšž-]+", re.IGNORECASE)
_MIXED_WORD = re.compile(r"[a-zа-яё'’-]+", re.IGNORECASE)


def on_the_russian_keyboard(text: str) -> str:
    """What the same keys write with the Russian layout: ``Td`` is Ев."""
    return text.translate(_LAYOUT)


def spelt_by_ear(word: str) -> list[str]:
    """What a word with Latin letters may be in Russian ones, the likeliest first: ``Ev`` is Ев.

    Russian letters stay; Latin ones among them are first taken for those that look alike. Empty
    for what is no word.
    """
    if not _LATIN_WORD.fullmatch(word):
        return [word.translate(_LOOK_ALIKE)] if _MIXED_WORD.fullmatch(word) else []
    small = word.lower()
    parts = _SPELLING.finditer(small)
    choices = [_choices(part.group(), first=part.start() == 0) for part in parts]
    spellings = list(dict.fromkeys(_nearest(choices)))[:_MOST_SPELLINGS]
    return [s[:1].upper() + s[1:] if word[0].isupper() else s for s in spellings]


def _choices(part: str, *, first: bool) -> tuple[str, ...]:
    if first and part == "e":
        return ("е", "э")
    if first and part == "y":
        return ("я", "ю", "й")
    choices = _SPELLINGS.get(part, (part,))
    return tuple(c for c in choices if c[0] not in "ьы") or choices if first else choices


def _nearest(choices: list[tuple[str, ...]]) -> Iterator[str]:
    """Combinations of one choice each: first all the likeliest, then with one that is not, two."""
    first = [choice[0] for choice in choices]
    open_places = [place for place, choice in enumerate(choices) if len(choice) > 1]
    for number in range(3):
        for places in combinations(open_places, number):
            for others in product(*(choices[place][1:] for place in places)):
                changed = list(first)
                for place, other in zip(places, others, strict=True):
                    changed[place] = other
                yield "".join(changed)
