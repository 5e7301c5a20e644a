"""/settings: what a person can set for themselves, a row of buttons each."""

from dataclasses import replace

from telegram import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Update, User

from bot.callbacks import Set, Setting, parse_callback
from bot.context import Context
from bot.handlers.buttons import passing_over_harmless_errors, pressed
from bot.texts import Texts
from db import users
from db.users import Preferences

_ON = "✅"
_OFF = "⬜️"


async def show(update: Update, context: Context) -> None:
    """Say what can be set, and how it is; in private, for the buttons would be everybody's."""
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        return
    if message.chat.type != Chat.PRIVATE:
        await message.reply_html(context.texts.settings_in_private)
        return
    async with context.services.database.read() as session:
        preferences = await users.preferences(session, user.id)
    await message.reply_html(
        context.texts.settings, reply_markup=keyboard(preferences, context.texts)
    )


async def put(update: Update, context: Context) -> None:
    """Let a setting be what the button says."""
    async with pressed(update, context) as press:
        texts, user, message = context.texts, press.query.from_user, press.query.message
        wanted = parse_callback(press.query.data)
        if not isinstance(wanted, Set) or message is None or message.chat.id != user.id:
            await press.answer(texts.unknown_button)
            return
        await _put(context, user, wanted)
        context.services.redraws.request(
            (message.chat.id, message.message_id),
            lambda: _redraw(context, user, message.message_id),
        )
        await press.answer(texts.switched[wanted.on])


async def _put(context: Context, user: User, wanted: Set) -> None:
    async with context.services.database.begin() as session:
        await users.remember(session, user.id, user.language_code)
        before = await users.preferences(session, user.id)
        await users.put_preferences(
            session, user.id, replace(before, **{wanted.setting: wanted.on})
        )
    context.services.tastes.changed(user.id)


async def _redraw(context: Context, user: User, message_id: int) -> None:
    async with context.services.database.read() as session:
        preferences = await users.preferences(session, user.id)
    with passing_over_harmless_errors():
        await context.bot.edit_message_reply_markup(
            user.id, message_id, reply_markup=keyboard(preferences, context.texts)
        )


def keyboard(preferences: Preferences, texts: Texts) -> InlineKeyboardMarkup:
    """A row for each setting, which shows how it is and would turn it over."""
    return InlineKeyboardMarkup(
        [[_switch("by_taste", preferences.by_taste, texts.by_taste_switch)]]
    )


def _switch(setting: Setting, on: bool, label: str) -> InlineKeyboardButton:
    data = Set(setting, not on).encode()
    return InlineKeyboardButton(f"{_ON if on else _OFF} {label}", callback_data=data)
