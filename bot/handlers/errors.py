"""What happens when a handler fails."""

import contextlib
import logging

from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot.context import Context
from bot.texts import texts_for
from bot.traffic.failures import in_words, is_transient
from bot.traffic.outbox import MAY_ARRIVE_TWICE
from db import trouble

logger = logging.getLogger(__name__)


async def on_error(update: object, context: Context) -> None:
    """Log the failure by the id of its update, and tell the person in one sentence.

    Not told: that Telegram cannot be reached (it could not be told either) or that the bot was
    blocked. An answer that may be lost is told by `bot.handlers.lost`. A pressed button has been
    answered already, see `bot.handlers.buttons.pressed`.
    """
    error = context.error
    name = f"update {update.update_id}" if isinstance(update, Update) else "a background task"
    if isinstance(error, Forbidden) or is_transient(error):
        logger.warning("%s was not answered: %s", name, in_words(error))
        return
    if (problem := trouble(error)) is not None:
        logger.error("%s failed: the database cannot be used: %s", name, problem)
    else:
        logger.error("%s failed", name, exc_info=error)
    if not isinstance(update, Update) or update.callback_query or not update.effective_message:
        return
    user = update.effective_user
    texts = texts_for(user.language_code if user else None)
    with contextlib.suppress(TelegramError):
        await context.bot.send_message(
            update.effective_message.chat.id, texts.failure, rate_limit_args=MAY_ARRIVE_TWICE
        )
