"""/forget: a person's rows go, out of the files too, at once."""

from telegram import Update

from bot.context import Context
from db.forget import forget_user


async def forget(update: Update, context: Context) -> None:
    """Remove what is kept about the sender, then say so."""
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        return
    await forget_user(context.services.database, user.id)
    context.services.seen.forget(user.id)
    context.services.tastes.forget(user.id)
    await message.reply_html(context.texts.forgotten)
