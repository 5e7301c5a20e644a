"""What the bot says of how a name was written, in Russian and in English: Telegram's HTML."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from babel.numbers import format_decimal

from bot.texts import Language
from bot.written.picture import UNITS, Words
from ml.names.records import Kind, capitalize
from ml.names.romanization import romanize
from ml.writing.sampling import SamplingSettings

_MILLION, _BILLION = 1_000_000, 1_000_000_000
_ALWAYS = 1.5  # once in so many is nearly always


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """One language; the templates have gaps in braces."""

    language: Language
    romanized: bool
    picture: Words
    letters: str
    careful: str
    bold: str
    memory: str
    given: str
    chance: str
    chance_after: str
    always: str
    about: Mapping[Kind, str]
    rarer_than_million: Mapping[Kind, str]
    rarer_than_billion: Mapping[Kind, str]
    by_another: str
    impossible: str

    def caption(
        self,
        name: str,
        kind: Kind,
        prefix: str,
        settings: SamplingSettings,
        units: int,
        log_prob: float,
        *,
        by_another: bool,
    ) -> str:
        """What the picture shows; ``log_prob`` is that of what the bot chose, in nats.

        ``units`` are all that the network has; ``by_another``: the picture is of another model
        than the one that wrote the name.
        """
        title = f"<b>{escape(name)}</b>"
        if self.romanized:
            title += f" ({escape(romanize(name))})"
        number = format_decimal(settings.temperature, locale=self.language)
        hot = self.careful if settings.temperature < 1 else self.bold
        first = [self.letters]
        if settings.temperature != 1:
            first.append(hot.format(temperature=number))
        beginning = escape(capitalize(prefix.lower()))
        if prefix:
            first.append(self.given.format(prefix=beginning))
        template = self.chance_after if prefix else self.chance
        chance = template.format(chance=self._chance(log_prob, kind), prefix=beginning)
        parts = [
            title,
            " ".join(first),
            self.memory.format(shown=min(UNITS, units), units=units),
            chance,
        ]
        return "\n\n".join([*parts, self.by_another] if by_another else parts)

    def _chance(self, log_prob: float, kind: Kind) -> str:
        once_in = math.exp(min(-log_prob, 100.0))
        if once_in > _BILLION:
            return self.rarer_than_billion[kind]
        if once_in > _MILLION:
            return self.rarer_than_million[kind]
        if once_in < _ALWAYS:
            return self.always
        number = format_decimal(_roughly(once_in), locale=self.language)
        return self.about[kind].format(number=number)


def written_texts(language: Language) -> WrittenTexts:
    """The texts in a language."""
    return RUSSIAN if language == "ru" else ENGLISH


def _roughly(number: float) -> int:
    """Of 4,321 it is 4,000, and of 1,234 it is 1,200."""
    digits = 1 if f"{number:.1e}".startswith("1") else 0
    return int(float(f"{number:.{digits}e}"))


def _of_kinds(template: str, given: str, surname: str, patronymic: str) -> Mapping[Kind, str]:
    words: dict[Kind, str] = {"given": given, "surname": surname, "patronymic": patronymic}
    return {kind: template.replace("{kind}", word) for kind, word in words.items()}


RUSSIAN = WrittenTexts(
    language="ru",
    romanized=False,
    picture=Words(
        letters="какие буквы спорили",
        memory="память сети",
        given="эта буква задана",
        end="конец",
    ),
    letters=(
        "Слева — буквы, которые спорили за место, и вероятность каждой; оранжевую я и написал."
    ),
    careful="Это при «температуре» {temperature}: с нею я осторожнее, чем сеть сама по себе.",
    bold="Это при «температуре» {temperature}: с нею я смелее, чем сеть сама по себе.",
    memory=(
        "Справа — {shown} из {units} чисел, в которых сеть помнит уже написанное: те, что "
        "изменились сильнее всего. Красные больше нуля, синие меньше."
    ),
    given="Начало «{prefix}» было задано.",
    chance="Как часто у меня выходит такое: {chance}. Показываю я не всё, что пишу.",
    chance_after=(
        "Как часто такое выходит после «{prefix}»: {chance}. Показываю я не всё, что пишу."
    ),
    always="почти каждый раз",
    about=_of_kinds("примерно {kind} из {number}", "одно имя", "одна фамилия", "одно отчество"),
    rarer_than_million=_of_kinds(
        "реже {kind} из миллиона", "одного имени", "одной фамилии", "одного отчества"
    ),
    rarer_than_billion=_of_kinds(
        "реже {kind} из миллиарда", "одного имени", "одной фамилии", "одного отчества"
    ),
    by_another=("Модели, которая это придумала, у меня уже нет: так это написала бы нынешняя."),
    impossible="Модели, которая это придумала, у меня уже нет, а нынешняя так не пишет.",
)

ENGLISH = WrittenTexts(
    language="en",
    romanized=True,
    picture=Words(
        letters="letters that competed",
        memory="network's memory",
        given="this letter was given",
        end="end",
    ),
    letters=(
        "On the left are the letters that competed for each place, and how likely each was; I "
        "wrote the orange one."
    ),
    careful="That is at “temperature” {temperature}: more careful than the network by itself.",
    bold="That is at “temperature” {temperature}: bolder than the network by itself.",
    memory=(
        "On the right are {shown} of the {units} numbers in which the network remembers what it "
        "has written: those that changed most. Red is above zero, blue is below."
    ),
    given="The beginning “{prefix}” was given.",
    chance="I write this {chance}. I don't show all that I write.",
    chance_after="After “{prefix}” I write this {chance}. I don't show all that I write.",
    always="nearly every time",
    about=_of_kinds("about once in {number} {kind}", "given names", "surnames", "patronymics"),
    rarer_than_million=_of_kinds(
        "less than once in a million {kind}", "given names", "surnames", "patronymics"
    ),
    rarer_than_billion=_of_kinds(
        "less than once in a billion {kind}", "given names", "surnames", "patronymics"
    ),
    by_another="I no longer have the model that invented it: this is how today's would write it.",
    impossible="I no longer have the model that invented it, and today's writes nothing like it.",
)
