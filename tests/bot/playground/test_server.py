"""The Bot API's HTTP: tokens, encodings, unknown methods, faults and floods."""

import contextlib

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter

from bot.playground.standin import StandIn
from bot.playground.telegram.arguments import Arguments, decode_parameters
from bot.playground.telegram.bot_api import BotApi
from bot.playground.telegram.errors import BotApiError
from bot.playground.telegram.types import DemoUser, FloodLimit
from tests.bot.playground.conftest import ANYA, GROUP, TOKEN, png


async def test_wrong_tokens(standin: StandIn) -> None:
    async with aiohttp.ClientSession(standin.url) as session:
        for token, status, description in [
            ("1000:other", 401, "Unauthorized"),
            ("nonsense", 404, "Not Found"),
            ("1000:", 404, "Not Found"),
        ]:
            async with session.get(f"/bot{token}/getMe") as response:
                assert response.status == status
                assert await response.json() == {
                    "ok": False,
                    "error_code": status,
                    "description": description,
                }
            async with session.get(f"/file/bot{token}/photos/x.png") as response:
                assert response.status == status
    with pytest.raises(InvalidToken):
        await Bot("1000:other", base_url=standin.base_url).get_me()


@pytest.mark.parametrize("token", ["", "1000", "1000:", "x:y", "1000:a b", "1000:a/b"])
def test_a_stand_in_needs_a_token_of_the_right_shape(token: str) -> None:
    with pytest.raises(ValueError, match="a token looks like"):
        StandIn(token)


def test_ids_must_differ() -> None:
    with pytest.raises(ValueError, match="different ids"):
        StandIn(TOKEN, [ANYA, DemoUser(ANYA.id, "Другая")])
    with pytest.raises(ValueError, match="different ids"):
        StandIn("101:x", [ANYA])


async def test_unknown_methods(bot: Bot, standin: StandIn) -> None:
    async with (
        aiohttp.ClientSession(standin.url) as session,
        session.post(f"/bot{TOKEN}/sendDance") as response,
    ):
        assert response.status == 404
        assert (await response.json())["description"].startswith("Not Found")


async def test_every_encoding(standin: StandIn) -> None:
    standin.send_text(ANYA, "/start")
    address = f"/bot{TOKEN}/SENDmessage"
    fields = {"chat_id": "101", "text": "Ева"}
    multipart = aiohttp.FormData(fields, default_to_multipart=True)
    async with aiohttp.ClientSession(standin.url) as session:
        for request in (
            session.get(address, params=fields),
            session.post(address, data=fields),
            session.post(address, data=multipart),
            session.post(address, json={"chat_id": 101, "text": "Ева"}),
        ):
            async with request as response:
                assert (await response.json())["result"]["text"] == "Ева"
    calls = standin.calls_of("sendMessage")
    assert [call.params for call in calls] == [{"chat_id": 101, "text": "Ева"}] * 4


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"[1]", 400),
        ("application/json", b"[" * 100_000, 400),
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nfoo", 400),
        ("text/plain", b"text=x", 400),
        ("application/x-www-form-urlencoded", b"chat_id=1&text=x&reply_markup=%7B", 400),
        ("application/x-www-form-urlencoded", b"chat_id=1&text=x&reply_markup=1", 400),
    ],
)
async def test_bodies_that_make_no_sense(
    standin: StandIn, content_type: str, body: bytes, status: int
) -> None:
    async with (
        aiohttp.ClientSession(standin.url) as session,
        session.post(
            f"/bot{TOKEN}/sendMessage", data=body, headers={"Content-Type": content_type}
        ) as response,
    ):
        assert response.status == status
        assert (await response.json())["ok"] is False


