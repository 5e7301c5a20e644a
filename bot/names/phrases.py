"""What people mean: the words after ``/name``, and what they write in a private chat.

After ``/name`` whatever is no known word is a prefix. In a chat people speak in sentences, so there
a word that is not known is a prefix only where a sentence would have one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bot.names.latin import on_the_russian_keyboard, spelt_by_ear
from bot.names.request import (
    LARGEST_COUNT,
    Again,
    NameQuery,
    Problem,
    Reason,
    Talk,
    clean,
    prefix_problem,
    shown,
)
from bot.names.vocabulary import KINDS, SEVERAL, VOCABULARY, Role, Word
from ml.names.records import Gender, fold

Meaning = NameQuery | Again | Talk | Problem
LogProb = Callable[[str], float]

# Only in lower case: a capital М or Жен is the beginning of a name.
_GENDERS: dict[str, Gender] = {"м": "m", "муж": "m", "m": "m", "ж": "f", "жен": "f", "f": "f"}
_LATIN_LETTER = re.compile("[A-Za-z]")
_SEPARATORS = re.compile(r"[\s,;]+")
_SENTENCE_END = tuple(".!?…")
_OPENING = "«\"'“„‘([{"

_WISHES = frozenset(
    {Role.GENDER, Role.COUNT, Role.PEOPLE, Role.NOVEL, Role.LETTERS, Role.SURNAME, Role.PATRONYMIC}
)
_ASKING = _WISHES | {Role.ASK, Role.NAME, Role.NAMES, Role.FOR, Role.AGAIN}
# What may stand beside a prefix that nothing else marks as one: «женское на, пожалуйста».
_TERSE = _ASKING - {Role.ASK} | {Role.PLEASE, Role.OR}
# Letters of a prefix that neither a capital nor «на» marks, in such a text and in any other.
_LONGEST_TERSE = 5
_LONGEST_UNMARKED = 2
# What is none of ours to deny: не могу придумать.
_UNSURE = frozenset(("могу", "можем", "знаю", "знаем", "умею", "умеем", "can", "know"))
# Where several of these are said, the first is answered.
_TALK = {
    Role.HELP: Talk.HELP,
    Role.WHO: Talk.GREETING,
    Role.SMALL_TALK: Talk.SMALL_TALK,
    Role.THANKS: Talk.THANKS,
    Role.FAREWELL: Talk.FAREWELL,
    Role.GREETING: Talk.GREETING,
    Role.PRAISE: Talk.PRAISE,
    Role.BLAME: Talk.BLAME,
    Role.QUESTION: Talk.HELP,
    Role.NOT: Talk.BLAME,
}

# In nats. People who write in Latin letters mostly mean to; nobody begins a word with a semicolon.
_MEANT_LATIN = 2.3
_KEY_OF_A_LETTER = 8.0
_TYPED_KEYS = re.compile(r"[;',.\[\]`{}<>:\"~][A-Za-z]")
# No beginning of a real given name has less a letter, see `ml.writing.generator`.
_LEAST_LOG_PROB = -4.3
_TELLING = 3  # letters


def parse_name_request(text: str, log_prob: LogProb | None = None) -> Meaning:
    """What the words after ``/name`` ask for; an empty text asks for any name.

    A lone lower-case м or ж is the gender, a capital one the prefix. `log_prob` tells how probable
    it is, in nats, that a name begins so: it decides what Latin letters stand for, which are
    refused without it. Never raises.
    """
    return _understand(text, log_prob, in_chat=False)


def parse_message(text: str, log_prob: LogProb | None = None) -> Meaning:
    """What a message in a private chat means, see `parse_name_request`. Never raises."""
    return _understand(text, log_prob, in_chat=True)


def has_latin_letters(text: str) -> bool:
    """Whether it takes `log_prob` to say what a text asks for."""
    return _LATIN_LETTER.search(clean(text)) is not None


def _understand(text: str, log_prob: LogProb | None, *, in_chat: bool) -> Meaning:
    text = clean(text)
    literal = _parse(text, in_chat=in_chat)
    foreign = literal is Talk.UNCLEAR or (
        isinstance(literal, Problem) and literal.reason is Reason.LATIN_LETTERS
    )
    if log_prob is None or not foreign or not _LATIN_LETTER.search(text):
        return literal
    meanings = [(_parse(r, in_chat=in_chat), r, bonus) for r, bonus in _readings(text, literal)]
    for meaning, reading, _ in meanings:
        if _is_certain(meaning, reading):
            return meaning
    log_prob = cache(log_prob)
    best, best_score = literal, (-float("inf"), 0)
    for meaning, _, bonus in meanings:
        if isinstance(meaning, NameQuery | Again) and meaning.prefix:
            score = _plausibility(meaning.prefix, log_prob) + bonus, _told(meaning)
            if score > best_score:
                best, best_score = replace(meaning, guessed=True), score
    return best


def _readings(text: str, literal: Meaning) -> Iterator[tuple[str, float]]:
    """Texts that may be meant by one with Latin letters, and what is to be said for each."""
    keys = _KEY_OF_A_LETTER if _TYPED_KEYS.search(text) else 0.0
    if isinstance(literal, Problem):
        word = next((t.raw for t in reversed(_tokens(text)) if shown(t.raw) == literal.word), "")
        before, _, after = text.rpartition(word)
        for spelling in spelt_by_ear(word):
            yield before + spelling + after, _MEANT_LATIN
        yield before + on_the_russian_keyboard(word) + after, 0.0
    yield on_the_russian_keyboard(text), keys


def _is_certain(meaning: Meaning, text: str) -> bool:
    """Whether a reading makes sense without any prefix: it is made of words that are known."""
    if isinstance(meaning, Problem) or meaning is Talk.UNCLEAR:
        return False
    if isinstance(meaning, NameQuery | Again) and meaning.prefix:
        return False
    return any(token.certain for token in _tokens(text))


def _plausibility(prefix: str, log_prob: LogProb) -> float:
    """How probable a prefix is, in nats; minus infinity if it begins no real name."""
    for beginning in (prefix[:_TELLING], prefix):  # most wrong readings are wrong at once
        found = log_prob(beginning)
        if len(beginning) > 1 and found < _LEAST_LOG_PROB * len(beginning):
            return -float("inf")
    return found


def _told(query: NameQuery | Again) -> int:
    """How many things a request says: of two equally plausible ones the fuller is right."""
    return (query.gender is not None) + (query.count not in (None, 1))


@dataclass(frozen=True, slots=True)
class _Token:
    """One word: ``raw`` without the punctuation around it, ``first`` of its sentence or not."""

    raw: str
    first: bool
    meaning: Word | None

    @property
    def role(self) -> Role | None:
        return self.meaning.role if self.meaning else None

    @property
    def certain(self) -> bool:
        """Whether it is a known word, whatever stands beside it."""
        return self.meaning is not None and self.meaning.alone

    @property
    def capital(self) -> bool:
        return self.raw[:1].isupper() and not any(letter.isupper() for letter in self.raw[1:])

    @property
    def number(self) -> bool:
        return self.raw.isascii() and self.raw.isdigit()


def _tokens(text: str) -> list[_Token]:
    found = []
    first = True
    for written in _SEPARATORS.split(text):
        if raw := _strip(written):
            found.append(_Token(raw, first, VOCABULARY.get(fold(raw))))
            first = written.endswith(_SENTENCE_END)
    return found


def _strip(word: str) -> str:
    """Without the quotes around a word, and the punctuation and pictures after it."""
    word = word.lstrip(_OPENING)
    while word and word[-1] != "-" and unicodedata.category(word[-1])[0] in "PS":
        word = word[:-1]
    return word if any(unicodedata.category(c)[0] not in "PS" for c in word) else ""


@dataclass(slots=True)
class _Found:
    """What the words of a text say; lists, because people may say it twice."""

    roles: set[Role] = field(default_factory=set)
    prefixes: list[_Token] = field(default_factory=list)
    genders: list[tuple[str, Gender]] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)  # as written, as digits
    people: int = 0
    strange: bool = False  # there are words that say nothing to us


def _parse(text: str, *, in_chat: bool) -> Meaning:
    tokens = _tokens(text)
    if not tokens:
        bare = "".join(_SEPARATORS.split(text))
        if not bare:
            return NameQuery()
        reason = Reason.HYPHENS if set(bare) == {"-"} else Reason.NOT_LETTERS
        return Talk.UNCLEAR if in_chat else Problem(reason, shown(bare))
    if not any(token.certain for token in tokens):
        # In «На ж 5» nothing but «На» can be the prefix, so it is one.
        found = _gather([replace(token, meaning=None) for token in tokens], in_chat=False)
        if len(found.prefixes) <= 1:
            return _request(found)
        if not in_chat and not _gather(tokens, in_chat=False).prefixes:
            return _request(found)
    return _meaning(_gather(tokens, in_chat=in_chat), in_chat=in_chat)


def _gather(tokens: Sequence[_Token], *, in_chat: bool) -> _Found:
    found = _Found()
    unmarked: list[_Token] = []
    marked: Role | None = None  # by what the next word is marked as the first letters
    for_whom = of_whom = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        word = token.meaning
        if marked and _is_marked_prefix(token, marked, following):
            found.prefixes.append(token)
            marked = None
        elif token.raw in _GENDERS:
            found.genders.append((token.raw, _GENDERS[token.raw]))
            found.roles.add(Role.GENDER)
        elif token.number:
            found.counts.append((token.raw, token.raw))
            found.roles.add(Role.COUNT)
        elif word is None or _is_capital_prefix(token, following):
            # «Как у Пушкина» is a wish, and none of his letters.
            found.strange |= in_chat and of_whom
            if not for_whom and not (in_chat and of_whom):
                unmarked.append(token)
        elif not (word.role is Role.NOT and following and fold(following.raw) in _UNSURE):
            found.roles.add(word.role)
            if word.gender:
                found.genders.append((token.raw, word.gender))
            elif word.role is Role.COUNT:
                found.counts.append((token.raw, str(word.number)))
            found.people = max(found.people, word.number if word.role is Role.PEOPLE else 0)
            if word.role in (Role.PREPOSITION, Role.LETTERS):
                marked = Role.LETTERS if marked is Role.LETTERS else word.role
            elif word.alone and marked is Role.PREPOSITION:
                marked = None
            if word.alone and word.role is not Role.FILLER:
                for_whom = word.role is Role.FOR
            of_whom = word.role is Role.FROM
    for token in unmarked:
        if not in_chat or _is_unmarked_prefix(token, found.roles):
            found.prefixes.append(token)
        else:
            found.strange = True
    return found


def _is_marked_prefix(token: _Token, marked: Role, following: _Token | None) -> bool:
    """Whether a word after «на» or «на букву» is what the name shall begin with."""
    if token.number or token.certain:
        return False
    if token.role is Role.PREPOSITION and following and not following.number:
        # начинается на Ев; but: на букву с для девочки
        return following.certain and following.role is not Role.LETTERS
    return marked is Role.LETTERS or token.capital or len(token.raw) <= _LONGEST_TERSE


def _is_capital_prefix(token: _Token, following: _Token | None) -> bool:
    """Whether a word that also begins names does so: женское На, А женское; but: А можно имя."""
    if token.certain or not token.capital:
        return False
    if not token.first:
        return True
    return len(token.raw) == 1 and following is not None and following.role is Role.GENDER


def _is_unmarked_prefix(token: _Token, roles: set[Role]) -> bool:
    """Whether an unknown word of a message is a prefix rather than a part of a sentence."""
    if roles & _TALK.keys() and not roles & _ASKING:
        return False
    if token.capital and not token.first:
        return True
    if roles <= _TERSE:
        return token.capital or len(token.raw) <= _LONGEST_TERSE
    return bool(roles & _ASKING) and len(token.raw) <= _LONGEST_UNMARKED


def _meaning(found: _Found, *, in_chat: bool) -> Meaning:
    roles = found.roles
    wishes = bool(roles & _WISHES or found.prefixes)
    orders = wishes or bool(roles & {Role.ASK, Role.AGAIN})
    if roles & {Role.PRAISE, Role.BLAME} and not orders:
        return Talk.BLAME if roles & {Role.BLAME, Role.NOT} else Talk.PRAISE
    if Role.DECLINE in roles:
        return Talk.CASES
    if _is_beyond(roles, wishes=wishes):
        return Talk.BEYOND
    if Role.THANKS in roles and not orders:
        return Talk.THANKS
    helps = Role.HELP in roles or (Role.QUESTION in roles and Role.SMALL_TALK not in roles)
    if helps and not wishes and Role.ASK not in roles:
        return Talk.HELP
    talk = next((talk for role, talk in _TALK.items() if role in roles), Talk.UNCLEAR)
    if wishes or roles & _ASKING or (talk is Talk.UNCLEAR and not in_chat):
        guesses = len(found.prefixes) > 1 and not all(token.capital for token in found.prefixes)
        refuses = roles >= {Role.NOT, Role.ASK} and Role.AGAIN not in roles
        unclear = found.strange or guesses or refuses
        return Talk.UNCLEAR if in_chat and unclear else _request(found)
    return talk


def _is_beyond(roles: set[Role], *, wishes: bool) -> bool:
    """Whether something is wished for that the bot cannot choose by."""
    parts = len(roles & KINDS.keys()) + bool(roles & {Role.NAME, Role.NAMES})
    return (
        Role.BEYOND in roles
        or (Role.NOT in roles and wishes)
        or roles >= {Role.PATRONYMIC, Role.FROM}
        or (parts > 1 and bool(roles & KINDS.keys()))
    )


def _request(found: _Found) -> NameQuery | Again | Problem:
    if len(found.prefixes) > 1:
        return Problem(Reason.TWO_PREFIXES, shown(" ".join(t.raw for t in found.prefixes)))
    prefix = found.prefixes[0].raw if found.prefixes else None
    if prefix and (reason := prefix_problem(prefix)):
        return Problem(reason, shown(prefix))
    genders = {gender for _, gender in found.genders}
    if len(genders) > 1 and Role.OR not in found.roles:
        return Problem(Reason.TWO_GENDERS, shown(" ".join(raw for raw, _ in found.genders)))
    if len(found.counts) > 1:
        return Problem(Reason.TWO_COUNTS, shown(" ".join(raw for raw, _ in found.counts)))
    gender = genders.pop() if len(genders) == 1 else None
    count = _count(found)
    # The length is looked at first: int() refuses thousands of digits.
    if count is not None and (len(count) > 2 or not 1 <= int(count or 0) <= LARGEST_COUNT):
        return Problem(Reason.COUNT_OUT_OF_RANGE, shown(found.counts[0][0]))
    number = int(count) if count else None
    novel_only = Role.NOVEL in found.roles
    kind = next((kind for role, kind in KINDS.items() if role in found.roles), None)
    if Role.AGAIN not in found.roles:
        return NameQuery(prefix or "", gender, number or 1, kind or "given", novel_only)
    if found.roles & {Role.NAME, Role.NAMES}:
        kind = "given"
    return Again(prefix, gender, number, kind, novel_only)


def _count(found: _Found) -> str | None:
    """How many names are wanted, in digits without leading zeros; None where nothing says so."""
    if found.counts:
        return found.counts[0][1].lstrip("0")
    if found.people:
        return str(found.people)
    return str(SEVERAL) if Role.NAMES in found.roles else None
