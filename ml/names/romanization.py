"""Russian names in Latin letters, by the BGN/PCGN system of 1947, as English maps print them.

Its optional dots (``t·s`` for тс, to be told from ц) are left out. A package, iuliia, has the same
table, but leaves ё Cyrillic.
"""

_TABLE = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"},
    **{"ё": "ë", "ъ": "”", "ь": "’"},
}
# After these, and where a word begins, е and ё are read, and so written, with a y before them.
_BEFORE_YE = "аеёиоуыэюяйъь"


def romanize(name: str) -> str:
    """``Евгений`` as ``Yevgeniy``; what is not a Russian letter stays as it is."""
    written = []
    before = ""
    for letter in name:
        small = letter.lower()
        latin = _TABLE.get(small, letter)
        if small in "её" and (before in _BEFORE_YE or before not in _TABLE):
            latin = "y" + latin
        written.append(latin.capitalize() if letter != small else latin)
        before = small
    return "".join(written)
