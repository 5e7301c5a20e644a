"""The keyboard under an answer, drawn anew from what the database says."""

from telegram import Message

from bot.context import Context
from bot.handlers.buttons import Press, passing_over_harmless_errors
from bot.names import views
from db import favorites, generations, ratings


def request_redraw(context: Context, press: Press, generation_id: int) -> None:
    """Redraw the pressed message, which shows this generation, beside everything else."""
    context.services.redraws.request(
        tuple(press.place.items()), lambda: _redraw(context, press, generation_id)
    )


async def _redraw(context: Context, press: Press, generation_id: int) -> None:
    user_id, message = press.query.from_user.id, press.query.message
    async with context.services.database.read() as session:
        shown = await generations.get(session, generation_id)
        if shown is None:
            return
        answer = await generations.of_answer(session, shown.answer_id)
        found = await ratings.of_answer(session, shown.answer_id, user_id)
        kept = await favorites.among(session, user_id, [each.id for each in answer])
    now = message.reply_markup if isinstance(message, Message) else None
    keyboard = views.answer_keyboard(
        answer,
        context.texts,
        {each.generation_id: each for each in found},
        kept,
        shared=not press.is_private,
        below=views.rows_below_thumbs(now) if now else (),
    )
    with passing_over_harmless_errors():
        await context.bot.edit_message_reply_markup(**press.place, reply_markup=keyboard)
