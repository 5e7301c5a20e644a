"""What the bot is told, by polling and by webhook."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest, Conflict

from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser
from tests.bot.playground.conftest import ADMIN, ANYA, GROUP, JOHN, TOKEN

SECRET = "abc_-1"  # noqa: S105
BUTTONS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("👍", callback_data="+"), InlineKeyboardButton("👎", callback_data="-")]]
)


async def test_a_message(bot: Bot, standin: StandIn) -> None:
    standin.send_text(JOHN, "👍 /name@imyarek_bot Ев /имя")
    (update,) = await bot.get_updates()
    message = update.message
    assert message is not None
    assert message.from_user is not None
    assert (message.from_user.id, message.from_user.language_code) == (103, "en")
    assert (message.chat.id, message.chat.type) == (103, "private")
    (command,) = message.entities
    assert (command.type, command.offset) == ("bot_command", 3)
    assert message.parse_entity(command) == "/name@imyarek_bot"


async def test_an_edited_message(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    message = standin.send_text(anya, "/nmae")
    standin.send_text(anya, "/name", edited_of=message.id)
    update = (await bot.get_updates())[-1]
    assert update.message is None
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (message.id, "/name")
    with pytest.raises(ValueError, match="has no message"):
        standin.send_text(JOHN, "/name", edited_of=message.id)


async def test_a_pressed_button(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    sent = await bot.send_message(anya.id, "Ева", reply_markup=BUTTONS)
    changed = InlineKeyboardMarkup([[InlineKeyboardButton("👍 1", callback_data="+")]])
    await sent.edit_reply_markup(changed)
    pressed = standin.press(anya, sent.message_id, "+")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert (query.data, query.from_user.id, query.message.message_id) == ("+", 101, sent.message_id)
    assert query.chat_instance
    assert query.message.reply_markup == changed  # type: ignore[attr-defined]

    assert pressed.answer is None
    await query.answer("Спасибо!", show_alert=True)
    assert pressed.answer is not None
    assert (pressed.answer.text, pressed.answer.show_alert) == ("Спасибо!", True)
    reason = "Query is too old and response timeout expired or query id is invalid"
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await query.answer()
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.answer_callback_query("404")


async def test_a_long_answer_is_refused_and_may_be_repeated(
    bot: Bot, standin: StandIn, anya: DemoUser
) -> None:
    sent = await bot.send_message(anya.id, "Ева", reply_markup=BUTTONS)
    pressed = standin.press(anya, sent.message_id, "👎")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(pressed.id, "x" * 201)
    await bot.answer_callback_query(pressed.id)
    assert pressed.answer is not None


async def test_presses_that_cannot_be(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    sent = await bot.send_message(anya.id, "Ева", reply_markup=BUTTONS)
    with pytest.raises(ValueError, match="has no button"):
        standin.press(anya, sent.message_id, "ещё")
    with pytest.raises(ValueError, match="is not in chat"):
        standin.press(JOHN, sent.message_id, "+")
    with pytest.raises(ValueError, match="no message"):
        standin.press(anya, 999, "+")


async def test_privacy_in_a_group(bot: Bot, standin: StandIn) -> None:
    question = standin.send_text(ANYA, "/name", chat=GROUP)
    answer = await bot.send_message(GROUP.id, "Ева", reply_to_message_id=question.id)
    standin.send_text(JOHN, "what is it?", chat=GROUP)
    standin.send_text(JOHN, "/name@other_bot", chat=GROUP)
    standin.send_text(ADMIN, "/stats@Imyarek_Bot", chat=GROUP)
    standin.send_text(JOHN, "nice", chat=GROUP, reply_to=answer.message_id)
    updates = await bot.get_updates()
    assert [update.effective_message and update.effective_message.text for update in updates] == [
        "/name",
        "/stats@Imyarek_Bot",
        "nice",
    ]
    assert updates[0].effective_chat is not None
    assert updates[0].effective_chat.title == "Компания"


async def test_without_privacy_the_bot_sees_everything() -> None:
    standin = StandIn(TOKEN, [ANYA, JOHN, ADMIN], [GROUP], privacy_mode=False)
    standin.send_text(ANYA, "привет", chat=GROUP)
    standin.send_text(ANYA, "/name@other_bot", chat=GROUP)
    assert len(standin.updates.pending) == 2


async def test_inline_queries(bot: Bot, standin: StandIn) -> None:
    asked = standin.ask_inline(ANYA, "Ев")
    query = (await bot.get_updates())[-1].inline_query
    assert query is not None
    assert (query.query, query.from_user.id) == ("Ев", 101)

    def article(result_id: str) -> InlineQueryResultArticle:
        return InlineQueryResultArticle(result_id, "Ева", InputTextMessageContent("Ева"))

    with pytest.raises(BadRequest, match="Results_too_much"):
        await query.answer([article(str(number)) for number in range(51)])
    with pytest.raises(BadRequest, match="Result_id_duplicate"):
        await query.answer([article("1"), article("1")])
    with pytest.raises(BadRequest, match="Result_id_invalid"):
        await query.answer([article("")])
    await query.answer([article("1")])
    assert asked.results == [article("1").to_dict()]
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer([article("1")])


# Polling.


async def test_updates_stay_until_confirmed(bot: Bot, standin: StandIn) -> None:
    for text in ("1", "2", "3"):
        standin.send_text(ANYA, text)
    first = await bot.get_updates(limit=2)
    assert [update.message and update.message.text for update in first] == ["1", "2"]
    assert await bot.get_updates(limit=2) == first
    (last,) = await bot.get_updates(offset=first[-1].update_id + 1)
    assert last.message is not None
    assert last.message.text == "3"
    assert await bot.get_updates(offset=last.update_id + 1) == ()


async def test_negative_offset_keeps_the_newest(bot: Bot, standin: StandIn) -> None:
    for text in ("1", "2", "3"):
        standin.send_text(ANYA, text)
    (newest,) = await bot.get_updates(offset=-1)
    assert newest.message is not None
    assert newest.message.text == "3"
    assert len(standin.updates.pending) == 1


async def test_an_offset_from_another_life_confirms_nothing(bot: Bot, standin: StandIn) -> None:
    standin.send_text(ANYA, "1")
    assert len(await bot.get_updates(offset=5000)) == 1


async def test_long_polling_wakes_up(bot: Bot, standin: StandIn) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await standin.wait_for(lambda: standin.calls_of("getUpdates"))
    standin.send_text(ANYA, "/name")
    assert len(await poll) == 1


async def test_long_polling_ends_empty(bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == ()


async def test_the_older_of_two_polls_is_ended(bot: Bot, standin: StandIn) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await standin.wait_for(lambda: standin.calls_of("getUpdates"))
    async with Bot(TOKEN, base_url=standin.base_url) as other:
        newer = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        standin.send_text(ANYA, "/name")
        assert len(await newer) == 1


async def test_stopping_ends_a_poll(bot: Bot, standin: StandIn) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await standin.wait_for(lambda: standin.calls_of("getUpdates"))
    await standin.stop()
    assert await poll == ()


async def test_allowed_updates(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["callback_query"])
    sent = await bot.send_message(anya.id, "Ева", reply_markup=BUTTONS)
    standin.send_text(anya, "/name")
    standin.press(anya, sent.message_id, "+")
    updates = await bot.get_updates()
    assert [update.callback_query is not None for update in updates] == [False, True]


# Webhook.


class Receiver:
    """A webhook that remembers what it got and answers as it is told."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[Update | None, str | None, str | None]] = asyncio.Queue()
        self.statuses: list[int] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        update = Update.de_json(await request.json())
        status = self.statuses.pop(0) if self.statuses else 200
        headers = request.headers
        await self.got.put(
            (update, headers.get("X-Telegram-Bot-Api-Secret-Token"), headers.get("Content-Type"))
        )
        return web.Response(status=status)

    async def next_text(self) -> str | None:
        update, _, _ = await asyncio.wait_for(self.got.get(), 30)
        assert update is not None
        assert update.message is not None
        return update.message.text


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_webhook_delivery(bot: Bot, standin: StandIn, receiver: Receiver) -> None:
    standin.send_text(ANYA, "до вебхука")
    assert await bot.set_webhook(receiver.url, secret_token=SECRET, max_connections=7)
    update, secret, content_type = await asyncio.wait_for(receiver.got.get(), 30)
    assert update is not None
    assert (secret, content_type) == (SECRET, "application/json")
    standin.send_text(ANYA, "после")
    assert await receiver.next_text() == "после"
    await standin.wait_for(lambda: not standin.updates.pending)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 0, 7)


