"""Presses of inline buttons: each is answered once, and what it may ask for."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from telegram import CallbackQuery, Chat, Message, Update
from telegram.error import BadRequest

from bot.callbacks import InCases, More, Rate, Written, parse_callback
from bot.context import Context
from db import generations
from db.models import INLINE_CHAT, Generation
from ml.names.decency import is_decent
from ml.names.records import Kind

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

    @property
    def place(self) -> dict[str, Any]:
        """The address of the message; too old a message is not accessible, but has one."""
        if message := self.query.message:
            return {"chat_id": message.chat.id, "message_id": message.message_id}
        return {"inline_message_id": self.query.inline_message_id or ""}

    @property
    def message(self) -> Message | None:
        """The pressed message; None if it is so old that Telegram does not show it."""
        message = self.query.message
        return message if isinstance(message, Message) and message.is_accessible else None

    @property
    def is_private(self) -> bool:
        """Whether nobody else sees the message."""
        message = self.query.message
        return message is not None and message.chat.type == Chat.PRIVATE

    def shows(self, generation: Generation) -> bool:
        """Whether the pressed message shows this generation, as far as can be known.

        What a button carries may be forged, and ids be guessed. The message with its keyboard comes
        from Telegram itself, though not when it is old; in which chat the generation was shown says
        the database, though not when that was long ago or the person asked to be forgotten. What
        both know must agree, and one of them must know.
        """
        message = self.query.message
        on_keyboard = _generations_of(message) if isinstance(message, Message) else None
        if on_keyboard is not None and generation.id not in on_keyboard:
            return False
        if generation.chat_id is not None:
            return generation.chat_id == (message.chat.id if message else INLINE_CHAT)
        if message and message.chat.type == Chat.PRIVATE:
            if generation.user_id == self.query.from_user.id:
                return True
            return generation.user_id is None and on_keyboard is not None
        return on_keyboard is not None


def _generations_of(message: Message) -> set[int] | None:
    """The generations whose buttons stand under a message; None when Telegram does not say."""
    if message.reply_markup is None:
        return None
    buttons = [button for row in message.reply_markup.inline_keyboard for button in row]
    found = [parse_callback(button.callback_data) for button in buttons]
    return {callback.generation_id for callback in found if isinstance(callback, Rate | More)}


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


async def _shown_on(press: Press, context: Context, generation_id: int) -> Generation | None:
    """The name that a button asks something about, if the message shows it and may go on to."""
    async with context.services.database.read() as session:
        shown = await generations.get(session, generation_id)
    if shown is None or not press.shows(shown):
        return None
    # What was shown before a rule against it was made is not repeated.
    return shown if is_decent(shown.name, cast("Kind", shown.kind)) else None


async def asked_about(
    press: Press, update: Update, context: Context, kind: type[Written] | type[InCases]
) -> tuple[Chat, Generation] | None:
    """The name that a button of this kind asks something about, and the chat to tell it in.

    None if there is no such name or chat; the person is told so.
    """
    wanted, chat = parse_callback(press.query.data), update.effective_chat
    if not isinstance(wanted, kind):
        await press.answer(context.texts.unknown_button)
    elif chat is None:
        await press.answer(context.texts.no_chat, alert=True)
    elif (shown := await _shown_on(press, context, wanted.generation_id)) is None:
        await press.answer(context.texts.name_gone)
    else:
        return chat, shown
    return None


async def unknown_button(update: Update, context: Context) -> None:
    """A button that this bot never made, or no longer knows."""
    async with pressed(update, context) as press:
        await press.answer(context.texts.unknown_button)
