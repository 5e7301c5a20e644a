"""The commands of the admins: /retrain, /cancel, /models, /rollback and /stats."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import Chat, Message, Update, User
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import CommandHandler, filters

from bot import model_store
from bot.admin import views
from bot.admin.charts import gain_picture, like_rate_picture
from bot.admin.live_message import LiveMessage
from bot.admin.texts import AdminTexts, admin_texts
from bot.context import Context
from bot.model_store import NothingToRollBackTo
from bot.retrain.retrainer import NotEnoughRatings, Outcome, RunAlreadyActive
from db import model_versions, statistics, training_runs, trials
from db.model_versions import UnknownModelVersion, WeightsGone
from ml.errors import ModelFileError
from ml.learning.report import Phase
from ml.progress import Step

logger = logging.getLogger(__name__)

RUNS_IN_STATISTICS = 5
_LONGEST_NUMBER = 9  # digits; a version's number fits into 32 bits

AdminCommand = Callable[[Message, User, Context, AdminTexts], Awaitable[None]]


def admin_handlers() -> list[CommandHandler[Context, None]]:
    """The handlers of the admin commands, which refuse everybody else."""
    commands: dict[str, AdminCommand] = {
        "retrain": retrain,
        "cancel": cancel,
        "models": models,
        "rollback": rollback,
        "stats": stats,
    }
    return [
        CommandHandler(name, _for_admins(command), filters.UpdateType.MESSAGE)
        for name, command in commands.items()
    ]


def _for_admins(
    command: AdminCommand,
) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    async def handle(update: Update, context: Context) -> None:
        message, user = update.effective_message, update.effective_user
        if message is None or user is None:
            return
        texts = admin_texts(context.texts.language)
        if context.services.settings.is_admin(user.id):
            await command(message, user, context, texts)
        else:
            await message.reply_html(texts.admins_only)

    return handle


async def retrain(message: Message, user: User, context: Context, texts: AdminTexts) -> None:
    """Begin a run; its message follows it to the end, long after this handler has returned."""
    private, pace = message.chat.type == Chat.PRIVATE, context.services.pace
    share = context.services.settings.former_share / 100
    live = LiveMessage(
        send=message.reply_html,
        edit=lambda sent, text: sent.edit_text(text, parse_mode=ParseMode.HTML),
        interval=pace.private_edits if private else pace.group_edits,
    )
    try:
        run_id = await context.services.retrainer.start(
            user.id,
            on_progress=lambda step: live.show(views.progress_text(step, texts)),
            on_outcome=lambda outcome: _tell(message, live, outcome, texts, share),
            chat_id=message.chat.id,
            language=texts.language,
        )
    except RunAlreadyActive:
        await message.reply_html(texts.already_learning)
    except NotEnoughRatings as refusal:
        await message.reply_html(views.refusal_text(refusal, texts))
    else:
        sent = await live.open(views.progress_text(Step(Phase.PREPARE, 0, 1), texts))
        if sent is not None:
            async with context.services.database.begin() as session:
                await training_runs.note_message(session, run_id, sent.message_id)


async def _tell(
    message: Message,
    live: LiveMessage[Message],
    outcome: Outcome,
    texts: AdminTexts,
    share: float,
) -> bool:
    """Say how the run ended, with a picture of what changes; whether that was said.

    The former version goes on with the share `share` of the answers.
    """
    told = await live.finish(views.outcome_text(outcome, texts, share=share))
    if told and (gain := views.gain_of(outcome, texts)):
        picture = await asyncio.to_thread(
            gain_picture,
            gain,
            title=texts.gain_title,
            now=texts.gain_now,
            new=texts.gain_new,
            y_label=texts.gain_rate,
            traits_title=texts.traits_title,
        )
        # The words say it all: without the picture nothing is lost that would be worth a repeat.
        with contextlib.suppress(TelegramError):
            await message.reply_photo(picture, filename="gain.png", caption=texts.gain_caption)
    return told


async def cancel(message: Message, _user: User, context: Context, texts: AdminTexts) -> None:
    """Stop the run; its own message tells when it has ended."""
    cancelled = context.services.retrainer.cancel()
    await message.reply_html(texts.cancelling if cancelled else texts.nothing_to_cancel)


async def models(message: Message, _user: User, context: Context, texts: AdminTexts) -> None:
    """List the versions."""
    async with context.services.database.read() as session:
        versions = await model_versions.list_statistics(session)
    await message.reply_html(views.models_text(versions, texts))


async def rollback(message: Message, _user: User, context: Context, texts: AdminTexts) -> None:
    """Let the version before the current one serve, or the one whose number was sent."""
    words = (message.text or "").split()[1:]
    try:
        target = _version_number(words)
    except ValueError:
        await message.reply_html(texts.rollback_usage)
        return
    await message.reply_html(await _roll_back(context, target, texts))


async def _roll_back(context: Context, target: int | None, texts: AdminTexts) -> str:
    """What to say about it."""
    services = context.services
    if services.retrainer.active:
        return texts.wait_for_learning
    async with services.retrainer.model_lock:
        former = services.generator.version
        if target == former:
            return texts.serving_already.format(version=former)
        try:
            version = await model_store.rollback(services.database, services.generator, target)
        except NothingToRollBackTo:
            return texts.nothing_earlier
        except UnknownModelVersion:
            return texts.unknown_version.format(version=target)
        except WeightsGone:
            return texts.weights_gone
        except ModelFileError as error:
            logger.error("No rollback: %s", error)
            return texts.damaged_version
    return views.rolled_back_text(version.id, former, texts)


def _version_number(words: list[str]) -> int | None:
    """The number that was sent, None when nothing was.

    Raises ValueError for anything else.
    """
    if not words:
        return None
    number = words[0].removeprefix("№").removeprefix("#")
    if len(words) > 1 or not (number.isascii() and number.isdigit()):
        raise ValueError("not the number of a version")
    if len(number) > _LONGEST_NUMBER:
        raise ValueError("a number too long")
    return int(number)


async def stats(message: Message, _user: User, context: Context, texts: AdminTexts) -> None:
    """Tell how much is used and liked, with a picture when there is something to show."""
    async with context.services.database.read() as session:
        totals = await statistics.totals(session)
        versions = await model_versions.list_statistics(session)
        trial = await trials.under_way(session)
        runs = await training_runs.latest(session, RUNS_IN_STATISTICS)
    services = context.services
    share = services.settings.former_share / 100 if services.sampling.former else 0.0
    await message.reply_html(
        views.statistics_text(totals, versions, runs, texts, trial=trial, share=share)
    )
    if rates := views.rates_by_version(versions):
        picture = await asyncio.to_thread(
            like_rate_picture, rates, title=texts.chart_title, y_label=texts.chart_rate
        )
        await message.reply_photo(picture, filename="like-rate.png", caption=texts.chart_caption)
