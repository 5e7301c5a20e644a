"""Obscenities: one calm sentence, in private and in groups, and nothing of them is said or kept."""

import pytest
from sqlalchemy import func, select

from bot.context import BotApplication
from bot.names.request import Problem, Reason
from bot.playground.standin import StandIn
from bot.texts import ENGLISH, RUSSIAN
from db.models import Generation
from tests.e2e.talk import ANYA, GROUP, Talk

REFUSAL = "Такого я не продолжаю. Пришлите другое начало имени, например: /name Ев"


def plain(html: str) -> str:
    return html.replace("<code>", "").replace("</code>", "")


async def generations(bot: BotApplication) -> int:
    async with bot.bot_data.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Generation)) or 0


@pytest.mark.parametrize("prefix", ["Еб", "жоп", "Бля", "СУК", "хуй", "Анна-Пизд", "Ху-й 5 ж"])
async def test_an_obscene_prefix_gets_one_calm_sentence(
    anya: Talk, standin: StandIn, bot: BotApplication, prefix: str
) -> None:
    private = [await anya.say(f"/name {prefix}"), await anya.say(prefix)]
    shared = await Talk(standin, ANYA, GROUP).say(f"/name {prefix}")
    assert {reply.text for reply in (*private, shared)} == {REFUSAL}
    assert not any(reply.keyboard for reply in (*private, shared))
    assert await generations(bot) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Анна хуй",
        "хуй5",
        "жопа" * 10,
        "xyй",
        "pizda",
        "Хуї",
        "хуй-хуй-хуй",
        "ъебать",
        "хуй!",
        "х.у.й",
        "fuck you",
    ],
)
async def test_what_is_refused_for_another_reason_is_not_repeated_either(
    anya: Talk, standin: StandIn, text: str
) -> None:
    replies = [await anya.say(text), await Talk(standin, ANYA, GROUP).say(f"/name {text}")]
    # Among other words it is no prefix, and gets the hint that any other talk gets.
    assert {reply.text for reply in replies} <= {REFUSAL, plain(RUSSIAN.hint)}
    assert not any(reply.keyboard for reply in replies)


async def test_english(john: Talk) -> None:
    said = ENGLISH.problem(Problem(Reason.INDECENT, ""))
    assert (await john.say("/name Еб")).text == plain(said)


async def test_the_prefix_that_more_repeats_is_judged_too(
    anya: Talk, standin: StandIn, bot: BotApplication
) -> None:
    """Rows from before prefixes were judged have any."""
    shown = await anya.say("/name Ев")
    async with bot.bot_data.database.begin() as session:
        (row,) = await session.scalars(select(Generation))
        row.prefix = "Еб"
    await anya.press(shown, RUSSIAN.more_button)
    (_, reply) = await standin.wait_for(
        lambda: replies if len(replies := standin.replies(ANYA)) == 2 else []
    )
    assert reply.text == REFUSAL
    assert await generations(bot) == 1
