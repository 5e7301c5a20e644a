"""Command menus, descriptions and the menu button."""

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    MenuButtonCommands,
)
from telegram.error import BadRequest

from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser
from tests.bot.playground.conftest import ADMIN, GROUP, JOHN


def names(standin: StandIn, user: DemoUser, chat: int) -> list[str]:
    return [command["command"] for command in standin.state.commands_shown(user.id, chat)]


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    await bot.set_my_commands([("name", "имя"), ("help", "помощь")])
    await bot.set_my_commands([("name", "a name")], language_code="en")
    assert await bot.get_my_commands() == (
        BotCommand("name", "имя"),
        BotCommand("help", "помощь"),
    )
    assert await bot.get_my_commands(language_code="en") == (BotCommand("name", "a name"),)
    assert await bot.get_my_commands(BotCommandScopeAllPrivateChats()) == ()
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    assert await bot.get_my_commands(language_code="en") != ()


async def test_people_see_the_narrowest_scope(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    assert names(standin, anya, anya.id) == []
    await bot.set_my_commands([("default", "x")])
    await bot.set_my_commands([("default_en", "x")], language_code="en")
    assert names(standin, anya, anya.id) == ["default"]
    assert names(standin, JOHN, JOHN.id) == ["default_en"]
    await bot.set_my_commands([("private", "x")], BotCommandScopeAllPrivateChats())
    assert names(standin, JOHN, JOHN.id) == ["private"]
    assert names(standin, anya, GROUP.id) == ["default"]
    await bot.set_my_commands([("chat", "x")], BotCommandScopeChat(anya.id))
    assert names(standin, anya, anya.id) == ["chat"]
    await bot.delete_my_commands(BotCommandScopeChat(anya.id))
    assert names(standin, anya, anya.id) == ["private"]


async def test_group_scopes(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    await bot.set_my_commands([("groups", "x")], BotCommandScopeAllGroupChats())
    await bot.set_my_commands([("admins", "x")], BotCommandScopeAllChatAdministrators())
    assert names(standin, anya, GROUP.id) == ["groups"]
    assert names(standin, ADMIN, GROUP.id) == ["admins"]
    await bot.set_my_commands([("group", "x")], BotCommandScopeChat(GROUP.id))
    assert names(standin, ADMIN, GROUP.id) == ["group"]
    await bot.set_my_commands([("member", "x")], BotCommandScopeChatMember(GROUP.id, JOHN.id))
    assert names(standin, JOHN, GROUP.id) == ["member"]


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([("Name", "имя")], "Bot_command_invalid"),
        ([("имя", "имя")], "Bot_command_invalid"),
        ([("a" * 33, "имя")], "Bot_command_invalid"),
        ([("", "имя")], "Command must be non-empty"),
        ([("name", " ")], "Command description must be non-empty"),
        ([("name", "x" * 257)], "Command description length must not exceed 256"),
        ([(f"c{number}", "x") for number in range(101)], "Bot_commands_too_much"),
    ],
)
async def test_refused_commands(bot: Bot, commands: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.set_my_commands(commands)
    assert await bot.get_my_commands() == ()


async def test_a_scope_needs_a_chat_the_bot_has_met(bot: Bot, standin: StandIn) -> None:
    scope = BotCommandScopeChat(ADMIN.id)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([("stats", "x")], scope)
    standin.send_text(ADMIN, "/start")
    await bot.set_my_commands([("stats", "x")], scope)
    assert names(standin, ADMIN, ADMIN.id) == ["stats"]


async def test_descriptions_and_menu_button(bot: Bot, anya: DemoUser) -> None:
    await bot.set_my_description("Придумываю имена")
    await bot.set_my_description("I invent names", language_code="en")
    await bot.set_my_short_description("Имена")
    assert (await bot.get_my_description()).description == "Придумываю имена"
    assert (await bot.get_my_description("en")).description == "I invent names"
    assert (await bot.get_my_short_description()).short_description == "Имена"
    with pytest.raises(BadRequest):
        await bot.set_my_description("x" * 513)
    with pytest.raises(BadRequest):
        await bot.set_my_short_description("x" * 121)
    await bot.set_chat_menu_button(anya.id, MenuButtonCommands())
    assert await bot.get_chat_menu_button(anya.id) == MenuButtonCommands()
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_chat_menu_button(JOHN.id, MenuButtonCommands())
