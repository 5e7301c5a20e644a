"""What the bot says of names in all cases, in Russian and in English: Telegram's HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from bot.texts import Language
from ml.names.declension import Cases
from ml.names.records import Gender
from ml.names.romanization import romanize


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """One language; the templates have gaps in braces."""

    romanized: bool
    cases: Cases  # what each is called
    indeclinable: str
    taken_for: Mapping[Gender, str]
    what_to_send: str
    not_repeated: str

    def table(self, forms: Cases, taken_for: Gender | None) -> str:
        """A name in all cases; ``taken_for`` is the gender that was guessed, if that matters."""
        lines = [f"<b>{escape(forms.nominative)}</b>"]
        if not forms.declined:
            lines += ["", self.indeclinable]
        else:
            if self.romanized:
                lines.append(escape(romanize(forms.nominative)))
            lines.append("")
            lines += map(self._line, self.cases, forms)
        if taken_for:
            lines += ["", self.taken_for[taken_for].format(name=escape(forms.nominative))]
        return "\n".join(lines)

    def _line(self, case: str, form: str) -> str:
        latin = f" ({escape(romanize(form))})" if self.romanized else ""
        return f"{case} — <code>{escape(form)}</code>{latin}"


def case_texts(language: Language) -> CaseTexts:
    """The texts in a language."""
    return RUSSIAN if language == "ru" else ENGLISH


RUSSIAN = CaseTexts(
    romanized=False,
    cases=Cases(
        "Именительный, кто?",
        "Родительный, кого?",
        "Дательный, кому?",
        "Винительный, кого?",
        "Творительный, кем?",
        "Предложный, о ком?",
    ),
    indeclinable="Не склоняется: во всех падежах одинаково.",
    taken_for={
        "m": "Это если имя мужское. Если женское: <code>/cases {name} ж</code>",
        "f": "Это если имя женское. Если мужское: <code>/cases {name} м</code>",
    },
    what_to_send=(
        "Пришлите имя русскими буквами, можно с фамилией и отчеством, и я просклоняю его, даже "
        "если его никто не носит. Например: <code>/cases Евлампия</code> или "
        "<code>/cases Иванов Лев Ильич</code>"
    ),
    not_repeated="Такого я не склоняю. Пришлите имя, например: <code>/cases Евлампия</code>",
)

ENGLISH = CaseTexts(
    romanized=True,
    cases=Cases(
        "Nominative, who?",
        "Genitive, whose?",
        "Dative, to whom?",
        "Accusative, whom?",
        "Instrumental, by whom?",
        "Prepositional, about whom?",
    ),
    indeclinable="This one is the same in all cases.",
    taken_for={
        "m": "That is for a man's name. For a woman's: <code>/cases {name} ж</code>",
        "f": "That is for a woman's name. For a man's: <code>/cases {name} м</code>",
    },
    what_to_send=(
        "Send a name in Russian letters, with surname and patronymic if you like, and I'll "
        "decline it, even if nobody bears it. For example: <code>/cases Евлампия</code> or "
        "<code>/cases Иванов Лев Ильич</code>"
    ),
    not_repeated="I won't decline that. Send a name, such as: <code>/cases Евлампия</code>",
)
