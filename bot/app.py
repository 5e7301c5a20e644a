"""The bot as a table of contents: every handler in the order in which it is asked."""

from typing import cast

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    Defaults,
    MessageHandler,
    filters,
)

from bot import callbacks
from bot.admin.handlers import admin_handlers
from bot.cases import handlers as cases
from bot.context import BotApplication, Services, context_types
from bot.handlers import buttons, errors, forget, lost, ratings, settings, start
from bot.lists import callbacks as list_callbacks
from bot.lists import handlers as lists
from bot.names import handlers as names
from bot.traffic.limits import Limits
from bot.traffic.outbox import Outbox
from bot.traffic.scheduler import Scheduler
from bot.transport import AiohttpRequest, environment_proxy, is_unsent
from bot.written import handlers as written

# The kinds of updates that Telegram shall send; edited messages are none of them.
ALLOWED_UPDATES = ("message", "callback_query")

# Requests to Telegram at once, besides the one that waits for updates.
_CONNECTIONS = 256


def build_application(services: Services, token: str) -> BotApplication:
    """The bot, wired but not started."""
    url = services.settings.bot_api_url
    limits = Limits(person=services.settings.person_limit, group=services.settings.group_limit)
    scheduler = Scheduler(limits)
    outbox = Outbox(services.pace, is_unsent, on_wait=scheduler.lanes.let_next_begin)
    request = AiohttpRequest(_CONNECTIONS, proxy=environment_proxy(url))
    application: BotApplication = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .request(request)
        .get_updates_request(request)  # which the library wants to have: see bot.polling
        .context_types(context_types(services))
        .updater(None)  # see bot.polling and bot.webhook
        .job_queue(None)
        .concurrent_updates(scheduler)
        .update_queue(scheduler.update_queue)
        .rate_limiter(outbox)
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
    scheduler.update_queue.deal_with = application.process_update

    new = filters.UpdateType.MESSAGE  # neither edited messages nor channel posts
    private = new & filters.ChatType.PRIVATE
    application.add_handlers(
        [
            CommandHandler("start", start.start, new),
            CommandHandler("help", start.show_help, new),
            CommandHandler("name", names.name, new),
            CommandHandler("favorites", lists.show_favorites, new),
            CommandHandler("history", lists.show_history, new),
            CommandHandler("top", lists.show_top, new),
            CommandHandler(["cases", "padezhi"], cases.cases, new),
            CommandHandler("settings", settings.show, new),
            CommandHandler("forget", forget.forget, new),
            *admin_handlers(),
            MessageHandler(new & filters.COMMAND, start.unknown_command),
            MessageHandler(private & filters.TEXT, names.plain_text),
            MessageHandler(private & ~filters.StatusUpdate.ALL, start.hint),
            CallbackQueryHandler(ratings.rate, callbacks.RATE),
            CallbackQueryHandler(names.more, callbacks.MORE),
            CallbackQueryHandler(lists.keep, callbacks.KEEP),
            CallbackQueryHandler(lists.press_list, list_callbacks.LIST),
            CallbackQueryHandler(settings.put, callbacks.SET),
            CallbackQueryHandler(written.how_written, callbacks.WRITTEN),
            CallbackQueryHandler(cases.in_cases, callbacks.CASES),
            CallbackQueryHandler(buttons.unknown_button),
        ]
    )
    application.add_handler(lost.LostAnswersHandler(outbox.lost), group=1)
    application.add_error_handler(errors.on_error)
    return application


def scheduler_of(application: BotApplication) -> Scheduler:
    """What deals with the updates of a bot that `build_application` made."""
    return cast(Scheduler, application.update_processor)


def outbox_of(application: BotApplication) -> Outbox:
    """What its calls to Telegram go through."""
    return cast(Outbox, application.bot.rate_limiter)
