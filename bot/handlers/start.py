"""/start, /help, and what to say to everything that is no request."""

from telegram import Update

from bot.context import Context
from bot.menus import publish_admin_menu


async def start(update: Update, context: Context) -> None:
    """Greet, and show what to send; the payload of a deep link changes nothing."""
    await _reply(update, context.texts.start)
    user = update.effective_user
    if user and context.services.settings.is_admin(user.id):
        await publish_admin_menu(context.bot, user.id)


async def show_help(update: Update, context: Context) -> None:
    """Explain everything."""
    await _reply(update, context.texts.help)


async def unknown_command(update: Update, context: Context) -> None:
    """Say that there is no such command, unless it is meant for another bot.

    In a group only a command with our own name on it is certainly meant for us.
    """
    message = update.effective_message
    if message is None or not message.text:
        return
    _, at, addressee = message.text.split(maxsplit=1)[0].partition("@")
    ours = addressee.lower() == context.bot.username.lower()
    private = message.chat.type == message.chat.PRIVATE
    if ours or (private and not at):
        await _reply(update, context.texts.unknown_command)


async def hint(update: Update, context: Context) -> None:
    """Say what to send instead of a sticker, a photo, a voice message."""
    await _reply(update, context.texts.hint)


async def _reply(update: Update, text: str) -> None:
    if update.effective_message:
        await update.effective_message.reply_html(text)
