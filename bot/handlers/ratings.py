"""👍 and 👎: one row in the database, and a keyboard that shows what it says."""

from telegram import Update

from bot.callbacks import Rate, parse_callback
from bot.context import Context
from bot.handlers.buttons import Press, pressed
from bot.names.redraw import request_redraw
from db import generations, presses, ratings, users
from db.engine import Database
from db.models import RatingValue


async def rate(update: Update, context: Context) -> None:
    """Let the rating of the person who pressed be what the button says.

    The keyboard is redrawn beside this, whether or not the notice can be delivered.
    """
    async with pressed(update, context) as press:
        services, texts = context.services, context.texts
        wanted = parse_callback(press.query.data)
        if not isinstance(wanted, Rate):
            await press.answer(texts.unknown_button)
            return
        try:
            rating = await _put(services.database, press, wanted, update.update_id)
        except generations.UnknownGeneration:
            await press.answer(texts.name_gone)
            return
        services.tastes.changed(press.query.from_user.id)
        request_redraw(context, press, wanted.generation_id)
        await press.answer({1: texts.liked, -1: texts.disliked, None: texts.withdrawn}[rating])


async def _put(
    database: Database, press: Press, wanted: Rate, update_id: int
) -> RatingValue | None:
    """The rating of this person from now on.

    Raises:
        UnknownGeneration: there is none, or none that was shown where the button was pressed.
    """
    user, generation_id = press.query.from_user, wanted.generation_id
    async with database.begin() as session:
        shown = await generations.get(session, generation_id)
        if shown is None or not press.shows(shown):
            raise generations.UnknownGeneration(f"no generation {generation_id} here")
        await users.remember(session, user.id, user.language_code)
        if await presses.note(session, user.id, generation_id, update_id):
            await ratings.put(session, user.id, generation_id, wanted.value)
            return wanted.value
        return await ratings.of_user(session, user.id, generation_id)
