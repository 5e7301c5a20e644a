"""What becomes of a retrain whose bot was killed, or whose end Telegram did not take."""

import asyncio
import logging
from functools import partial

from pydantic import ValidationError
from telegram.constants import ParseMode

from bot.admin import views
from bot.admin.announcements import Announcement
from bot.admin.live_message import LiveMessage, is_settled
from bot.admin.texts import admin_texts
from bot.context import Services, TelegramBot
from bot.retrain.process import FailureCause
from bot.retrain.retrainer import Failed, Outcome, outcome_of
from db import training_runs, trouble
from db.models import TrainingRun

logger = logging.getLogger(__name__)


async def look_after_runs(services: Services) -> None:
    """Give the sign of life of our run, and end what dead bots left; until cancelled."""
    while True:
        try:
            await services.retrainer.look_after()
        except Exception as error:
            logger.warning(
                "Training runs cannot be looked after: %s", trouble(error) or type(error).__name__
            )
        await asyncio.sleep(services.pace.look_after)


async def tell_outcomes(bot: TelegramBot, services: Services) -> None:
    """Tell how runs ended where that is not known, until Telegram takes it; until cancelled.

    Apart from `look_after_runs`: to tell may take minutes, and signs of life cannot wait.
    """
    untold = services.retrainer.untold
    announced: dict[int, Announcement] = {}
    while True:
        await untold.wait()
        untold.clear()
        try:
            if not await _tell_untold(bot, services, announced):
                untold.set()
        except Exception as error:
            untold.set()
            logger.warning(
                "The end of a training run cannot be told: %s",
                trouble(error) or type(error).__name__,
            )
        await asyncio.sleep(services.pace.look_after)


async def _tell_untold(
    bot: TelegramBot, services: Services, announced: dict[int, Announcement]
) -> bool:
    """Show in the messages of runs that have ended without it how they did; whether all do now.

    ``announced`` are those that all admins hear of, by the numbers of their runs.
    """
    # Before the others are read: what is told meanwhile would be told twice.
    told_by_itself = services.retrainer.followed
    async with services.database.read() as session:
        untold = await training_runs.untold(session)
    share = services.settings.former_share / 100
    all_told = True
    for run, version in untold:
        if run.id in told_by_itself:
            continue
        if run.chat_id == training_runs.EVERY_ADMIN:
            say = partial(views.by_itself_text, _outcome(run, version), share=share)
            news = announced.setdefault(run.id, Announcement(services.settings.admin_ids, say))
            told = await news.tell(bot, services.database)
        else:
            texts = admin_texts("en" if run.language == "en" else "ru")
            text = views.outcome_text(_outcome(run, version), texts, share=share)
            told = await _tell(bot, run, text)
        if told:
            async with services.database.begin() as session:
                await training_runs.note_told(session, run.id)
        else:
            all_told = False
    return all_told


def _outcome(run: TrainingRun, version: int | None) -> Outcome:
    try:
        return outcome_of(run, version)
    except ValidationError:
        return Failed(FailureCause.INTERRUPTED)


async def _tell(bot: TelegramBot, run: TrainingRun, text: str) -> bool:
    if run.chat_id is None:
        return True
    if run.message_id is None:
        return await is_settled(_send(bot, run.chat_id, text))
    live = LiveMessage(
        send=partial(_send, bot, run.chat_id),
        edit=partial(_edit, bot, run.chat_id),
        interval=0,
        message=run.message_id,
    )
    return await live.finish(text)


async def _send(bot: TelegramBot, chat_id: int, text: str) -> int:
    sent = await bot.send_message(chat_id, text, parse_mode=ParseMode.HTML)
    return sent.message_id


async def _edit(bot: TelegramBot, chat_id: int, message_id: int, text: str) -> object:
    return await bot.edit_message_text(
        text, chat_id=chat_id, message_id=message_id, parse_mode=ParseMode.HTML
    )
