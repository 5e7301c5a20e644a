"""/favorites, /history and /top, the buttons under them, and the ⭐ under a name."""

from telegram import Chat, Update

from bot.callbacks import Keep, parse_callback
from bot.context import Context
from bot.handlers.buttons import Press, passing_over_harmless_errors, pressed
from bot.lists import export, views
from bot.lists.callbacks import (
    Export,
    Remove,
    ShowFavorites,
    ShowHistory,
    ShowTop,
    parse_list_callback,
)
from bot.lists.texts import list_texts
from bot.lists.views import PAGE_LENGTH, Page
from bot.names.redraw import request_redraw
from bot.texts import counted
from db import favorites, generations, history, users

ShowList = ShowFavorites | ShowHistory | ShowTop


async def show_favorites(update: Update, context: Context) -> None:
    """/favorites: the names that the person keeps."""
    if user := update.effective_user:
        await _reply(update, context, ShowFavorites(user.id))


async def show_history(update: Update, context: Context) -> None:
    """/history: what the person was shown; in a group only what was shown there."""
    if user := update.effective_user:
        await _reply(update, context, ShowHistory(user.id))


async def show_top(update: Update, context: Context) -> None:
    """/top: which names people like best; in a group those of the group first."""
    if (user := update.effective_user) and (chat := update.effective_chat):
        await _reply(update, context, ShowTop(user.id, everywhere=chat.type == Chat.PRIVATE))


async def keep(update: Update, context: Context) -> None:
    """Let the name be among the favourites of the person who pressed, or not."""
    async with pressed(update, context) as press:
        texts, user, wanted = context.texts, press.query.from_user, parse_callback(press.query.data)
        if not isinstance(wanted, Keep):
            await press.answer(texts.unknown_button)
            return
        async with context.services.database.begin() as session:
            shown = await generations.get(session, wanted.generation_id)
            if shown is not None and press.shows(shown):
                await users.remember(session, user.id, user.language_code)
                await favorites.put(session, user.id, shown.id, kept=wanted.kept)
            else:
                shown = None
        if shown is None:
            await press.answer(texts.name_gone)
            return
        if press.is_private:  # elsewhere the keyboard does not say what one person keeps
            request_redraw(context, press, shown.id)
        words = list_texts(texts.language)
        await press.answer(words.kept if wanted.kept else words.let_go)


async def press_list(update: Update, context: Context) -> None:
    """A button under a list: another page of it, a name less, a file."""
    async with pressed(update, context) as press:
        words, wanted = list_texts(context.texts.language), parse_list_callback(press.query.data)
        chat = update.effective_chat
        if wanted is None or chat is None:
            await press.answer(context.texts.unknown_button)
        elif press.query.from_user.id != wanted.owner_id:
            await press.answer(words.not_yours)
        elif not _shows_list_of(wanted.owner_id, press):
            await press.answer(context.texts.unknown_button)
        elif isinstance(wanted, Export):
            await _send_file(press, chat, context, wanted)
        elif isinstance(wanted, Remove):
            removed = await _remove(context, wanted)
            await _redraw(press, chat, context, ShowFavorites(wanted.owner_id, wanted.page, True))
            await press.answer(words.removed.format(name=removed) if removed else words.let_go)
        else:
            await _redraw(press, chat, context, wanted)


def _shows_list_of(owner_id: int, press: Press) -> bool:
    """Whether the message is the owner's to change, as far as can be known.

    What a button carries may be forged; the keyboard comes from Telegram, unless it is old.
    """
    if press.is_private or press.message is None:
        return True
    markup = press.message.reply_markup
    buttons = [button for row in (markup.inline_keyboard if markup else ()) for button in row]
    shown = [parse_list_callback(button.callback_data) for button in buttons]
    return any(each is not None and each.owner_id == owner_id for each in shown)


async def _reply(update: Update, context: Context, wanted: ShowList) -> None:
    if (message := update.effective_message) and (chat := update.effective_chat):
        page = await _page(chat, context, wanted)
        await message.reply_html(page.text, reply_markup=page.keyboard)


async def _redraw(press: Press, chat: Chat, context: Context, wanted: ShowList) -> None:
    """Let the message show what is wanted, beside everything else and if it does not already.

    A message so old that Telegram no longer shows it may be anybody's in a group: there the page
    comes as a new one.
    """
    message = press.message
    if message is None and not press.is_private:
        await press.answer()
        page = await _page(chat, context, wanted)
        await chat.send_message(page.text, reply_markup=page.keyboard)
        return

    async def draw() -> None:
        page = await _page(chat, context, wanted)
        if message is not None and page.is_shown_by(message):
            return
        with passing_over_harmless_errors():
            await context.bot.edit_message_text(
                page.text, **press.place, reply_markup=page.keyboard
            )

    context.services.redraws.request(tuple(press.place.items()), draw)


async def _page(chat: Chat, context: Context, wanted: ShowList) -> Page:
    """What a list says now."""
    services, texts = context.services, context.texts
    match wanted:
        case ShowFavorites():
            async with services.database.read() as session:
                total = await favorites.count(session, wanted.owner_id)
                number = min(wanted.page, views.last_page(total))
                names = await favorites.of_user(
                    session, wanted.owner_id, limit=PAGE_LENGTH, offset=number * PAGE_LENGTH
                )
            there = ShowFavorites(wanted.owner_id, number, wanted.removing)
            return views.favorites_page(names, there, total, texts)
        case ShowHistory():
            here = chat.type != Chat.PRIVATE
            async with services.database.read() as session:
                page = await history.page(
                    session,
                    wanted.owner_id,
                    limit=PAGE_LENGTH,
                    chat_id=chat.id if here else None,
                    before=wanted.before,
                    after=wanted.after,
                )
            days = services.settings.keep_names_days
            return views.history_page(page, wanted.owner_id, texts, here=here, days=days)
        case ShowTop():
            if wanted.everywhere:
                liked = await services.top.of_all_chats(services.database)
            else:
                liked = await services.top.of_chat(services.database, chat.id)
            return views.top_page(liked, wanted, texts)


async def _remove(context: Context, wanted: Remove) -> str | None:
    """Let the name go; which one it was."""
    async with context.services.database.begin() as session:
        await favorites.put(session, wanted.owner_id, wanted.generation_id, kept=False)
        shown = await generations.get(session, wanted.generation_id)
    return shown.name if shown else None


async def _send_file(press: Press, chat: Chat, context: Context, wanted: Export) -> None:
    texts, words = context.texts, list_texts(context.texts.language)
    async with context.services.database.read() as session:
        names = await favorites.of_user(session, wanted.owner_id)
    if not names:
        await press.answer(words.nothing_to_export)
        return
    # Answered first: sending the file may have to wait for Telegram's limits.
    await press.answer()
    content = export.as_text(names) if wanted.file == "txt" else export.as_csv(names, words)
    number = counted(texts.language, len(names), texts.name_forms)
    await chat.send_document(
        content,
        filename=f"imyarek-favorites.{wanted.file}",
        caption=words.exported.format(names=number),
    )
