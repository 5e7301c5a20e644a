"""What the bot says to everybody, in Russian and in English. Sentences are Telegram's HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

from babel import Locale
from babel.numbers import format_decimal

from bot.names.request import LARGEST_COUNT, LONGEST_PREFIX, Problem, Reason, Talk
from ml.names.decency import may_be_repeated
from ml.names.records import Gender, Origin

Language = Literal["ru", "en"]


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a surname or a patronymic is."""

    genders: Mapping[Gender, str]
    origins: Mapping[Origin, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """One language.

    ``problems`` and the templates have gaps (``{word}``, ``{names}``) that the methods fill in.
    """

    language: Language
    romanized: bool  # names are shown in Latin letters, too
    start: str
    help: str
    hint: str
    unknown_command: str
    failure: str
    too_often: str
    too_often_notice: str
    group_too_often: str
    answer_lost: str
    problems: Mapping[Reason, str]
    genders: Mapping[Gender, str]
    novel: str
    known: str
    short_template: str
    origins: Mapping[Origin, str]
    novel_origins: Mapping[Origin, str]
    by_taste: str
    other_kinds: Mapping[str, KindWords]
    fewer_template: str
    understood_template: str
    talk: Mapping[Talk, str]
    more_button: str
    origin_buttons: Mapping[Origin, str]
    written_button: str
    cases_button: str
    liked: str
    disliked: str
    withdrawn: str
    name_gone: str
    unknown_button: str
    no_chat: str
    settings: str
    settings_in_private: str
    by_taste_switch: str
    switched: Mapping[bool, str]
    commands: Mapping[str, str]
    short_description: str
    description: str
    name_forms: Mapping[str, str]
    forgotten: str

    def problem(self, problem: Problem) -> str:
        """What was wrong with a request, and what to send instead.

        Here everything that people wrote and that is shown back to them comes by: no obscenity.
        """
        reason = problem.reason if may_be_repeated(problem.word) else Reason.INDECENT
        return self.problems[reason].format(word=escape(problem.word))

    def reply(self, talk: Talk) -> str:
        """What to say to words that ask for no name."""
        return self.talk.get(talk) or {Talk.HELP: self.help, Talk.UNCLEAR: self.hint}[talk]

    def understood(self, prefix: str) -> str:
        """Says what letters the bot took for a prefix."""
        return self.understood_template.format(prefix=escape(prefix))

    def fewer(self, count: int) -> str:
        """Says that an answer has only ``count`` names, fewer than asked for."""
        return self.fewer_template.format(names=counted(self.language, count, self.name_forms))


def texts_for(language_code: str | None) -> Texts:
    """The texts for a Telegram language code (IETF, such as ``en-GB``): Russian where unknown."""
    if not language_code or language_code.lower().partition("-")[0] == "ru":
        return RUSSIAN
    return ENGLISH


def counted(language: Language, number: int, forms: Mapping[str, str]) -> str:
    """``1 имя``, ``2 имени``, ``5 имён``: ``forms`` by CLDR's plural categories."""
    locale = Locale(language)
    return f"{format_decimal(number, locale=locale)} {forms[locale.plural_form(number)]}"


# Said of surnames and patronymics, which may be real or invented.
_ALIKE_IN_RUSSIAN: Mapping[Origin, str] = {
    "russian": "",
    "peoples": "как у народов России",
    "world": "на иностранный лад",
}
_ALIKE_IN_ENGLISH: Mapping[Origin, str] = {
    "russian": "",
    "peoples": "as among the peoples of Russia",
    "world": "foreign in style",
}

RUSSIAN = Texts(
    language="ru",
    romanized=False,
    start=(
        "Здравствуйте! Я <b>Имярек</b>: придумываю русские имена.\n\n"
        "Пришлите /name — и получите имя. Или просто первые буквы, например: Ев\n"
        "Можно и словами: женское имя на А\n\n"
        "Ставьте 👍 и 👎: на ваших оценках я учусь. Всё, что я умею, покажет /help"
    ),
    help=(
        "Пришлите /name. После этой команды можно добавить, в любом порядке:\n\n"
        "• первые буквы имени: <code>/name Ев</code>\n"
        "• мужское или женское, маленькой буквой м или ж: <code>/name ж</code>\n"
        f"• сколько имён, от 1 до {LARGEST_COUNT}: <code>/name 5</code>\n"
        "• или всё сразу: <code>/name Ев ж 5</code>\n\n"
        "Большая буква — начало имени: <code>/name М</code> даст имя на М.\n"
        "Начало, набранное латиницей или не в той раскладке, я тоже пойму: <code>Ev</code>, "
        "<code>Td</code>\n\n"
        "В личном чате можно без /name, просто Ев или своими словами: «придумай имя для девочки», "
        "«пять мужских имён на М», «ещё», «фамилия».\n\n"
        "Имена придумывает нейросеть, буква за буквой. Под каждым сказано, носят ли его люди, "
        "краткое ли оно или придумано только что. 👍 и 👎 учат её; второе нажатие снимает "
        "оценку, а в группе — кнопка ↩️.\n\n"
        "«Ещё» повторит просьбу. Кнопка рядом ведёт по кругу: народы России (имена, пришедшие в "
        "русский из языков страны и её соседей), имена мира (заимствованные издалека), русские "
        "имена.\n\n"
        "⭐ откладывает имя в /favorites: оттуда их можно убрать или забрать файлом. "
        "/top — какие имена нравятся больше всего, /history — что я вам показывал.\n\n"
        "После трёх оценок я выбираю имена под ваш вкус; выключить это можно в /settings.\n"
        "Под одним именем «Как написано?» покажет, какие буквы спорили за каждое место, а «Падежи» "
        "просклоняют его. Любое имя, хоть вместе с фамилией и отчеством, склоняет "
        "<code>/cases Евлампия</code>\n\n"
        "/forget — забыть вас, ваши оценки и избранное."
    ),
    hint=(
        "Не понял вас. Пришлите первые буквы имени, например: Ев\n"
        "Или скажите, какое нужно: «женское имя на А», «пять мужских имён». "
        "Если подойдёт любое, пришлите /name"
    ),
    unknown_command="Такой команды у меня нет. Пришлите /name или загляните в /help",
    failure="Простите, у меня что-то сломалось. Попробуйте ещё раз чуть позже.",
    too_often=(
        "Не успеваю за вами: слишком много просьб сразу. "
        "Передохнём с полминуты, и я снова к вашим услугам."
    ),
    too_often_notice="Не успеваю за вами. Нажмите ещё раз через полминуты.",
    group_too_often=(
        "В этой группе просят чаще, чем Telegram разрешает мне отвечать. "
        "Продолжим через полминуты, а в личном чате я отвечу сразу."
    ),
    answer_lost=(
        "Связь подвела: мой прошлый ответ мог не дойти. Если его не видно, попросите ещё раз."
    ),
    problems={
        Reason.TWO_PREFIXES: (
            "«{word}» — это больше одного слова, а я продолжаю только одно. "
            "Пришлите одно начало имени, например: <code>/name Ев</code>"
        ),
        Reason.TWO_GENDERS: (
            "Здесь пол назван дважды: «{word}». Оставьте что-то одно, например: "
            "<code>/name ж</code>"
        ),
        Reason.TWO_COUNTS: (
            "Здесь два числа: «{word}». Пришлите одно, например: <code>/name Ев 5</code>"
        ),
        Reason.COUNT_OUT_OF_RANGE: (
            f"Столько имён за раз не получится: могу от 1 до {LARGEST_COUNT}. "
            "Например: <code>/name 5</code>"
        ),
        Reason.LATIN_LETTERS: (
            "В «{word}» есть латинские буквы, и начала русского имени я в них не узнал. "
            "Пришлите начало по-русски, например: <code>/name Ев</code>"
        ),
        Reason.DIGITS_IN_WORD: (
            "В «{word}» есть цифры, а в именах их не бывает. "
            "Число имён пишите отдельно, например: <code>/name Ев 5</code>"
        ),
        Reason.FOREIGN_CYRILLIC: (
            "В «{word}» есть буква не из русского алфавита. "
            "Пришлите начало имени русскими буквами, например: <code>/name Ев</code>"
        ),
        Reason.HYPHENS: (
            "Дефис может стоять только внутри имени, и только один, а у вас «{word}». "
            "Пришлите, например: <code>/name Анна-М</code>"
        ),
        Reason.TOO_LONG: (
            f"«{{word}}» — слишком длинно: имён длиннее {LONGEST_PREFIX} букв не бывает. "
            "Пришлите только начало, например: <code>/name Ев</code>"
        ),
        Reason.NO_FIRST_LETTER: (
            "«{word}»: с твёрдого и мягкого знака имена не начинаются. "
            "Пришлите другое начало, например: <code>/name Ев</code>"
        ),
        Reason.NOT_LETTERS: (
            "«{word}»: здесь не только буквы, имени из этого не сложить. "
            "Пришлите начало имени русскими буквами, например: <code>/name Ев</code>"
        ),
        Reason.IMPOSSIBLE_PREFIX: (
            "Не могу придумать имени, которое начинается на «{word}». "
            "Пришлите другое начало или короче, например: <code>/name Ев</code>"
        ),
        Reason.INDECENT: (
            "Такого я не продолжаю. Пришлите другое начало имени, например: <code>/name Ев</code>"
        ),
    },
    genders={"m": "мужское имя", "f": "женское имя"},
    novel="придумано только что",
    known="такое имя носят",
    short_template="краткое от {name}",
    origins={
        "russian": "",
        "peoples": "из имён народов России",
        "world": "заимствованное",
    },
    novel_origins={
        "russian": "",
        "peoples": "в духе имён народов России",
        "world": "на иностранный лад",
    },
    by_taste="под ваш вкус",
    other_kinds={
        "surname": KindWords(
            {"m": "мужская фамилия", "f": "женская фамилия"},
            _ALIKE_IN_RUSSIAN,
        ),
        "patronymic": KindWords(
            {"m": "мужское отчество", "f": "женское отчество"},
            _ALIKE_IN_RUSSIAN,
        ),
    },
    fewer_template="Разных имён по такой просьбе нашлось немного: {names}.",
    understood_template="Понял как «{prefix}».",
    talk={
        Talk.GREETING: (
            "Здравствуйте! Меня зовут Имярек, я придумываю русские имена.\n\n"
            "Пришлите первые буквы, например: Ев\n"
            "Или скажите, какое имя нужно: «имя для девочки», «мужское имя на М». "
            "Подойдёт любое — пришлите /name"
        ),
        Talk.THANKS: "Пожалуйста! Понадобится ещё имя — напишите «ещё» или пришлите /name",
        Talk.FAREWELL: "До свидания! Понадобится имя — пришлите /name",
        Talk.SMALL_TALK: (
            "Хорошо: сижу, придумываю имена. Ни о чём другом, увы, говорить не умею. "
            "Придумать и вам? Пришлите /name или первые буквы, например: Ев"
        ),
        Talk.PRAISE: (
            "Рад, что понравилось! Нажмите 👍 под именем: так я пойму, какие придумывать. "
            "Ещё одно — по команде /name"
        ),
        Talk.BLAME: (
            "Жаль, что не понравилось. Нажмите 👎 под именем: так я пойму, каких не придумывать. "
            "Напишите «ещё» или пришлите /name, и попробую снова."
        ),
        Talk.BEYOND: (
            "Этого я пока не умею. Выбирать могу по первым буквам, полу и числу имён, "
            "например: «женское имя на Ев», «пять мужских имён» или <code>/name Ев ж 5</code>\n"
            "Ещё придумываю фамилии и отчества, но по одному: напишите «фамилия» или «отчество»."
        ),
        Talk.CASES: (
            "Склоняю я по команде: <code>/cases Евлампия</code>, можно с фамилией и отчеством. "
            "А под именем, которое я придумал по /name, есть кнопка «Падежи»."
        ),
    },
    more_button="🔄 Ещё",
    origin_buttons={
        "russian": "🪆 Русские имена",
        "peoples": "🌍 Народы России",
        "world": "🌐 Имена мира",
    },
    written_button="🔬 Как написано?",
    cases_button="📖 Падежи",
    liked="👍 Запомнил, спасибо!",
    disliked="👎 Запомнил, учту.",
    withdrawn="Оценка снята.",
    name_gone="Этого имени я уже не помню. Пришлите /name, и придумаю новое.",
    unknown_button="Эта кнопка больше не работает. Пришлите /name",
    no_chat="Отсюда не вижу чата. Пришлите /name мне лично.",
    settings=(
        "<b>Настройки</b>\n\n"
        "<b>Имена под ваш вкус.</b> Как только вы оценили три имени, я придумываю сразу много и "
        "выбираю то, что похоже на ваши 👍 и непохоже на 👎; под таким именем сказано «под ваш "
        "вкус». Каждое десятое беру наугад: вкусы меняются. Выключите — и имена снова будут как "
        "у всех. Оценки при этом останутся, а /forget их сотрёт."
    ),
    settings_in_private="Настройки у каждого свои: пришлите /settings мне лично.",
    by_taste_switch="Имена под ваш вкус",
    switched={True: "Включено.", False: "Выключено."},
    commands={
        "name": "Придумать имя, например: /name Ев ж",
        "favorites": "Имена, которые вы отложили",
        "top": "Какие имена нравятся больше всего",
        "history": "Что я вам показывал",
        "cases": "Просклонять имя, например: /cases Евлампия",
        "settings": "Настройки: имена под ваш вкус",
        "help": "Что я умею",
        "forget": "Забыть меня и мои оценки",
    },
    short_description="Придумываю русские имена и учусь на ваших 👍 и 👎.",
    description=(
        "Придумываю русские имена: настоящие и такие, каких ещё не было.\n\n"
        "Пришлите начало имени, например «Ев», и поставьте 👍 или 👎: я учусь на оценках."
    ),
    name_forms={"one": "имя", "few": "имени", "many": "имён", "other": "имени"},
    forgotten=(
        "Готово: ваши оценки и всё, что я о вас знал, стёрты, а показанные имена больше ни с кем "
        "не связаны. Одного не отменить: чему модель уже научилась на оценках всех вместе, из неё "
        "не вынуть. Напишете снова — познакомимся заново."
    ),
)

ENGLISH = Texts(
    language="en",
    romanized=True,
    start=(
        "Hello! I am <b>Imyarek</b>, and I invent Russian names.\n\n"
        "Send /name to get one. Or just its first letters, such as Ев or Ev\n"
        "Or say what you need: a female name starting with A\n\n"
        "Press 👍 or 👎: I learn from your ratings. /help tells what else I can do."
    ),
    help=(
        "Send /name, followed by any of these in any order:\n\n"
        "• the first letters, in Cyrillic or Latin: <code>/name Ев</code>, <code>/name Ev</code>\n"
        "• the gender, a small м (or m) for male, ж (or f) for female: <code>/name ж</code>\n"
        f"• how many names, 1 to {LARGEST_COUNT}: <code>/name 5</code>\n"
        "• or all at once: <code>/name Ев ж 5</code>\n\n"
        "A capital letter is a beginning: <code>/name М</code> gives a name that starts with М.\n\n"
        "In a private chat you can do without /name. Just send Ев, or say it in your own words: "
        "“a name for a girl”, “five male names starting with M”, “more”, “surname”.\n\n"
        "A neural network invents the names letter by letter, in Cyrillic; the Latin spelling is "
        "on the next line. Below each name I say whether people bear it, what it is short for, or "
        "that I have just invented it. 👍 and 👎 teach the network; a second press takes the "
        "rating back, in a group the ↩️ button does.\n\n"
        "“More” repeats your request. The button beside it goes round: peoples of Russia (names "
        "that came from the languages of the country and its neighbours), world names (borrowed "
        "from afar), Russian names.\n\n"
        "⭐ keeps a name in /favorites, where you can remove it or take them all as a file. /top "
        "shows which names people like best, /history what I have shown you.\n\n"
        "After three ratings I pick names to your taste; /settings switches that off.\n"
        "Below a single name, “How it was made” shows which letters competed for each place, and "
        "“Cases” declines it. <code>/cases Евлампия</code> declines any name, with surname and "
        "patronymic, too.\n\n"
        "/forget makes me forget you, your ratings and your favorites."
    ),
    hint=(
        "I didn't get that. Send the first letters of a name, such as: Ев\n"
        "Or say what you need: “a female name starting with A”, “five male names”. "
        "If any name will do, send /name"
    ),
    unknown_command="I have no such command. Send /name, or have a look at /help",
    failure="Sorry, something broke on my side. Please try again a little later.",
    too_often=(
        "I can't keep up: that was a lot at once. "
        "Let's pause for half a minute, then I'm at your service again."
    ),
    too_often_notice="I can't keep up with you. Press again in half a minute.",
    group_too_often=(
        "This group asks more often than Telegram lets me answer. "
        "Let's go on in half a minute; in private I answer at once."
    ),
    answer_lost=(
        "The connection failed me: my last answer may not have arrived. "
        "If you don't see it, please ask again."
    ),
    problems={
        Reason.TWO_PREFIXES: (
            "“{word}” is more than one word, and I can continue only one. "
            "Send one beginning of a name, such as: <code>/name Ев</code>"
        ),
        Reason.TWO_GENDERS: (
            "You gave the gender twice: “{word}”. Keep one, such as: <code>/name ж</code>"
        ),
        Reason.TWO_COUNTS: (
            "You sent two numbers: “{word}”. Send one, such as: <code>/name Ев 5</code>"
        ),
        Reason.COUNT_OUT_OF_RANGE: (
            f"I can't invent that many names at a time, only 1 to {LARGEST_COUNT}. "
            "For instance: <code>/name 5</code>"
        ),
        Reason.LATIN_LETTERS: (
            "“{word}” has Latin letters in it, and I know no Russian name that begins so. "
            "Send the beginning in Cyrillic, such as: <code>/name Ев</code>"
        ),
        Reason.DIGITS_IN_WORD: (
            "“{word}” has digits in it, which no name has. "
            "Write the number of names separately, such as: <code>/name Ев 5</code>"
        ),
        Reason.FOREIGN_CYRILLIC: (
            "“{word}” has a letter that is not in the Russian alphabet. "
            "Send the beginning in Russian letters, such as: <code>/name Ев</code>"
        ),
        Reason.HYPHENS: (
            "A name has at most one hyphen, inside it, but you sent “{word}”. "
            "Send something like: <code>/name Анна-М</code>"
        ),
        Reason.TOO_LONG: (
            f"“{{word}}” is too long: no name has more than {LONGEST_PREFIX} letters. "
            "Send only its beginning, such as: <code>/name Ев</code>"
        ),
        Reason.NO_FIRST_LETTER: (
            "“{word}”: no name begins with a hard or a soft sign. "
            "Send another beginning, such as: <code>/name Ев</code>"
        ),
        Reason.NOT_LETTERS: (
            "“{word}” isn't made of letters alone, so no name can be made of it. "
            "Send the beginning in Russian letters, such as: <code>/name Ев</code>"
        ),
        Reason.IMPOSSIBLE_PREFIX: (
            "I can't think of a Russian name that begins with “{word}”. "
            "Send another beginning, or a shorter one, such as: <code>/name Ев</code>"
        ),
        Reason.INDECENT: (
            "I don't go on with that. Send another beginning of a name, such as: "
            "<code>/name Ев</code>"
        ),
    },
    genders={"m": "male name", "f": "female name"},
    novel="invented just now",
    known="people bear it",
    short_template="short for {name}",
    origins={
        "russian": "",
        "peoples": "of the peoples of Russia",
        "world": "borrowed",
    },
    novel_origins={
        "russian": "",
        "peoples": "in the spirit of the peoples of Russia",
        "world": "foreign in style",
    },
    by_taste="to your taste",
    other_kinds={
        "surname": KindWords(
            {"m": "male surname", "f": "female surname"},
            _ALIKE_IN_ENGLISH,
        ),
        "patronymic": KindWords(
            {"m": "male patronymic", "f": "female patronymic"},
            _ALIKE_IN_ENGLISH,
        ),
    },
    fewer_template="I found no more different names for this request: {names}.",
    understood_template="I read that as “{prefix}”.",
    talk={
        Talk.GREETING: (
            "Hello! My name is Imyarek, and I invent Russian names.\n\n"
            "Send the first letters, such as Ев or Ev\n"
            "Or say what you need: “a name for a girl”, “a male name starting with M”. "
            "If any name will do, send /name"
        ),
        Talk.THANKS: "You're welcome! When you need another name, say “more” or send /name",
        Talk.FAREWELL: "Goodbye! When you need a name, send /name",
        Talk.SMALL_TALK: (
            "Fine, thank you: busy inventing names. I'm afraid I can't talk about anything else. "
            "Shall I invent one for you? Send /name or the first letters, such as: Ев"
        ),
        Talk.PRAISE: (
            "I'm glad you like it! Press 👍 below the name, and I'll know what to invent. "
            "For another one, send /name"
        ),
        Talk.BLAME: (
            "I'm sorry you don't like it. Press 👎 below the name, and I'll know what to avoid. "
            "Say “more” or send /name, and I'll try again."
        ),
        Talk.BEYOND: (
            "I can't do that yet. I can choose by the first letters, the gender and the number of "
            "names: “a female name starting with Ev”, “five male names” or "
            "<code>/name Ев ж 5</code>\n"
            "I also invent surnames and patronymics, but only one thing at a time: say “surname” "
            "or “patronymic”."
        ),
        Talk.CASES: (
            "To decline a name, send <code>/cases Евлампия</code>, with surname and patronymic if "
            "you like. Below a name that I invented with /name there is a button for it, “Cases”."
        ),
    },
    more_button="🔄 More",
    origin_buttons={
        "russian": "🪆 Russian names",
        "peoples": "🌍 Peoples of Russia",
        "world": "🌐 World names",
    },
    written_button="🔬 How it was made",
    cases_button="📖 Cases",
    liked="👍 Noted, thank you!",
    disliked="👎 Noted, I'll learn.",
    withdrawn="Rating taken back.",
    name_gone="I no longer remember this name. Send /name for a new one.",
    unknown_button="This button no longer works. Send /name",
    no_chat="I can't see the chat from here. Send /name to me in private.",
    settings=(
        "<b>Settings</b>\n\n"
        "<b>Names to your taste.</b> Once you have rated three names, I invent many at a time and "
        "pick what is like those you gave a 👍 and unlike those with a 👎; below such a name I say "
        "“to your taste”. One in ten is left to chance: tastes change. Switch it off to get "
        "names as everybody does. Your ratings stay then; /forget deletes them."
    ),
    settings_in_private="Everybody has settings of their own: send /settings to me in private.",
    by_taste_switch="Names to your taste",
    switched={True: "On.", False: "Off."},
    commands={
        "name": "Invent a Russian name, such as /name Ев ж",
        "favorites": "The names that you keep",
        "top": "Which names people like best",
        "history": "What I have shown you",
        "cases": "Decline a name, such as /cases Евлампия",
        "settings": "Settings: names to your taste",
        "help": "What I can do",
        "forget": "Forget me and my ratings",
    },
    short_description="I invent Russian names and learn from your 👍 and 👎.",
    description=(
        "I invent Russian names: real ones, and some that never existed.\n\n"
        "Send the beginning of a name in Cyrillic, such as “Ев”, and press 👍 or 👎: "
        "I learn from ratings."
    ),
    name_forms={"one": "name", "other": "names"},
    forgotten=(
        "Done: your ratings and all I knew about you are deleted, and the names you saw are no "
        "longer tied to anybody. One thing can't be undone: what the model has learnt from "
        "everybody's ratings together can't be taken out of it. Write again, and we meet anew."
    ),
)
