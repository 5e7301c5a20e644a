"""Sees to the trial of a new model, and tells all admins when the bot went back by itself."""

import asyncio
import contextlib
import logging
from functools import partial

from bot.admin import views
from bot.admin.announcements import Announcement
from bot.context import Services, TelegramBot
from bot.retrain.trial import Trials
from db import trouble

logger = logging.getLogger(__name__)


async def hold_trials(bot: TelegramBot, services: Services) -> None:
    """Look after every change of the model and every minute, until cancelled."""
    adopted, pace = services.retrainer.adopted, services.pace
    trials = Trials(
        services.database,
        services.generator,
        services.sampling,
        services.retrainer,
        services.settings.former_share / 100,
    )
    untold: list[Announcement] = []
    while True:
        adopted.clear()
        try:
            if (ended := await trials.look()) is not None:
                say = partial(views.went_back_text, ended)
                untold.append(Announcement(services.settings.admin_ids, say))
            untold = [each for each in untold if not await each.tell(bot, services.database)]
        except Exception as error:
            logger.warning(
                "The trial of a model is put off: %s", trouble(error) or type(error).__name__
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pace.by_itself):
                await adopted.wait()
