"""What a person gets for /name, whatever they write."""

from collections.abc import Awaitable, Callable

import pytest

from bot.context import BotApplication
from bot.playground.standin import StandIn
from bot.playground.telegram.types import Message
from bot.texts import ENGLISH, RUSSIAN
from ml.names.records import ORIGINS, Origin
from ml.names.romanization import romanize
from tests.e2e.talk import ANYA, GROUP, Talk
from tests.tiny_model import tiny_model

MORE = RUSSIAN.more_button

Settled = Callable[[], Awaitable[None]]


def names_in(message: Message) -> list[str]:
    """The names of an answer: what is bold, each alone on its line, the first line among them."""
    names = message.texts_of("bold")
    lines = message.text.split("\n")
    assert lines[0] == names[0]
    assert all(name in lines for name in names)
    return names


async def test_start_says_what_to_send(anya: Talk) -> None:
    assert "/name" in (await anya.say("/start")).text
    assert (await anya.say("/start deep-link")).text == (await anya.say("/start")).text


async def test_help_shows_examples(anya: Talk) -> None:
    assert "/name Ев ж 5" in (await anya.say("/help")).text


async def test_a_name_is_bold_on_the_first_line_and_can_be_rated(anya: Talk) -> None:
    reply = await anya.say("/name")
    (name,) = names_in(reply)
    assert name.istitle()
    assert any(fact in reply.text for fact in (RUSSIAN.novel, RUSSIAN.known, "краткое от"))
    assert reply.button_texts == [
        ["👍", "👎", "⭐"],
        [MORE, RUSSIAN.origin_buttons["peoples"]],
        [RUSSIAN.written_button, RUSSIAN.cases_button],
    ]


@pytest.mark.parametrize("text", ["/name Ев", "/name ев", "/NAME ЕВ", "Ев", "/name@imyarek_bot Ев"])
async def test_a_name_begins_with_the_prefix(anya: Talk, text: str) -> None:
    (name,) = names_in(await anya.say(text))
    assert name.startswith("Ев")


@pytest.mark.parametrize(
    ("text", "gender", "count"),
    [("/name ж", "f", 1), ("/name м 5", "m", 5), ("/name 5 ж", "f", 5), ("/name f", "f", 1)],
)
async def test_gender_and_count_in_any_order(
    anya: Talk, text: str, gender: str, count: int
) -> None:
    reply = await anya.say(text)
    names = names_in(reply)
    assert len(set(names)) == count
    expected = RUSSIAN.genders["m" if gender == "m" else "f"]
    assert reply.text.lower().count(expected) == count
    assert sum("👍" in row[0] for row in reply.button_texts) == count


async def test_several_names_are_rated_one_by_one(anya: Talk) -> None:
    reply = await anya.say("/name Ан 10")
    names = names_in(reply)
    assert reply.button_texts[:-1] == [[f"👍 {name}", f"👎 {name}", "⭐"] for name in names]


async def test_a_capital_letter_is_the_prefix(anya: Talk) -> None:
    (name,) = names_in(await anya.say("/name М"))
    assert name.startswith("М")


@pytest.mark.parametrize(
    "text",
    [
        "Ev5",
        "щщ Ev",
        "Ев5",
        "5Ев",
        "🙂",
        "а" * 30,
        "Анна Мария",
        "м ж",
        "5 6",
        "0",
        "11",
        "9" * 1000,
        "-5",
        "-",
        "а-б-в",
        "ъа",
        "Їжак",
        "<b>&amp;",
        "%s {word} {0}",
        "'; DROP TABLE users; --",
        "\u200f\u202e",
        "а\u0336б",
    ],
)
async def test_rude_input_gets_a_sentence_with_an_example(anya: Talk, text: str) -> None:
    reply = await anya.say(f"/name {text}")
    if text.isprintable():
        assert "/name" in reply.text
        assert not reply.keyboard
    else:  # nothing visible was written, so any name will do
        assert names_in(reply)


async def test_what_sticks_to_the_command_is_not_lost(anya: Talk) -> None:
    (name,) = names_in(await anya.say("/name,Ев"))
    assert name.startswith("Ев")


