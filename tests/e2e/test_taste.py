"""Names to a person's taste: from their ratings at once, switched off and on, forgotten."""

import pytest
from sqlalchemy import select

from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.types import Message
from bot.settings import Settings
from bot.texts import ENGLISH, RUSSIAN
from db.models import Choice, Generation
from ml.models.checkpoint import SHIPPED_MODEL
from ml.writing.generator import NameRequest
from tests.e2e.talk import ANYA, GROUP, Talk

ON, OFF = (f"{mark} {RUSSIAN.by_taste_switch}" for mark in ("✅", "⬜️"))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody asks too often."""
    return settings.model_copy(update={"person_limit": 0})


@pytest.fixture
def pace() -> Pace:
    """Nothing waits for Telegram's limits."""
    return Pace(requests_a_second=0, chat_burst=0)


async def written_ahead(bot: BotApplication, batches: int) -> None:
    for _ in range(batches):
        await bot.bot_data.sampling.ask(lambda: None)  # comes after the next batch


def is_liked(name: str) -> bool:
    """To Anya's taste: a quarter of what the model writes."""
    return len(name) <= 5


async def rate(anya: Talk, reply: Message) -> None:
    for row, name in zip(reply.keyboard, reply.texts_of("bold"), strict=False):
        await anya.press(reply, str(row[0 if is_liked(name) else 1]["callback_data"]))


async def names(anya: Talk, count: int) -> list[str]:
    replies = [await anya.say("/name 10") for _ in range(count // 10)]
    return [name for reply in replies for name in reply.texts_of("bold")]


async def chosen(bot: BotApplication) -> list[Choice]:
    """How the names that the bot gave were, from the first one on."""
    async with bot.bot_data.database.read() as session:
        found = await session.scalars(select(Generation.chosen).order_by(Generation.id))
    return list(found)


async def test_after_twenty_ratings_twice_as_many_names_are_liked(
    settings: Settings, pace: Pace, standin: StandIn
) -> None:
    settings = settings.model_copy(update={"model_path": SHIPPED_MODEL})
    async with running(settings, pace) as bot:
        await written_ahead(bot, 15)
        base = bot.bot_data.generator.sample(NameRequest(count=400), seed=0)
        anya = Talk(standin, ANYA)
        for _ in range(20):
            await rate(anya, await anya.say("/name"))
        shown = await names(anya, 100)
        how = await chosen(bot)
    assert sum(map(is_liked, shown)) / 100 > 2 * sum(is_liked(n.name) for n in base) / 400
    assert how[:3] == ["model"] * 3
    assert 75 <= how[20:].count("taste") < 100
    last = standin.replies(ANYA)[-1].text
    assert last.count(RUSSIAN.by_taste) == how[-10:].count("taste")


async def test_it_is_switched_off_and_on(anya: Talk, bot: BotApplication) -> None:
    await written_ahead(bot, 2)
    await rate(anya, await anya.say("/name 10"))
    settings = await anya.say("/settings")
    assert "Имена под ваш вкус" in settings.text
    assert settings.button_texts == [[ON]]
    assert (await anya.press(settings, ON)).text == RUSSIAN.switched[False]
    await anya.buttons_become(settings, [OFF])
    assert await names(anya, 20)
    assert set(await chosen(bot)) == {"model"}
    assert (await anya.say("/settings")).button_texts == [[OFF]]
    await anya.press(settings, OFF)
    await anya.buttons_become(settings, [ON])
    await names(anya, 20)
    assert (await chosen(bot)).count("taste") > 10


async def test_forgetting_forgets_the_taste_and_the_switch(anya: Talk, bot: BotApplication) -> None:
    await written_ahead(bot, 2)
    await rate(anya, await anya.say("/name 10"))
    await anya.press(await anya.say("/settings"), ON)
    assert (await anya.say("/forget")).text == RUSSIAN.forgotten
    assert (await anya.say("/settings")).button_texts == [[ON]]
    await names(anya, 20)
    assert set(await chosen(bot)) == {"model"}


async def test_in_a_group_everybody_has_their_own(
    anya: Talk, john: Talk, standin: StandIn, bot: BotApplication
) -> None:
    await written_ahead(bot, 2)
    await rate(anya, await anya.say("/name 10"))
    assert RUSSIAN.by_taste in (await Talk(standin, ANYA, GROUP).say("/name 10")).text
    assert ENGLISH.by_taste not in (await Talk(standin, john.user, GROUP).say("/name 10")).text
    assert (await Talk(standin, ANYA, GROUP).say("/settings")).text == RUSSIAN.settings_in_private
    assert ENGLISH.by_taste_switch in (await john.say("/settings")).button_texts[0][0]


async def test_after_a_prefix_there_is_a_choice_too(anya: Talk, bot: BotApplication) -> None:
    await written_ahead(bot, 2)
    await rate(anya, await anya.say("/name 10"))
    replies = [await anya.say("/name М") for _ in range(8)]
    assert all(reply.text.startswith("М") for reply in replies)
    assert any(RUSSIAN.by_taste in reply.text for reply in replies)