async def test_webhook_is_retried_in_order(bot: Bot, standin: StandIn, receiver: Receiver) -> None:
    receiver.statuses = [500, 404, 200]
    await bot.set_webhook(receiver.url)
    standin.send_text(ANYA, "1")
    standin.send_text(ANYA, "2")
    assert [await receiver.next_text() for _ in range(4)] == ["1", "1", "1", "2"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 404 Not Found"


async def test_webhook_and_polling_exclude_each_other(
    bot: Bot, standin: StandIn, receiver: Receiver
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await standin.wait_for(lambda: standin.calls_of("getUpdates"))
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    standin.send_text(ANYA, "/name")
    assert len(await bot.get_updates()) == 1
    assert receiver.got.empty()


async def test_pending_updates_can_be_dropped(
    bot: Bot, standin: StandIn, receiver: Receiver
) -> None:
    standin.send_text(ANYA, "1")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()
    standin.send_text(ANYA, "2")
    await bot.set_webhook(receiver.url, drop_pending_updates=True, allowed_updates=[Update.MESSAGE])
    standin.send_text(ANYA, "3")
    assert await receiver.next_text() == "3"
    assert (await bot.get_webhook_info()).allowed_updates == ("message",)


@pytest.mark.parametrize(
    ("url", "secret", "reason"),
    [
        ("ftp://127.0.0.1/", "", "Invalid webhook URL specified"),
        ("http://[bad/", "", "Invalid webhook URL specified"),
        ("http://example.org/", "", "Bad webhook: An HTTPS URL must be provided for webhook"),
        ("http://127.0.0.1/", "x" * 257, "Secret token is too long"),
        ("http://127.0.0.1/", "пароль", "Secret token contains unallowed characters"),
    ],
)
async def test_refused_webhooks(bot: Bot, url: str, secret: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.set_webhook(url, secret_token=secret)