async def test_a_prefix_unknown_to_the_model_is_explained(anya: Talk) -> None:
    """Twenty letters pass the parser; the model knows that no name is so long."""
    reply = await anya.say("/name " + "щ" * 20)
    assert "/name" in reply.text


async def test_more_repeats_the_request_in_a_new_message(anya: Talk) -> None:
    first = await anya.say("/name Ев ж 3")
    await anya.press(first, MORE)
    second = await anya.standin.wait_for(lambda: anya.standin.replies(ANYA)[1:])
    names = names_in(second[0])
    assert len(names) == 3
    assert all(name.startswith("Ев") for name in names)
    assert second[0].text.lower().count(RUSSIAN.genders["f"]) == 3
    assert anya.now(first).keyboard


def origin_of(message: Message) -> Origin:
    """The origin that is said of the names of an answer."""
    for origin in ORIGINS[1:]:
        if RUSSIAN.origins[origin] in message.text or RUSSIAN.novel_origins[origin] in message.text:
            return origin
    return "russian"


async def press_for_more(anya: Talk, shown: Message, button: str) -> Message:
    """The answer to a button that asks for more names."""
    before = len(anya.standin.replies(ANYA))
    await anya.press(shown, button)
    (answer,) = await anya.standin.wait_for(lambda: anya.standin.replies(ANYA)[before:])
    return answer


async def test_the_origin_is_switched_round_by_what_the_button_says(anya: Talk) -> None:
    shown = await anya.say("/name 2")
    for origin in (*ORIGINS[1:], ORIGINS[0]):
        shown = await press_for_more(anya, shown, RUSSIAN.origin_buttons[origin])
        assert origin_of(shown) == origin
        assert len(names_in(shown)) == 2


async def test_buttons_of_before_there_were_three_origins_lead_where_they_say(anya: Talk) -> None:
    shown = await anya.say("/name")
    for origin in ("peoples", "russian"):
        button = shown.keyboard[1][1]
        button["callback_data"] = str(button["callback_data"]).rpartition(":")[0]
        shown = await press_for_more(anya, shown, str(button["callback_data"]))
        assert origin_of(shown) == origin


async def test_a_model_of_two_origins_offers_these(bot: BotApplication, anya: Talk) -> None:
    """As those of before the peoples and the world were two."""
    shown = await anya.say("/name")
    shown = await press_for_more(anya, shown, RUSSIAN.origin_buttons["peoples"])
    generator = bot.bot_data.generator
    generator.swap(tiny_model(origins=("russian", "peoples")), generator.version)
    shown = await press_for_more(anya, shown, RUSSIAN.origin_buttons["world"])
    assert origin_of(shown) == "russian"
    shown = await press_for_more(anya, shown, RUSSIAN.origin_buttons["peoples"])
    assert origin_of(shown) == "peoples"
    assert shown.button_texts[1] == [MORE, RUSSIAN.origin_buttons["russian"]]


async def test_english_for_those_whose_telegram_speaks_it(john: Talk) -> None:
    assert (await john.say("/name ]]x")).text.startswith("“]]x” has Latin letters")
    reply = await john.say("/name f")
    assert reply.text.split("\n")[1] == romanize(names_in(reply)[0])
    assert ENGLISH.genders["f"] in reply.text.lower()
    assert reply.button_texts[1] == [ENGLISH.more_button, ENGLISH.origin_buttons["peoples"]]


async def test_unknown_commands_get_a_hint(anya: Talk) -> None:
    assert (await anya.say("/nonsense")).text == RUSSIAN.unknown_command


@pytest.mark.parametrize(
    "text",
    ["Привет! Как дела?", "привет", "спасибо", "/name привет", "дела", "пока", "имя из пяти букв"],
)
async def test_chatter_gets_a_sentence_and_no_name(anya: Talk, text: str) -> None:
    reply = await anya.say(text)
    assert "/name" in reply.text
    assert not reply.keyboard


async def test_people_ask_in_their_own_words(anya: Talk) -> None:
    reply = await anya.say("Придумай 3 имени для девочки на букву Л")
    assert all(name.startswith("Л") for name in names_in(reply))
    assert reply.text.lower().count(RUSSIAN.genders["f"]) == 3


