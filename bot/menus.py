"""The command menus and descriptions that Telegram shows, by language and by person."""

import logging
from collections.abc import Mapping

from telegram import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.admin.texts import admin_texts
from bot.context import TelegramBot
from bot.texts import ENGLISH, RUSSIAN, Texts

logger = logging.getLogger(__name__)

# Telegram shows the menu without a language to everybody who has none in their own.
_LANGUAGES: tuple[tuple[str | None, Texts], ...] = ((None, ENGLISH), ("ru", RUSSIAN))


async def publish_menus(bot: TelegramBot, admin_ids: frozenset[int]) -> None:
    """Tell Telegram the commands: the common ones to all, the admins' to them alone.

    Failures are logged and passed over: the bot works without menus.
    """
    for language_code, texts in _LANGUAGES:
        try:
            await bot.set_my_commands(
                _menu(texts.commands), BotCommandScopeDefault(), language_code=language_code
            )
            await bot.set_my_short_description(texts.short_description, language_code)
            await bot.set_my_description(texts.description, language_code)
        except TelegramError as error:
            logger.warning("The command menu was not set: %s", error)
    for admin_id in admin_ids:
        await publish_admin_menu(bot, admin_id)


async def publish_admin_menu(bot: TelegramBot, admin_id: int) -> None:
    """Give an admin the longer menu, in the private chat; failures are passed over.

    It cannot be given to an admin who has not written to the bot yet: /start calls this again.
    """
    for language_code, texts in _LANGUAGES:
        commands = {**texts.commands, **admin_texts(texts.language).commands}
        try:
            await bot.set_my_commands(
                _menu(commands), BotCommandScopeChat(admin_id), language_code=language_code
            )
        except TelegramError as error:
            logger.info("Admin %d has no menu yet: %s", admin_id, error)


def _menu(commands: Mapping[str, str]) -> list[BotCommand]:
    return [BotCommand(command, description) for command, description in commands.items()]
