"""Messages sent, edited and deleted by the bot, and what Telegram refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest

from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser
from tests.bot.playground.conftest import GROUP, JOHN, png


def keyboard(data: str = "r:1:+", text: str = "👍") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data)]])


async def test_get_me(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (1000, True, "imyarek_bot")
    assert me.can_read_all_group_messages is False


async def test_send_message(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    sent = await bot.send_message(
        anya.id,
        "  👍 <b>Ева</b> &lt;3 /name\n",
        parse_mode="HTML",
        reply_markup=keyboard(),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert sent.text == "👍 Ева <3 /name"
    assert [sent.parse_entity(entity) for entity in sent.entities] == ["Ева", "/name"]
    assert sent.reply_markup == keyboard()
    assert sent.from_user is not None
    assert sent.from_user.id == 1000
    assert sent.chat.type == "private"
    shown = standin.last_reply(anya)
    assert shown is not None
    assert shown.texts_of("bold") == ["Ева"]
    assert shown.button_texts == [["👍"]]


async def test_send_message_with_entities(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    entities = [MessageEntity("italic", 0, 2), MessageEntity("text_link", 3, 1, url="ya.ru")]
    sent = await bot.send_message(anya.id, "👍 я", entities=entities)
    assert sent.entities[0] == entities[0]
    assert sent.entities[1].url == "http://ya.ru/"


async def test_entities_that_say_more(bot: Bot, anya: DemoUser) -> None:
    html = (
        f"<a href='tg://user?id={JOHN.id}'>John</a> <a href='tg://user?id=999'>?</a> "
        "<tg-emoji emoji-id='5'>👍</tg-emoji> <tg-time unix='60' format='T'>00:01</tg-time>"
    )
    sent = await bot.send_message(anya.id, html, parse_mode="HTML")
    mention, emoji, moment = sent.entities  # nobody has the id 999
    assert mention.user is not None
    assert (mention.type, mention.user.id, mention.length) == ("text_mention", JOHN.id, 4)
    assert (emoji.type, emoji.custom_emoji_id) == ("custom_emoji", "5")
    assert (moment.type, moment.date_time_format) == ("date_time", "T")
    assert moment.unix_time == datetime.fromtimestamp(60, UTC)
    again = await bot.send_message(anya.id, sent.text or "", entities=sent.entities)
    assert [each.to_dict() for each in again.entities] == [e.to_dict() for e in sent.entities]


async def test_reply(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    question = standin.send_text(anya, "/name")
    reply = await bot.send_message(anya.id, "Ева", reply_parameters=ReplyParameters(question.id))
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.text == "/name"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(anya.id, "Ева", reply_parameters=ReplyParameters(999))
    lonely = await bot.send_message(
        anya.id,
        "Ева",
        reply_parameters=ReplyParameters(999, allow_sending_without_reply=True),
        reply_markup=ReplyKeyboardRemove(),
    )
    assert lonely.reply_to_message is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Message text is empty"),
        (" \n", "Text must be non-empty"),
        ("<b></b>", "Text must be non-empty"),
        ("a" * 4097, "Message is too long"),
        ("👍" * 2049, "Message is too long"),
        ("я" * 20000, "Text is too long"),
        ("1 < 2", 'Can\'t parse entities: unsupported start tag "" at byte offset 2'),
        ("<b>Ева", "Can't parse entities: can't find end tag corresponding to start tag"),
    ],
)
async def test_refused_texts(bot: Bot, anya: DemoUser, text: str, reason: str) -> None:
    message = await bot.send_message(anya.id, "Ева")
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_message(anya.id, text, parse_mode="HTML")
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await message.edit_text(text, parse_mode="HTML")


async def test_length_counts_after_parsing(bot: Bot, anya: DemoUser) -> None:
    sent = await bot.send_message(anya.id, f"<b>{'&lt;' * 4096}</b>", parse_mode="HTML")
    assert sent.text == "<" * 4096


async def test_unknown_parse_mode(bot: Bot, anya: DemoUser) -> None:
    with pytest.raises(BadRequest, match="Unsupported parse_mode"):
        await bot.send_message(anya.id, "Ева", parse_mode="BBCode")


@pytest.mark.parametrize("data", ["", "я" * 33, "a" * 65])
async def test_refused_callback_data(bot: Bot, anya: DemoUser, data: str) -> None:
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(anya.id, "Ева", reply_markup=keyboard(data))


async def test_longest_callback_data(bot: Bot, anya: DemoUser) -> None:
    sent = await bot.send_message(anya.id, "Ева", reply_markup=keyboard("я" * 32))
    assert sent.reply_markup == keyboard("я" * 32)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (
            InlineKeyboardMarkup([[InlineKeyboardButton("x")]]),
            "Can't parse inline keyboard button: text buttons are unallowed",
        ),
        (keyboard(text=" "), "Inline keyboard button text must be non-empty"),
        (
            InlineKeyboardMarkup([[InlineKeyboardButton("x", url="javascript:1")]]),
            "Inline keyboard button URL 'javascript:1' is invalid",
        ),
        (
            InlineKeyboardMarkup(
                [[InlineKeyboardButton("x", callback_data="1")] for _ in "x" * 101]
            ),
            "Reply markup is too long",
        ),
        (ReplyKeyboardMarkup([["да", "нет"]]), "The stand-in knows inline keyboards only"),
    ],
)
async def test_refused_keyboards(bot: Bot, anya: DemoUser, markup: Any, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_message(anya.id, "Ева", reply_markup=markup)


async def test_chats_the_bot_has_not_met(bot: Bot, standin: StandIn) -> None:
    for chat_id in (JOHN.id, 999, "@nobody"):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(chat_id, "Ева")
    standin.send_text(JOHN, "/start")
    assert (await bot.get_chat(JOHN.id)).first_name == "John"
    assert (await bot.get_chat(GROUP.id)).title == "Компания"


async def test_edit_text(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    message = await bot.send_message(anya.id, "<b>Ева</b>", parse_mode="HTML")
    edited = await message.edit_text("<i>Ева</i>", parse_mode="HTML", reply_markup=keyboard())
    assert not isinstance(edited, bool)
    assert edited.message_id == message.message_id
    assert edited.edit_date is not None
    shown = standin.messages(anya)[-1]
    assert shown.texts_of("italic") == ["Ева"]
    assert [past.body.texts_of("bold") for past in shown.past] == [["Ева"]]


async def test_an_edit_without_a_keyboard_removes_it(
    bot: Bot, standin: StandIn, anya: DemoUser
) -> None:
    message = await bot.send_message(anya.id, "Ева", reply_markup=keyboard())
    await message.edit_text("Инна")
    assert standin.messages(anya)[-1].keyboard == ()


async def test_unchanged_edits(bot: Bot, anya: DemoUser) -> None:
    reason = (
        "Message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )
    message = await bot.send_message(
        anya.id, "<b>Ева</b>", parse_mode="HTML", reply_markup=keyboard()
    )
    with pytest.raises(BadRequest, match=reason):
        await message.edit_text(
            " <strong>Ева</strong> ", parse_mode="HTML", reply_markup=keyboard()
        )
    with pytest.raises(BadRequest, match=reason):
        await message.edit_reply_markup(keyboard())
    await message.edit_reply_markup(keyboard("r:1:-"))
    await message.edit_reply_markup(None)
    with pytest.raises(BadRequest, match=reason):
        await message.edit_reply_markup(None)


async def test_edits_of_what_cannot_be_edited(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    theirs = standin.send_text(anya, "/name")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Ева", anya.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Ева", anya.id, theirs.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_reply_markup(GROUP.id, theirs.id)
    with pytest.raises(BadRequest, match="Message_id_invalid"):
        await bot.edit_message_text("Ева", inline_message_id="x")
    text = await bot.send_message(anya.id, "Ева")
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await text.edit_caption("Ева")


async def test_photos(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    sent = await bot.send_photo(
        anya.id, png(), caption="<b>Кривая</b>", parse_mode="HTML", reply_markup=keyboard()
    )
    assert sent.caption == "Кривая"
    assert (sent.photo[-1].width, sent.photo[-1].height) == (2, 3)
    file = await bot.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == png()

    await sent.edit_caption("Ещё", reply_markup=keyboard())
    assert standin.messages(anya)[-1].text == "Ещё"
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await sent.edit_text("Ева")

    again = await bot.send_photo(anya.id, sent.photo[-1].file_id)
    assert again.photo == sent.photo
    with pytest.raises(BadRequest, match="Message is not modified"):
        await again.edit_media(InputMediaPhoto(sent.photo[-1].file_id))
    await again.edit_media(InputMediaPhoto(png(5, 4), caption="Новая"))
    newest = standin.messages(anya)[-1]
    assert newest.photo is not None
    assert (newest.photo.width, newest.text) == (5, "Новая")

    text = await bot.send_message(anya.id, "Ева")
    await text.edit_media(InputMediaPhoto(png()))
    assert standin.messages(anya)[-1].photo is not None


@pytest.mark.parametrize(
    ("photo", "caption", "reason"),
    [
        (png(), "x" * 1025, "Message caption is too long"),
        (png(), "<b>", "Can't parse entities"),
        (b"not a picture", "", "Image_process_failed"),
        (png(1, 10_000), "", "Photo_invalid_dimensions"),
        ("AgACAgIAAxunknown", "", "Wrong remote file identifier specified"),
        ("http://127.0.0.1/x.png", "", "Failed to get HTTP URL content"),
    ],
)
async def test_refused_photos(
    bot: Bot, anya: DemoUser, photo: bytes | str, caption: str, reason: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_photo(anya.id, photo, caption=caption, parse_mode="HTML")


async def test_documents(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    sent = await bot.send_document(
        anya.id,
        "Ева\n".encode(),
        filename="имена.csv",
        caption="<b>Имена</b>",
        parse_mode="HTML",
        reply_markup=keyboard(),
    )
    assert sent.caption == "Имена"
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.mime_type) == ("имена.csv", "text/csv")
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == "Ева\n".encode()

    await sent.edit_caption("Ещё")
    shown = standin.messages(anya)[-1]
    assert (shown.text, shown.keyboard) == ("Ещё", ())
    assert shown.document is not None
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await sent.edit_text("Ева")
    again = await bot.send_document(anya.id, sent.document.file_id)
    assert again.document == sent.document


@pytest.mark.parametrize(
    ("document", "caption", "reason"),
    [
        (b"", "", "file must be non-empty"),
        (b"1", "a" * 1025, "message caption is too long"),
        ("nothing", "", "wrong remote file identifier specified"),
        ("", "", "there is no document in the request"),
    ],
)
async def test_refused_documents(
    bot: Bot, anya: DemoUser, document: bytes | str, caption: str, reason: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_document(anya.id, document, caption=caption)


async def test_unknown_file(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)invalid file_id"):
        await bot.get_file("nothing")


async def test_delete(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    message = await bot.send_message(anya.id, "Ева")
    await message.delete()
    assert [m.text for m in standin.messages(anya)] == ["/start"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await message.delete()
    theirs = standin.send_text(anya, "/name", chat=GROUP)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(GROUP.id, theirs.id)


async def test_chat_action(bot: Bot, anya: DemoUser) -> None:
    assert await bot.send_chat_action(anya.id, ChatAction.TYPING)
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(anya.id, "dancing")