async def test_more_in_words_repeats_the_last_request(anya: Talk) -> None:
    assert len(names_in(await anya.say("ещё"))) == 1  # of nothing asked for: any name
    await anya.say("/name Ев ж 3")
    again = await anya.say("ещё")
    assert len(names_in(again)) == 3
    assert all(name.startswith("Ев") for name in names_in(again))
    (changed,) = names_in(await anya.say("ещё одно, на М"))
    assert changed.startswith("М")
    assert RUSSIAN.genders["f"] in (await anya.say("другое")).text.lower()


async def test_surnames_and_patronymics_are_called_what_they_are(anya: Talk) -> None:
    surname = await anya.say("мужская фамилия на Б")
    assert surname.text.split("\n")[1] == "Мужская фамилия"
    await anya.press(surname, MORE)
    (second,) = await anya.standin.wait_for(lambda: anya.standin.replies(ANYA)[1:])
    assert second.text.split("\n")[1] == "Мужская фамилия"
    assert names_in(second)[0].startswith("Б")
    assert "отчество" in (await anya.say("отчество")).text
    assert "имя" in (await anya.say("ещё имя")).text


async def test_latin_letters_are_understood_and_the_answer_says_how(anya: Talk) -> None:
    reply = await anya.say("/name Ya")
    (name,) = names_in(reply)
    assert reply.text.endswith(f"Понял как «{name[:1]}».")


async def test_edited_messages_fire_nothing_twice(
    anya: Talk, standin: StandIn, settled: Settled
) -> None:
    await anya.say("/name Ев")
    sent = standin.messages(ANYA)[0]
    standin.send_text(ANYA, "/name Ан", edited_of=sent.id)
    await settled()
    assert len(standin.replies(ANYA)) == 1


async def test_commands_for_another_bot_are_left_alone(
    anya: Talk, standin: StandIn, settled: Settled
) -> None:
    standin.send_text(ANYA, "/name@other_bot Ев")
    standin.send_text(ANYA, "/nonsense@other_bot")
    await settled()
    assert standin.replies(ANYA) == []


async def test_groups_hear_names_and_nothing_else(
    anya: Talk, standin: StandIn, settled: Settled
) -> None:
    in_group = Talk(standin, ANYA, GROUP)
    standin.send_text(ANYA, "Ев", chat=GROUP)
    standin.send_text(ANYA, "/nonsense", chat=GROUP)
    reply = await in_group.say("/name Ев")
    await settled()
    assert standin.replies(GROUP) == [reply]
    assert reply.reply_to
    assert (await in_group.say("/nonsense@imyarek_bot")).text == RUSSIAN.unknown_command


async def test_the_names_of_late_are_not_repeated(anya: Talk) -> None:
    seen = [names_in(await anya.say("/name Евлампий 5")) for _ in range(4)]
    assert len({name for names in seen for name in names}) == 20


async def test_everybody_sees_the_menu_in_their_language(john: Talk, standin: StandIn) -> None:
    await standin.wait_for(lambda: len(standin.calls_of("setMyDescription")) == 2)
    await john.say("/start")
    john_sees = standin.state.commands_shown(john.user.id, john.user.id)
    anya_sees = standin.state.commands_shown(ANYA.id, ANYA.id)
    assert {c["command"]: c["description"] for c in john_sees} == ENGLISH.commands
    assert {c["command"]: c["description"] for c in anya_sees} == RUSSIAN.commands


async def test_only_an_admin_sees_admin_commands(
    anya: Talk, admin: Talk, standin: StandIn, settled: Settled
) -> None:
    await anya.say("/start")
    await admin.say("/start")
    await settled()
    of_admin = {c["command"] for c in standin.state.commands_shown(admin.user.id, admin.user.id)}
    of_anya = {c["command"] for c in standin.state.commands_shown(ANYA.id, ANYA.id)}
    assert "retrain" in of_admin
    assert of_anya == set(RUSSIAN.commands)
    assert of_anya < of_admin
