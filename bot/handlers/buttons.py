"""Presses of inline buttons: exactly one answer to each, and errors that mean nothing."""

import contextlib
from collections.abc import AsyncIterator, Iterator

from telegram import CallbackQuery, Update
from telegram.error import BadRequest

from bot.context import Context

# What Telegram says when somebody else was quicker or the message is old or gone: not our fault,
# and nothing that the person could mend.
_HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)


@contextlib.contextmanager
def passing_over_harmless_errors() -> Iterator[None]:
    """Keeps quiet about a message that did not change, an old query, a deleted message."""
    try:
        yield
    except BadRequest as error:
        if not any(text in error.message.lower() for text in _HARMLESS):
            raise


class Press:
    """A pressed button, answered at most once."""

    def __init__(self, query: CallbackQuery) -> None:
        self.query = query
        self._answered = False

    async def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Stop the button's waiting sign, with a short notice."""
        if self._answered:
            return
        self._answered = True
        with passing_over_harmless_errors():
            await self.query.answer(text, show_alert=alert)


@contextlib.asynccontextmanager
async def pressed(update: Update, context: Context) -> AsyncIterator[Press]:
    """The button press of an update; whatever happens inside, it is answered once.

    An error is told to the person in one sentence, then raised further for the log.
    """
    if update.callback_query is None:
        raise TypeError("not an update with a pressed button")
    press = Press(update.callback_query)
    try:
        yield press
    except Exception:
        await press.answer(context.texts.failure, alert=True)
        raise
    await press.answer()


async def unknown_button(update: Update, context: Context) -> None:
    """A button that this bot never made, or no longer knows."""
    async with pressed(update, context) as press:
        await press.answer(context.texts.unknown_button)
