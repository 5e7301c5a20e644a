"""The least that python-telegram-bot can do, to compare with: ``python -m bench.echo_bot URL``."""

import logging
import sys

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from bot.playground.playground import DEMO_TOKEN


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if message := update.effective_message:
        await message.reply_text(message.text or "")


def main() -> None:
    """Echo until killed."""
    logging.basicConfig(level=logging.WARNING)
    url = sys.argv[1]
    application: Application = (  # type: ignore[type-arg]
        ApplicationBuilder()
        .token(DEMO_TOKEN)
        .base_url(f"{url}/bot")
        .concurrent_updates(True)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, _echo))
    application.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main()
