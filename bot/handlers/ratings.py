"""👍 and 👎: one row in the database, and a keyboard that shows what it says."""

from typing import Any

from telegram import CallbackQuery, Chat, Message, Update

from bot.callbacks import Rate, parse_callback
from bot.context import Context
from bot.handlers.buttons import Press, passing_over_harmless_errors, pressed
from bot.names import views
from db import generations, presses, ratings, users
from db.engine import Database
from db.models import RatingValue


async def rate(update: Update, context: Context) -> None:
    """Let the rating of the person who pressed be what the button says.

    The keyboard is redrawn beside this, whether or not the notice can be delivered.
    """
    async with pressed(update, context) as press:
        services, texts, query = context.services, context.texts, press.query
        wanted = parse_callback(query.data)
        if not isinstance(wanted, Rate):
            await press.answer(texts.unknown_button)
            return
        try:
            rating = await _put(services.database, press, wanted, update.update_id)
        except generations.UnknownGeneration:
            await press.answer(texts.name_gone)
            return
        services.tastes.changed(query.from_user.id)
        place = _place(query)
        services.redraws.request(
            tuple(place.items()), lambda: _redraw(context, query, place, wanted.generation_id)
        )
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


def _place(query: CallbackQuery) -> dict[str, int | str]:
    """The address of the pressed message; too old a message is not accessible, but has one."""
    if query.message:
        return {"chat_id": query.message.chat.id, "message_id": query.message.message_id}
    return {"inline_message_id": query.inline_message_id or ""}


async def _redraw(
    context: Context, query: CallbackQuery, place: dict[str, Any], generation_id: int
) -> None:
    async with context.services.database.read() as session:
        rated = await generations.get(session, generation_id)
        if rated is None:
            return
        shown = await generations.of_answer(session, rated.answer_id)
        found = await ratings.of_answer(session, rated.answer_id, query.from_user.id)
    message = query.message
    now = message.reply_markup if isinstance(message, Message) else None
    keyboard = views.answer_keyboard(
        shown,
        context.texts,
        {each.generation_id: each for each in found},
        shared=message is None or message.chat.type != Chat.PRIVATE,
        below=views.rows_below_thumbs(now) if now else (),
    )
    with passing_over_harmless_errors():
        await context.bot.edit_message_reply_markup(**place, reply_markup=keyboard)
