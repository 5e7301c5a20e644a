"""👍 and 👎: one row in the database, and a keyboard that shows what it says."""

from typing import Any

from telegram import CallbackQuery, Chat, Message, Update, User

from bot.callbacks import Rate, parse_callback
from bot.context import Context
from bot.handlers.buttons import passing_over_harmless_errors, pressed
from bot.names import views
from db import generations, ratings, users
from db.engine import Database
from db.models import RatingValue


async def rate(update: Update, context: Context) -> None:
    """Give, change or take back the rating of the person who pressed."""
    async with pressed(update, context) as press:
        texts, query = context.texts, press.query
        wanted = parse_callback(query.data)
        if not isinstance(wanted, Rate):
            await press.answer(texts.unknown_button)
            return
        try:
            rating = await _toggle(context.services.database, query.from_user, wanted)
        except generations.UnknownGeneration:
            await press.answer(texts.name_gone)
            return
        await press.answer({1: texts.liked, -1: texts.disliked, None: texts.withdrawn}[rating])
        place = _place(query)
        await context.services.redraws.run(
            tuple(place.items()), lambda: _redraw(context, query, place, wanted.generation_id)
        )


async def _toggle(database: Database, user: User, wanted: Rate) -> RatingValue | None:
    async with database.begin() as session:
        await users.remember(session, user.id, user.language_code)
        return await ratings.toggle(session, user.id, wanted.generation_id, wanted.value)


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
        last_row=now.inline_keyboard[-1] if now else (),
    )
    with passing_over_harmless_errors():
        await context.bot.edit_message_reply_markup(**place, reply_markup=keyboard)
