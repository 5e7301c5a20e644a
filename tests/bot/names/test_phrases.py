"""What people write to the bot, and what it understands."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.names.invent import request_for
from bot.names.phrases import Meaning, has_latin_letters, parse_message, parse_name_request
from bot.names.request import LARGEST_COUNT, Again, NameQuery, Problem, Reason, Talk
from bot.names.vocabulary import VOCABULARY, Role
from ml.errors import ImpossibleRequest
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.records import fold, read_records
from ml.writing.generator import NameGenerator

Parser = Callable[..., Meaning]

PARSERS = pytest.mark.parametrize("parse", [parse_message, parse_name_request])

PHRASES: list[tuple[str, Meaning]] = [
    # Requests in sentences.
    ("Придумай имя для девочки", NameQuery(gender="f")),
    ("Придумай, пожалуйста, имя для моей дочки!", NameQuery(gender="f")),
    ("женское имя на А", NameQuery("А", "f")),
    ("имя для мальчика, 5 штук", NameQuery(gender="m", count=5)),
    ("имя на букву М", NameQuery("М")),
    ("имя на букву «м»", NameQuery("м")),
    ("начинается на Яр", NameQuery("Яр")),
    ('Имя начинается с "Кс"', NameQuery("Кс")),
    ("имена с буквы Д", NameQuery("Д", count=5)),
    ("на А", NameQuery("А")),
    ("а на Я?", NameQuery("Я")),
    ("на букву с для девочки", NameQuery("с", "f")),
    ("имя на с", NameQuery("с")),
    ("Я хочу имя на С", NameQuery("С")),
    ("хочу красивое имя для дочки", NameQuery(gender="f")),
    ("дай пять женских имён", NameQuery(gender="f", count=5)),
    ("ДАЙ ПЯТЬ ЖЕНСКИХ ИМЁН НА БУКВУ Л", NameQuery("Л", "f", 5)),
    ("пару имён для близнецов", NameQuery(count=2)),
    ("имена для двойняшек", NameQuery(count=2)),
    ("Жена беременна, не знаем, как назвать сына", NameQuery(gender="m")),
    ("Какие есть имена на Ю?", NameQuery("Ю", count=5)),
    ("двух мальчиков", NameQuery(gender="m", count=2)),
    ("мужские имена", NameQuery(gender="m", count=5)),
    ("несколько старинных имён", NameQuery(count=5)),
    ("три имени", NameQuery(count=3)),
    ("Ев три", NameQuery("Ев", count=3)),
    ("5 имён Ев", NameQuery("Ев", count=5)),
    ("Привет! Придумай имя сыну", NameQuery(gender="m")),
    ("как назвать ребёнка?", NameQuery()),
    ("как назвать внука", NameQuery(gender="m")),
    ("А можно имя для кота?", NameQuery(gender="m")),
    ("Ищу имя герою романа", NameQuery(gender="m")),
    ("имя для моей черепахи Тортиллы", NameQuery()),
    ("не могу выбрать имя внучке", NameQuery(gender="f")),
    ("имя для мальчика или девочки", NameQuery()),
    ("выдуманное женское имя", NameQuery(gender="f", novel_only=True)),
    ("имя", NameQuery()),
    ("женщина", NameQuery(gender="f")),
    ("Девочка", NameQuery(gender="f")),
    ("давай", NameQuery()),
    # Surnames and patronymics.
    ("фамилия", NameQuery(kind="surname")),
    ("дай мужскую фамилию на Б", NameQuery("Б", "m", kind="surname")),
    ("отчество", NameQuery(kind="patronymic")),
    ("имя и фамилия", Talk.BEYOND),
    ("ФИО", Talk.BEYOND),
    ("хочу имя как у Пушкина", Talk.UNCLEAR),
    ("отчество от имени Евдий", Talk.BEYOND),
    # First letters, and words that are no more than that.
    ("Ев", NameQuery("Ев")),
    ("Ев.", NameQuery("Ев")),
    ("евд", NameQuery("евд")),
    ("Мар", NameQuery("Мар")),
    ("Ев, пожалуйста", NameQuery("Ев")),
    ("Ев женское", NameQuery("Ев", "f")),
    ("На", NameQuery("На")),
    ("да", NameQuery("да")),
    ("три", NameQuery("три")),
    ("А женское", NameQuery("А", "f")),
    # Once more.
    ("ещё", Again()),
    ("Еще!", Again()),
    ("другое", Again()),
    ("не нравится, давай другое", Again()),
    ("спасибо, а ещё?", Again()),
    ("Ой, какое красивое! А ещё?", Again()),
    ("Ещё три, но на букву Г", Again("Г", count=3)),
    ("ещё парочку", Again(count=2)),
    ("ещё женское", Again(gender="f")),
    ("ещё на М", Again("М")),
    ("ещё одну фамилию", Again(count=1, kind="surname")),
    # Talk.
    ("привет", Talk.GREETING),
    ("Приветик)))", Talk.GREETING),
    ("Здравствуйте, Имярек", Talk.GREETING),
    ("доброе утро", Talk.GREETING),
    ("меня зовут Иван", Talk.GREETING),
    ("кто ты?", Talk.GREETING),
    ("Ты бот?", Talk.GREETING),
    ("что делаешь?", Talk.SMALL_TALK),
    ("Привет! Как дела?", Talk.SMALL_TALK),
    ("дела", Talk.SMALL_TALK),
    ("погода", Talk.SMALL_TALK),
    ("Окей", Talk.SMALL_TALK),
    ("хм", Talk.SMALL_TALK),
    ("спасибо", Talk.THANKS),
    ("Спасибо, Имярек ❤️", Talk.THANKS),
    ("пока", Talk.FAREWELL),
    ("до свидания", Talk.FAREWELL),
    ("помощь", Talk.HELP),
    ("что ты умеешь?", Talk.HELP),
    ("красиво!", Talk.PRAISE),
    ("не нравится", Talk.BLAME),
    ("не то", Talk.BLAME),
    ("нет", Talk.BLAME),
    ("дурак", Talk.BLAME),
    # Wishes that it cannot fulfil.
    ("длинное имя", Talk.BEYOND),
    ("просклоняй имя Ева", Talk.CASES),
    ("Склонение имён по падежам", Talk.CASES),
    ("имя из пяти букв", Talk.BEYOND),
    ("имя не на А", Talk.BEYOND),
    ("что значит имя Ева", Talk.BEYOND),
    ("татарское имя", Talk.BEYOND),
    # What it does not understand.
    ("расскажи анекдот", Talk.UNCLEAR),
    ("ты совсем сломался", Talk.UNCLEAR),
    ("придумай имя в стиле барокко", Talk.UNCLEAR),
    ("💪", Talk.UNCLEAR),
    ("?", Talk.UNCLEAR),
    ("имя для мальчика и девочки", Problem(Reason.TWO_GENDERS, "мальчика девочки")),
    ("Анна Мария", Problem(Reason.TWO_PREFIXES, "Анна Мария")),
    ("сто имён", Problem(Reason.COUNT_OUT_OF_RANGE, "сто")),
    # In Latin letters.
    ("Ev", NameQuery("Ев", guessed=True)),
    ("Td", NameQuery("Ев", guessed=True)),
    ("Yaro", NameQuery("Яро", guessed=True)),
    ("Zhj", NameQuery("Яро", guessed=True)),
    ("Zh", NameQuery("Ж", guessed=True)),
    ("An", NameQuery("Ан", guessed=True)),
    ("And", NameQuery("Анд", guessed=True)),
    ("German", NameQuery("Герман", guessed=True)),
    ("Ekaterina", NameQuery("Екатерина", guessed=True)),
    ("Eва", NameQuery("Ева", guessed=True)),
    ("Ev f 5", NameQuery("Ев", "f", 5, guessed=True)),
    ("Td ;", NameQuery("Ев", "f", guessed=True)),
    (";fyyf", NameQuery("жанна", guessed=True)),
    ("ghbdtn", Talk.GREETING),
    ("lfq bvz lkz ltdjxrb", NameQuery(gender="f")),
    ("fjskd", Problem(Reason.LATIN_LETTERS, "fjskd")),
    # In English.
    ("hello!", Talk.GREETING),
    ("How are you?", Talk.SMALL_TALK),
    ("thank you", Talk.THANKS),
    ("more", Again()),
    ("Give me a name for a girl, please", NameQuery(gender="f")),
    ("five female names starting with Ev", NameQuery("Ев", "f", 5, guessed=True)),
    ("boy names with the letter M", NameQuery("М", "m", 5, guessed=True)),
    ("surname", NameQuery(kind="surname")),
    ("what can you do?", Talk.HELP),
]


@pytest.fixture(scope="module")
def generator() -> NameGenerator:
    return NameGenerator(load_model(SHIPPED_MODEL))


@pytest.mark.parametrize(("text", "meaning"), PHRASES, ids=[text for text, _ in PHRASES])
def test_real_phrases(generator: NameGenerator, text: str, meaning: Meaning) -> None:
    assert parse_message(text, generator.prefix_log_prob) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("для девочки", NameQuery(gender="f")),
        ("женское имя на А", NameQuery("А", "f")),
        ("привет", Talk.GREETING),
        ("женщина", NameQuery(gender="f")),
        ("пожалуйста", NameQuery()),
        ("Екатерин женское", NameQuery("Екатерин", "f")),
        ("ещё", Again()),
        ("для черепахи", NameQuery()),
        ("Td", NameQuery("Ев", guessed=True)),
    ],
)
def test_after_the_command_they_mean_the_same(
    generator: NameGenerator, text: str, meaning: Meaning
) -> None:
    assert parse_name_request(text, generator.prefix_log_prob) == meaning


def test_words_are_no_beginnings_of_names() -> None:
    """Those that are beginnings, too, are words only among others."""
    given = [fold(record.name) for record in read_records() if record.kind == "given"]
    beginnings = {name[:length] for name in given for length in range(1, len(name) + 1)}
    certain = {word for word, known in VOCABULARY.items() if known.alone}
    assert certain & beginnings == {"фио"}  # one rare name begins so; all others mean the acronym
    assert all(word == fold(word) for word in VOCABULARY)
    assert {known.role for known in VOCABULARY.values()} == set(Role)


@PARSERS
@pytest.mark.parametrize("text", [text for text, meaning in PHRASES if isinstance(meaning, Talk)])
def test_talk_is_understood_without_the_model(parse: Parser, text: str) -> None:
    def never(prefix: str) -> float:
        raise AssertionError(prefix)

    parse(text, never)


words = st.sampled_from([*VOCABULARY, "Ев", "м", "Ж", "5", "Ev", "Td", "🙂", "лопата", "-", "А"])
texts = st.one_of(st.text(), st.lists(words, max_size=6).map(" ".join), st.text("abейvs ';,-.Ё5"))


@PARSERS
@given(text=texts)
def test_any_text_means_something(parse: Parser, text: str) -> None:
    match parse(text, lambda prefix: -len(prefix)):
        case NameQuery(count=count):
            assert 1 <= count <= LARGEST_COUNT
        case Again(count=count):
            assert count is None or 1 <= count <= LARGEST_COUNT
        case Problem(_, word):
            assert word.isprintable()
            assert len(word) <= 30
        case meaning:
            assert isinstance(meaning, Talk)


@PARSERS
@given(
    text=st.one_of(
        st.text("авеинорстыяЕМ", min_size=1, max_size=5),
        st.text("aevinort", min_size=1, max_size=4),
        st.tuples(st.text("авеинорст", min_size=1, max_size=4), words).map(" ".join),
    )
)
@settings(max_examples=40, deadline=None)
def test_every_prefix_is_honoured_or_refused(
    generator: NameGenerator, parse: Parser, text: str
) -> None:
    meaning = parse(text, generator.prefix_log_prob)
    if isinstance(meaning, NameQuery):
        try:
            answer = generator.generate(request_for(meaning), seed=0)
        except ImpossibleRequest:
            return
        assert all(fold(name.name).startswith(fold(meaning.prefix)) for name in answer.names)


@pytest.mark.parametrize(
    ("text", "has"), [("", False), ("Ев ж 5", False), ("Ev", True), ("Еv", True), ("é", True)]
)
def test_only_latin_letters_need_the_network(text: str, has: bool) -> None:
    assert has_latin_letters(text) == has
