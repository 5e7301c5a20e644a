"""Names in all cases: /cases and the button."""

import pytest
from sqlalchemy import update

from bot.cases.texts import ENGLISH, RUSSIAN
from bot.context import BotApplication
from bot.playground.standin import StandIn
from bot.playground.telegram.html import parse_html
from bot.playground.telegram.types import Message
from bot.texts import RUSSIAN as COMMON
from db.models import Generation
from tests.e2e.talk import ANYA, GROUP, Talk


def forms(message: Message) -> list[str]:
    return message.texts_of("code")


async def change(bot: BotApplication, **values: object) -> None:
    """Let all that was shown be something else."""
    async with bot.bot_data.database.begin() as session:
        await session.execute(update(Generation).values(**values))


@pytest.mark.parametrize("command", ["/cases", "/padezhi", "/CASES", "/cases@imyarek_bot"])
async def test_a_name_in_all_cases(anya: Talk, command: str) -> None:
    reply = await anya.say(f"{command} евлампия")
    assert reply.texts_of("bold") == ["Евлампия"]
    assert forms(reply) == ["Евлампия", "Евлампии", "Евлампии", "Евлампию", "Евлампией", "Евлампии"]


async def test_a_full_name(anya: Talk, standin: StandIn) -> None:
    reply = await anya.say("/cases Иванов Лев Ильич")
    assert forms(reply)[4] == "Ивановым Львом Ильичом"
    reply = await Talk(standin, ANYA, GROUP).say("/cases Анна Каренина")
    assert forms(reply)[1] == "Анны Карениной"


async def test_the_gender_decides_and_is_asked_for_where_it_is_not_known(anya: Talk) -> None:
    assert forms(await anya.say("/cases Лель м"))[4] == "Лелем"
    assert RUSSIAN.indeclinable in (await anya.say("/cases Дель ж")).text
    guessed = await anya.say("/cases Тивелорь")
    assert "/cases Тивелорь" in guessed.text
    assert len(forms(guessed)) == 7
    assert "Если" not in (await anya.say("/cases Саша")).text  # alike for both


@pytest.mark.parametrize(
    "text",
    ["", "Eva", "🙂", "5", "<b>&amp;", "'; DROP TABLE users; --", "а б в г", "\u202e", "ы" * 99],
)
async def test_rude_input_is_told_what_to_send(anya: Talk, text: str) -> None:
    said = parse_html(RUSSIAN.what_to_send).text
    assert (await anya.say(f"/cases {text}")).text == said


async def test_an_innocent_surname_is_declined_whatever_it_comes_to(anya: Talk) -> None:
    assert forms(await anya.say("/cases Сухая Анна"))[3] == "Сухую Анну"


@pytest.mark.parametrize("text", ["Хуй", "Жопа Иван", "xyй", "ПИЗДА", "Бля м"])
async def test_nothing_indecent_is_declined(anya: Talk, text: str) -> None:
    assert (await anya.say(f"/cases {text}")).text == parse_html(RUSSIAN.not_repeated).text


async def test_the_button_declines_the_name_above_it(
    anya: Talk, standin: StandIn, bot: BotApplication
) -> None:
    shown = await anya.say("/name ж")
    await change(bot, name="Феофилина", gender="f")
    await anya.press(shown, COMMON.cases_button)
    (_, reply) = await standin.wait_for(lambda: two(standin.replies(ANYA)))
    assert forms(reply)[4] == "Феофилиной"
    assert forms(reply)[1] == "Феофилины"
    assert not reply.keyboard


def two(replies: list[Message]) -> list[Message]:
    return replies if len(replies) == 2 else []


async def test_what_may_no_longer_be_shown_is_not_declined(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    shown = await anya.say("/name")
    await change(bot, name="Жопа")
    assert (await anya.press(shown, COMMON.cases_button)).text == COMMON.name_gone
    assert len(standin.replies(ANYA)) == 1


async def test_foreign_and_forged_buttons(anya: Talk, boris: Talk, standin: StandIn) -> None:
    of_boris, of_anya = await boris.say("/name"), await anya.say("/name")
    for data in (of_boris.keyboard[2][1]["callback_data"], "c:999999"):
        of_anya.keyboard[2][1]["callback_data"] = data
        assert (await anya.press(of_anya, str(data))).text == COMMON.name_gone
    of_anya.keyboard[2][1]["callback_data"] = "c:1:x"
    assert (await anya.press(of_anya, "c:1:x")).text == COMMON.unknown_button
    assert len(standin.replies(ANYA)) == 1


async def test_the_row_stays_when_the_name_is_rated_and_kept(anya: Talk) -> None:
    shown = await anya.say("/name")
    below = shown.button_texts[1:]
    await anya.press(shown, "👍")
    await anya.buttons_become(shown, ["👍 ✓", "👎", "⭐"])
    assert anya.now(shown).button_texts[1:] == below
    await anya.press(shown, "⭐")
    await anya.buttons_become(shown, ["👍 ✓", "👎", "⭐ ✓"])
    assert anya.now(shown).button_texts[1:] == below


async def test_english(john: Talk) -> None:
    reply = await john.say("/cases Евлампия")
    assert "Instrumental, by whom? — Евлампией (Yevlampiyey)" in reply.text
    assert (await john.say("/cases Eva")).text == parse_html(ENGLISH.what_to_send).text


async def test_people_ask_in_their_own_words(anya: Talk) -> None:
    assert "/cases" in (await anya.say("просклоняй имя Ева")).text
