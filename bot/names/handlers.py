"""/name, what people write in a private chat, and the buttons that ask for more names."""

from collections.abc import Callable
from dataclasses import replace

from telegram import Chat, Message, Update, User

from bot.callbacks import More, parse_callback
from bot.context import Context, Services
from bot.handlers.buttons import pressed
from bot.names import views
from bot.names.invent import Asker, again_request, invent, repeat_request, request_for
from bot.names.phrases import (
    LogProb,
    Meaning,
    has_latin_letters,
    parse_message,
    parse_name_request,
)
from bot.names.request import Again, Problem, Reason, Talk
from ml.errors import ImpossibleRequest, IndecentPrefix
from ml.names.decency import may_be_repeated
from ml.writing.generator import NameRequest


async def name(update: Update, context: Context) -> None:
    """/name, with anything after it."""
    if message := update.effective_message:
        # Not the library's context.args: they would lose what sticks to the command (/name-Ев).
        words = (message.text or "")[message.entities[0].length :]
        await _answer_text(update, context, words, parse_name_request)


async def plain_text(update: Update, context: Context) -> None:
    """Text without a command, in a private chat: first letters, or whatever people say."""
    if message := update.effective_message:
        await _answer_text(update, context, message.text or "", parse_message)


async def more(update: Update, context: Context) -> None:
    """«Ещё» and the switch of origin: a new message, so that the old one can still be rated."""
    async with pressed(update, context) as press:
        chat, wanted = update.effective_chat, parse_callback(press.query.data)
        if not isinstance(wanted, More):
            await press.answer(context.texts.unknown_button)
        elif chat is None:
            await press.answer(context.texts.no_chat, alert=True)
        elif request := await repeat_request(
            context.services, wanted.generation_id, press.shows, wanted.origin
        ):
            # Answered first: sending the names may have to wait for Telegram's limits.
            await press.answer()
            await _send_names(context, chat, press.query.from_user, request)
        else:
            await press.answer(context.texts.name_gone)


async def _answer_text(
    update: Update, context: Context, text: str, parse: Callable[[str, LogProb | None], Meaning]
) -> None:
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        return
    services = context.services
    meaning = await _understand(services, text, parse)
    match meaning:
        case Problem():
            await message.reply_html(context.texts.problem(meaning))
            return
        case Talk():
            await message.reply_html(context.texts.reply(meaning))
            return
        case Again():
            request = await again_request(services, user.id, meaning)
        case _:
            request = request_for(meaning)
    if meaning.guessed and not may_be_repeated(text):
        await message.reply_html(context.texts.problem(Problem(Reason.INDECENT, "")))
        return
    understood = request.prefix if meaning.guessed else ""
    await _send_names(context, message.chat, user, request, reply_to=message, understood=understood)


async def _understand(
    services: Services, text: str, parse: Callable[[str, LogProb | None], Meaning]
) -> Meaning:
    """What a text means; the network is asked only what Latin letters stand for."""
    if not has_latin_letters(text):
        return parse(text, None)
    log_prob = services.generator.prefix_log_prob
    return await services.sampling.ask(lambda: parse(text, log_prob))


async def _send_names(
    context: Context,
    chat: Chat,
    user: User,
    request: NameRequest,
    *,
    reply_to: Message | None = None,
    understood: str = "",
) -> None:
    """Send an answer, as a reply to what asked for it: in groups that tells whose it is.

    ``understood`` is the prefix where it was not written in Russian letters.
    """
    texts = context.texts
    origins = context.services.generator.origins
    if request.origin not in origins:  # after a rollback to a model that knows fewer
        request = replace(request, origin="russian")
    keyboard = None
    try:
        shown = await invent(context.services, Asker(user.id, user.language_code, chat.id), request)
    except IndecentPrefix:
        text = texts.problem(Problem(Reason.INDECENT, ""))
    except ImpossibleRequest:
        text = texts.problem(Problem(Reason.IMPOSSIBLE_PREFIX, request.prefix))
    else:
        shared = chat.type != Chat.PRIVATE
        text = views.answer_text(shown, texts, requested=request.count, understood=understood)
        keyboard = views.answer_keyboard(shown, texts, shared=shared, origins=origins)
    if reply_to:
        await reply_to.reply_html(text, reply_markup=keyboard)
    else:
        await chat.send_message(text, reply_markup=keyboard)
