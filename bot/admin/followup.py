"""What becomes of a retrain whose bot was killed: its row is ended, and so is its message."""

import asyncio
import logging
from functools import partial

from pydantic import ValidationError
from telegram.constants import ParseMode

from bot.admin import views
from bot.admin.live_message import LiveMessage
from bot.admin.texts import admin_texts
from bot.context import Services, TelegramBot
from bot.retrain.process import FailureCause
from bot.retrain.retrainer import Failed, outcome_of
from db import training_runs, trouble
from db.models import TrainingRun

logger = logging.getLogger(__name__)


async def look_after_runs(bot: TelegramBot, services: Services) -> None:
    """End what dead bots left, this one's former life among them; until cancelled."""
    untold = True
    while True:
        try:
            untold = await services.retrainer.look_after() or untold
            if untold:
                await tell_untold(bot, services)
                untold = False
        except Exception as error:
            logger.warning(
                "Training runs cannot be looked after: %s", trouble(error) or type(error).__name__
            )
        await asyncio.sleep(services.pace.look_after)


async def tell_untold(bot: TelegramBot, services: Services) -> None:
    """Show in the messages of runs that have ended without it how they did."""
    async with services.database.read() as session:
        untold = await training_runs.untold(session)
    for run, version in untold:
        await _tell(bot, run, _text(run, version))
        async with services.database.begin() as session:
            await training_runs.note_told(session, run.id)


def _text(run: TrainingRun, version: int | None) -> str:
    try:
        outcome = outcome_of(run, version)
    except ValidationError:
        outcome = Failed(FailureCause.INTERRUPTED)
    return views.outcome_text(outcome, admin_texts("en" if run.language == "en" else "ru"))


async def _tell(bot: TelegramBot, run: TrainingRun, text: str) -> None:
    if run.chat_id is None:
        return
    live = LiveMessage(
        send=partial(_send, bot, run.chat_id),
        edit=partial(_edit, bot, run.chat_id),
        interval=0,
        message=run.message_id,
    )
    if run.message_id is None:
        await live.open(text)
    else:
        await live.finish(text)


async def _send(bot: TelegramBot, chat_id: int, text: str) -> int:
    sent = await bot.send_message(chat_id, text, parse_mode=ParseMode.HTML)
    return sent.message_id


async def _edit(bot: TelegramBot, chat_id: int, message_id: int, text: str) -> object:
    return await bot.edit_message_text(
        text, chat_id=chat_id, message_id=message_id, parse_mode=ParseMode.HTML
    )
