"""/cases, and the button that asks for the name above it in all cases."""

from typing import cast

from telegram import Update

from bot.callbacks import InCases
from bot.cases.request import parse_case_query
from bot.cases.texts import case_texts
from bot.context import Context
from bot.handlers.buttons import asked_about, pressed
from ml.names.decency import is_decent, may_be_repeated
from ml.names.declension import Cases, decline_all
from ml.names.full_names import FullName
from ml.names.records import Gender, Kind


async def cases(update: Update, context: Context) -> None:
    """/cases, with a name or a full name after it."""
    message = update.effective_message
    if message is None:
        return
    # Not the library's context.args: they would lose what sticks to the command (/cases-Ев).
    words = (message.text or "")[message.entities[0].length :]
    texts, query = case_texts(context.texts.language), parse_case_query(words)
    if not may_be_repeated(words):
        await message.reply_html(texts.not_repeated)
    elif query is None:
        await message.reply_html(texts.what_to_send)
    else:
        forms, guessed = await _declined(context, query.name, query.gender or query.name.gender)
        decent = _are_decent(forms, query.name)
        await message.reply_html(texts.table(forms, guessed) if decent else texts.not_repeated)


async def in_cases(update: Update, context: Context) -> None:
    """The name above the button in all cases, in a message of its own."""
    async with pressed(update, context) as press:
        texts = case_texts(context.texts.language)
        if (asked := await asked_about(press, update, context, InCases)) is None:
            return
        chat, shown = asked
        name = FullName(((shown.name, cast("Kind", shown.kind)),), shown.gender)
        forms, guessed = await _declined(context, name, shown.gender)
        if not _are_decent(forms, name):
            await press.answer(context.texts.name_gone)
            return
        # Answered first: sending the name may have to wait for Telegram's limits.
        await press.answer()
        await chat.send_message(texts.table(forms, guessed))


async def _declined(
    context: Context, name: FullName, gender: Gender | None
) -> tuple[Cases, Gender | None]:
    """A name in all cases, and the gender that was guessed where the two differ."""
    if gender:
        return decline_all(name.words, gender), None
    of_man, of_woman = decline_all(name.words, "m"), decline_all(name.words, "f")
    if of_man == of_woman:
        return of_man, None
    services, word = context.services, name.words[0][0]
    prefix_log_prob = services.generator.prefix_log_prob
    man, woman = await services.sampling.ask(
        lambda: (prefix_log_prob(word, "m"), prefix_log_prob(word, "f"))
    )
    return (of_woman, "f") if woman > man else (of_man, "m")


def _are_decent(forms: Cases, name: FullName) -> bool:
    """Whether all cases of a decent name are; surnames are borne as they are: Сухая, Сухую."""
    kinds = [kind for _, kind in name.words]
    return all(
        kind == "surname" or is_decent(word, kind)
        for form in forms
        for word, kind in zip(form.split(" "), kinds, strict=True)
    )
