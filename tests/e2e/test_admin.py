"""The commands of the admins, and who may not give them."""

import pytest

from bot.admin.texts import ENGLISH, RUSSIAN
from bot.context import BotApplication
from bot.playground.standin import StandIn
from bot.settings import Settings
from db import upkeep
from tests.db.rows import add_version
from tests.e2e.talk import ADMIN, ANYA, BORIS, GROUP, JOHN, Talk
from tests.rated_names import rate_names

COMMANDS = ("/retrain", "/cancel", "/models", "/rollback", "/stats")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """John is an admin too: one whose Telegram speaks English."""
    return settings.model_copy(update={"admin_ids": frozenset({ADMIN.id, JOHN.id})})


def version(bot: BotApplication) -> int:
    return bot.bot_data.generator.version


@pytest.mark.parametrize("command", [*COMMANDS, "/rollback 1", "/Stats"])
async def test_everybody_else_is_refused_in_one_sentence(
    anya: Talk, bot: BotApplication, command: str
) -> None:
    before = version(bot)
    assert (await anya.say(command)).text == RUSSIAN.admins_only
    assert version(bot) == before


async def test_a_refusal_reaches_a_group_too(standin: StandIn, bot: BotApplication) -> None:
    assert (await Talk(standin, ANYA, GROUP).say("/stats")).text == RUSSIAN.admins_only


@pytest.mark.parametrize("command", COMMANDS)
async def test_an_admin_is_answered_in_their_language(
    admin: Talk, john: Talk, command: str
) -> None:
    russian, english = (await admin.say(command)).text, (await john.say(command)).text
    assert RUSSIAN.admins_only != russian != english != ENGLISH.admins_only
    assert any("а" <= letter <= "я" for letter in russian.lower())
    assert not any("а" <= letter <= "я" for letter in english.lower())


async def test_models_of_a_new_bot(admin: Talk, bot: BotApplication) -> None:
    text = (await admin.say("/models")).text
    assert f"№{version(bot)} · " in text
    assert "из файла · ✅ работает" in text
    assert "оценок нет · показано имён: 0" in text


async def test_models_tell_how_names_are_liked(admin: Talk, bot: BotApplication) -> None:
    await rate_names(bot.bot_data.database, version(bot), BORIS.id, (1, 1, 1, -1))
    # Wilson's interval of 3 of 4.
    expected = "👍 75\u00a0% (30–95\u00a0%), 4 оценки · показано имён: 4"
    assert expected in (await admin.say("/models")).text


async def test_rollback_of_a_new_bot_has_nowhere_to_go(admin: Talk, bot: BotApplication) -> None:
    before = version(bot)
    assert (await admin.say("/rollback")).text == RUSSIAN.nothing_earlier
    expected = RUSSIAN.serving_already.format(version=before)
    assert (await admin.say(f"/rollback №{before}")).text == expected


async def test_rollback_to_an_unknown_version(admin: Talk, bot: BotApplication) -> None:
    before = version(bot)
    assert (await admin.say("/rollback 77")).text == RUSSIAN.unknown_version.format(version=77)
    assert version(bot) == before


async def test_rollback_to_a_version_whose_weights_are_gone(
    admin: Talk, bot: BotApplication
) -> None:
    before = version(bot)
    async with bot.bot_data.database.begin() as session:
        old = await add_version(session, b"old")
        await upkeep.thin_weights(session, keep=1)
        await add_version(session, b"new")
        assert await upkeep.thin_weights(session, keep=1) == old.id
    assert (await admin.say(f"/rollback {old.id}")).text == RUSSIAN.weights_gone
    assert version(bot) == before
    assert f"из файла{RUSSIAN.without_weights}" in (await admin.say("/models")).text


@pytest.mark.parametrize(
    "argument", ["два", "-1", "1 2", "1.5", "²", "9" * 40, "<b>", "1; DROP TABLE ratings"]
)
async def test_rollback_to_nonsense_explains_itself(
    admin: Talk, bot: BotApplication, argument: str
) -> None:
    before = version(bot)
    answer = (await admin.say(f"/rollback {argument}")).text
    assert answer.startswith("После /rollback пришлите номер модели")
    assert version(bot) == before


async def test_statistics_of_a_new_bot_have_no_picture(
    admin: Talk, bot: BotApplication, standin: StandIn
) -> None:
    text = (await admin.say("/stats")).text
    assert "Оценок: 0 (👍 0, 👎 0)" in text
    assert (await admin.say("/cancel")).text == RUSSIAN.nothing_to_cancel
    assert standin.calls_of("sendPhoto") == []


async def test_statistics_with_a_picture(
    admin: Talk, bot: BotApplication, standin: StandIn
) -> None:
    database = bot.bot_data.database
    await rate_names(database, version(bot), ANYA.id, (1, 1, 1, -1), novel=True)
    await rate_names(database, version(bot), BORIS.id, (1, -1), novel=False)
    text = (await admin.say("/stats")).text
    assert "Пользователей: 2" in text
    assert "Показано имён: 6" in text
    assert "Оценок: 6 (👍 4, 👎 2)" in text
    assert "придуманные: 👍 75\u00a0%" in text
    assert "существующие: 👍 50\u00a0%" in text

    (picture,) = await standin.wait_for(
        lambda: [reply for reply in standin.replies(ADMIN) if reply.photo]
    )
    assert picture.photo is not None
    assert picture.photo.media_type == "image/png"
    assert picture.photo.width > 400
