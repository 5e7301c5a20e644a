"""The button that asks how a name was written."""

import asyncio
import logging
from typing import cast

from telegram import Update

from bot.callbacks import Written
from bot.context import Context, Services
from bot.handlers.buttons import asked_about, pressed
from bot.model_store import load_version
from bot.names.invent import shown_origin
from bot.written.picture import picture
from bot.written.texts import written_texts
from db.model_versions import UnknownModelVersion, WeightsGone
from db.models import Generation
from ml.errors import ImpossibleRequest, ModelFileError
from ml.names.records import Kind, fold
from ml.writing.generator import NameGenerator, SamplingSettings

logger = logging.getLogger(__name__)


async def how_written(update: Update, context: Context) -> None:
    """Send a picture of how the name above the button was written, by the model that wrote it."""
    async with pressed(update, context) as press:
        if (asked := await asked_about(press, update, context, Written)) is None:
            return
        chat, shown = asked
        try:
            png, caption = await _drawn(context, shown)
        except ImpossibleRequest:
            texts = written_texts(context.texts.language)
            await press.answer(texts.impossible, alert=True)
            return
        # Answered first: sending the picture may have to wait for Telegram's limits.
        await press.answer()
        await chat.send_photo(png, caption=caption, filename="how-written.png")


async def _drawn(context: Context, shown: Generation) -> tuple[bytes, str]:
    """The picture of a name and what is said below it.

    Raises:
        ImpossibleRequest: the model that wrote the name is gone, and no other writes so.
    """
    services, texts = context.services, written_texts(context.texts.language)
    name, kind = shown.name, cast("Kind", shown.kind)
    settings = SamplingSettings(shown.temperature, shown.top_k, shown.top_p)
    writer = await _writer(services, shown.model_version_id)
    traced = await services.sampling.ask(
        lambda: writer.trace(name, kind, shown.gender, shown_origin(shown))
    )
    by_another = writer.version != shown.model_version_id
    given = len(shown.prefix) if fold(name).startswith(fold(shown.prefix)) else 0
    png = await asyncio.to_thread(picture, name, traced, settings, given, texts.picture)
    chosen = traced.of_chosen(traced.drawn_from(settings))[given:]
    caption = texts.caption(
        name,
        kind,
        shown.prefix if given else "",
        settings,
        traced.hidden.shape[1],
        float(chosen.sum()),
        by_another=by_another,
    )
    return png, caption


async def _writer(services: Services, version_id: int) -> NameGenerator:
    """The version that wrote a name; if its weights are no longer kept, the one that serves."""
    if services.generator.version == version_id:
        return services.generator
    try:
        model = await load_version(services.database, version_id)
    except (UnknownModelVersion, WeightsGone):
        return services.generator
    except ModelFileError as error:
        logger.warning("How a name was written is told by another model: %s", error)
        return services.generator
    return await asyncio.to_thread(NameGenerator, model, version_id)
