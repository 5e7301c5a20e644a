"""The bot as a table of contents: every handler in the order in which it is asked."""

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.ext import (
    AIORateLimiter,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    Defaults,
    MessageHandler,
    filters,
)

from bot import callbacks
from bot.admin.handlers import admin_handlers
from bot.context import BotApplication, Services, context_types
from bot.handlers import buttons, errors, forget, ratings, start
from bot.names import handlers as names

# The kinds of updates that Telegram shall send; edited messages are none of them.
ALLOWED_UPDATES = ("message", "callback_query")

# Times to wait as long as Telegram says (429) and send again.
_RATE_LIMIT_RETRIES = 3


def build_application(services: Services, token: str) -> BotApplication:
    """The bot, wired but not started."""
    url = services.settings.bot_api_url
    application: BotApplication = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .context_types(context_types(services))
        .updater(None)  # see bot.polling and bot.webhook
        .job_queue(None)
        .concurrent_updates(True)
        .rate_limiter(
            AIORateLimiter(
                overall_max_rate=services.pace.requests_a_second,
                group_max_rate=services.pace.group_requests_a_minute,
                max_retries=_RATE_LIMIT_RETRIES,
            )
        )
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                # The message that we reply to may have been deleted meanwhile.
                allow_sending_without_reply=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )
        .build()
    )

    new = filters.UpdateType.MESSAGE  # neither edited messages nor channel posts
    private = new & filters.ChatType.PRIVATE
    application.add_handlers(
        [
            CommandHandler("start", start.start, new),
            CommandHandler("help", start.show_help, new),
            CommandHandler("name", names.name, new),
            CommandHandler("forget", forget.forget, new),
            *admin_handlers(),
            MessageHandler(new & filters.COMMAND, start.unknown_command),
            MessageHandler(private & filters.TEXT, names.plain_text),
            MessageHandler(private & ~filters.StatusUpdate.ALL, start.hint),
            CallbackQueryHandler(ratings.rate, callbacks.RATE),
            CallbackQueryHandler(names.more, callbacks.MORE),
            CallbackQueryHandler(buttons.unknown_button),
        ]
    )
    application.add_error_handler(errors.on_error)
    return application
