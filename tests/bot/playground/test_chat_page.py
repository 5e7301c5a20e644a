"""What the browser gets, and what it is kept from."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.playground.playground import DEMO_TOKEN, DEMO_USERS, playground
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser
from tests.bot.playground.conftest import ANYA, GROUP, JOHN, TOKEN, png

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("👍", callback_data="+")]])


@pytest.fixture
async def browser(standin: StandIn) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(standin.url) as session:
        yield session


async def next_of(socket: aiohttp.ClientWebSocketResponse, event_type: str) -> dict[str, Any]:
    """Return the next event of a type, passing over the others."""
    while True:
        event: dict[str, Any] = await socket.receive_json(timeout=30)
        if event["type"] == event_type:
            return event


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/chat.css", "text/css"),
        ("/chat.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
async def test_files(browser: aiohttp.ClientSession, path: str, content_type: str) -> None:
    async with browser.get(path) as response:
        body = await response.text()
        assert (response.status, response.content_type) == (200, content_type)
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    # The page must work with no network: nothing in it is loaded from elsewhere.
    for mark in ('src="http', 'href="http', "url(http", "@import", "innerHTML"):
        assert mark not in body


async def test_history_comes_first(
    browser: aiohttp.ClientSession, bot: Bot, standin: StandIn, anya: DemoUser
) -> None:
    await bot.set_my_commands([("name", "имя")])
    await bot.send_message(anya.id, "<b>Ева</b>", parse_mode="HTML", reply_markup=BUTTONS)
    async with browser.ws_connect("/live") as socket:
        snapshot = await socket.receive_json(timeout=30)
    assert snapshot["type"] == "snapshot"
    assert [user["first_name"] for user in snapshot["users"]] == ["Аня", "John", "Админ"]
    assert [user["is_admin"] for user in snapshot["users"]] == [False, False, True]
    assert snapshot["groups"][0]["title"] == "Компания"
    assert [message["text"] for message in snapshot["messages"]] == ["/start", "Ева"]
    assert snapshot["commands"]["101"] == {
        "101": [{"command": "name", "description": "имя"}],
        "-1001": [{"command": "name", "description": "имя"}],
    }


async def test_a_conversation(browser: aiohttp.ClientSession, bot: Bot, standin: StandIn) -> None:
    async with browser.ws_connect("/live") as socket:
        await socket.send_json({"do": "send", "user_id": 101, "chat_id": 101, "text": "/name"})
        asked = (await next_of(socket, "message"))["message"]
        assert asked["text"] == "/name"
        (update,) = await bot.get_updates()
        assert update.message is not None
        await update.message.reply_chat_action("typing")
        assert (await next_of(socket, "action"))["action"] == "typing"
        reply = await update.message.reply_text("Ева", reply_markup=BUTTONS)
        await socket.send_json(
            {"do": "press", "user_id": 101, "message_id": reply.message_id, "row": 0, "column": 0}
        )
        pressed = await next_of(socket, "pressed")
        query = (await bot.get_updates())[-1].callback_query
        assert query is not None
        await reply.edit_text("Инна")
        await query.answer("Спасибо!")
        edited = (await next_of(socket, "edited"))["message"]
        assert edited["text"] == "Инна"
        assert "reply_markup" not in edited
        answered = await next_of(socket, "answered")
        assert (answered["query_id"], answered["text"]) == (pressed["query_id"], "Спасибо!")
        await reply.delete()
        assert (await next_of(socket, "deleted"))["message_id"] == reply.message_id
        await socket.send_json(
            {"do": "edit", "user_id": 101, "message_id": asked["message_id"], "text": "/name м"}
        )
        assert (await next_of(socket, "edited"))["message"]["text"] == "/name м"
        await bot.set_my_commands([("name", "имя")])
        assert (await next_of(socket, "commands"))["commands"]["103"]["103"]


@pytest.mark.parametrize(
    "wish",
    [
        "not json",
        "[" * 10_000,
        "[]",
        "{}",
        '{"do": "send"}',
        '{"do": "send", "user_id": 101, "chat_id": 103, "text": "x"}',
        '{"do": "send", "user_id": 999, "chat_id": 999, "text": "x"}',
        '{"do": "send", "user_id": 101, "chat_id": 101, "text": " "}',
        '{"do": "send", "user_id": 101, "chat_id": 101, "text": "x", "reply_to": 7}',
        '{"do": "edit", "user_id": 101, "message_id": 7, "text": "x"}',
        '{"do": "press", "user_id": 101, "message_id": 1, "row": 0, "column": 0}',
        '{"do": "press", "user_id": 101, "message_id": 1, "row": -1, "column": 0}',
    ],
)
async def test_nonsense_is_refused_and_the_page_stays_connected(
    browser: aiohttp.ClientSession, anya: DemoUser, standin: StandIn, wish: str
) -> None:
    async with browser.ws_connect("/live") as socket:
        await socket.send_str(wish)
        assert (await next_of(socket, "refused"))["reason"]
        await socket.send_json({"do": "send", "user_id": 101, "chat_id": -1001, "text": "/name"})
        assert (await next_of(socket, "message"))["message"]["chat"]["id"] == GROUP.id
    assert len(standin.messages(anya)) == 1


async def test_documents(browser: aiohttp.ClientSession, bot: Bot, anya: DemoUser) -> None:
    """They are saved under their own name, whatever they hold."""
    sent = await bot.send_document(anya.id, b"<script>", filename="имя; 1.html")
    assert sent.document is not None
    async with browser.get(f"/document/{sent.document.file_id}") as response:
        assert await response.read() == b"<script>"
        assert response.content_disposition is not None
        assert response.content_disposition.type == "attachment"
        assert response.content_disposition.filename == "имя; 1.html"
    async with browser.get("/document/unknown") as response:
        assert response.status == 404


async def test_photos(browser: aiohttp.ClientSession, bot: Bot, anya: DemoUser) -> None:
    sent = await bot.send_photo(anya.id, png())
    async with browser.get(f"/photo/{sent.photo[-1].file_id}") as response:
        assert (response.content_type, await response.read()) == ("image/png", png())
    async with browser.get("/photo/unknown") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/live", f"/bot{TOKEN}/getMe"])
async def test_foreign_pages_are_kept_out(
    browser: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    async with browser.get(path, headers=headers) as response:
        assert response.status == 403


async def test_its_own_page_is_let_in(browser: aiohttp.ClientSession, standin: StandIn) -> None:
    port = standin.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost"):
        headers = {"Host": f"{host}:{port}", "Sec-Fetch-Site": "same-origin"}
        async with browser.get("/", headers=headers) as response:
            assert response.status == 200
        headers["Origin"] = f"http://{host}:{port}"
        async with browser.ws_connect("/live", headers=headers) as socket:
            assert (await socket.receive_json(timeout=30))["type"] == "snapshot"


async def test_stopping_closes_the_page(browser: aiohttp.ClientSession, standin: StandIn) -> None:
    async with browser.ws_connect("/live") as socket:
        await next_of(socket, "snapshot")
        await standin.stop()
        assert (await socket.receive(timeout=30)).type in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
        }


async def test_the_playground_has_a_cast() -> None:
    standin = playground()
    await standin.start()
    assert [user.first_name for user in DEMO_USERS if user.is_admin] == ["Админ"]
    async with Bot(DEMO_TOKEN, base_url=standin.base_url) as bot:
        for user in DEMO_USERS:
            standin.send_text(user, "/start", chat=-1001)
        assert len(await bot.get_updates()) == len(DEMO_USERS)
    await standin.stop()


async def test_a_user_speaks_only_where_they_belong(standin: StandIn) -> None:
    with pytest.raises(ValueError, match="is not in chat"):
        standin.send_text(ANYA, "x", chat=JOHN)