async def test_other_http_methods(standin: StandIn) -> None:
    async with (
        aiohttp.ClientSession(standin.url) as session,
        session.put(f"/bot{TOKEN}/getMe") as response,
    ):
        assert response.status == 405


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "inline_keyboard",
                    "callback_data",
                    "url",
                    "media",
                    "chat_id",
                    "message_id",
                    "command",
                    "description",
                    "offset",
                    "length",
                    "id",
                    "user_id",
                ]
            ),
            children,
            max_size=3,
        )
    ),
    max_leaves=6,
)
METHODS = [
    "sendMessage",
    "sendPhoto",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "deleteMessage",
    "editMessageReplyMarkup",
    "answerCallbackQuery",
    "answerInlineQuery",
    "setMyCommands",
    "getMyCommands",
    "setChatMenuButton",
    "sendChatAction",
    "getChat",
    "getFile",
    "setMyDescription",
]
PARAMETERS = [
    "chat_id",
    "message_id",
    "text",
    "caption",
    "parse_mode",
    "entities",
    "reply_markup",
    "reply_parameters",
    "photo",
    "media",
    "commands",
    "scope",
    "language_code",
    "menu_button",
    "results",
    "callback_query_id",
    "inline_query_id",
    "file_id",
]


@given(
    st.sampled_from(METHODS),
    st.dictionaries(
        st.sampled_from(PARAMETERS), JSON_VALUES | st.sampled_from(["101", "1", "2", "HTML"])
    ),
)
async def test_any_parameters_are_carried_out_or_refused(
    method: str, params: dict[str, object]
) -> None:
    standin = StandIn(TOKEN, [ANYA], [])
    api = BotApi(standin.state, standin.updates)
    standin.send_text(ANYA, "/start")
    await api.call("sendMessage", Arguments({"chat_id": 101, "text": "Ева"}))
    # Nothing else may come out: an unforeseen exception would be an HTTP 500.
    with contextlib.suppress(BotApiError):
        await api.call(method, Arguments(decode_parameters(params)))
    assert standin.messages(ANYA)[0].text == "/start"


async def test_calls_are_recorded(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("👍", callback_data="+")]])
    await bot.send_photo(anya.id, png(), reply_markup=keyboard)
    with pytest.raises(BadRequest):
        await bot.send_message(GROUP.id, "<b>", parse_mode="HTML")
    photo, text = standin.calls[-2:]
    assert (photo.method, photo.files, photo.error) == ("sendPhoto", {"photo": png()}, None)
    assert photo.params["reply_markup"] == keyboard.to_dict()
    assert isinstance(photo.result, dict)
    assert text.params == {"chat_id": GROUP.id, "text": "<b>", "parse_mode": "HTML"}
    assert text.error is not None
    assert text.error.code == 400


async def test_injected_refusals(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    standin.fail_next("sendMessage", times=2, retry_after=7)
    standin.fail_next("*", code=502, description="Bad Gateway")
    for _ in range(2):
        with pytest.raises(RetryAfter, match="Retry in 7 seconds"):
            await bot.send_message(anya.id, "Ева")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(anya.id, "Ева")
    assert standin.replies(anya) == []
    await bot.send_message(anya.id, "Ева")
    assert len(standin.replies(anya)) == 1


async def test_cut_connections(bot: Bot, standin: StandIn, anya: DemoUser) -> None:
    standin.drop_next("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(anya.id, "Ева")
    assert standin.replies(anya) == []
    standin.drop_next("sendMessage", applied=True)
    with pytest.raises(NetworkError):
        await bot.send_message(anya.id, "Инна")
    assert [message.text for message in standin.replies(anya)] == ["Инна"]


async def test_flood_limit() -> None:
    now = 1_000_000.0
    standin = StandIn(TOKEN, [ANYA], flood_limit=FloodLimit(2, 10), clock=lambda: now)
    await standin.start()
    standin.send_text(ANYA, "/start")
    async with Bot(TOKEN, base_url=standin.base_url) as bot:
        message = await bot.send_message(ANYA.id, "1")
        now += 4
        await message.edit_text("2")
        with pytest.raises(RetryAfter, match="Retry in 6 seconds"):
            await bot.send_message(ANYA.id, "3")
        now += 6
        await bot.send_message(ANYA.id, "3")
    await standin.stop()


async def test_waiting_gives_up_and_says_what_happened(bot: Bot, standin: StandIn) -> None:
    with pytest.raises(TimeoutError, match="last calls: getMe"):
        await standin.wait_for(lambda: standin.replies(ANYA), timeout=0.01)


async def test_a_taken_port(standin: StandIn) -> None:
    other = StandIn(TOKEN, port=int(standin.url.rpartition(":")[2]))
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
