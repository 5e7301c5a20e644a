import asyncio
import io
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.transport import AiohttpRequest, environment_proxy, is_unsent

TOKEN = "123456:very-secret"  # noqa: S105
SENT = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """The address of a server that answers everything so."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0)  # type: ignore[arg-type]
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bot_at(url: str, *, connections: int = 8, proxy: str | None = None) -> AsyncIterator[Bot]:
    """A bot of the library that talks over this transport."""
    request = AiohttpRequest(connections, proxy=proxy)
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()


async def failure(url: str, **timeouts: float) -> NetworkError:
    """The error that a message to this address ends in, after a look for the token in it."""
    async with bot_at(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.send_message(7, "Ева", **timeouts)  # type: ignore[arg-type]
    assert "very-secret" not in "".join(traceback.format_exception(caught.value))
    return caught.value


def ok(result: object = SENT) -> web.Response:
    return web.json_response({"ok": True, "result": result})


async def test_parameters_arrive_as_a_form() -> None:
    forms = []

    async def answer(request: web.Request) -> web.Response:
        forms.append((request.method, request.path, dict(await request.post())))
        return ok()

    async with served(answer) as url, bot_at(url) as bot:
        await bot.send_message(7, "Ёж & Ева=+%")
    form = {"chat_id": "7", "text": "Ёж & Ева=+%"}
    assert forms == [("POST", f"/bot{TOKEN}/sendMessage", form)]


@pytest.mark.parametrize("content", [b"picture", io.BytesIO(b"picture")])
async def test_files_arrive_with_their_names(content: bytes | io.BytesIO) -> None:
    files = []

    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        file = next(part for part in form.values() if isinstance(part, web.FileField))
        files.append((form["chat_id"], file.filename, file.content_type, file.file.read()))
        return ok()

    async with served(answer) as url, bot_at(url) as bot:
        await bot.send_document(7, InputFile(content, filename="Ева.txt"))
    assert files == [("7", "Ева.txt", "text/plain", b"picture")]


async def test_files_are_fetched() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=request.method.encode())

    async with served(answer) as url, bot_at(url) as bot:
        assert await bot.request.retrieve(f"{url}/file/bot{TOKEN}/a.txt") == b"GET"


async def test_what_telegram_refuses_is_the_librarys_error() -> None:
    refusals = [
        {"ok": False, "error_code": 429, "description": "-", "parameters": {"retry_after": 3}},
        {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"},
    ]

    async def answer(request: web.Request) -> web.Response:
        refusal = refusals.pop(0)
        return web.json_response(refusal, status=int(str(refusal["error_code"])))

    async with served(answer) as url, bot_at(url) as bot:
        with pytest.raises(RetryAfter):
            await bot.send_message(7, "Ева")
        with pytest.raises(BadRequest, match="hat not found"):
            await bot.send_message(7, "Ева")


async def test_a_redirect_is_not_followed() -> None:
    async def answer(request: web.Request) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    async with served(answer) as url:
        assert "302" in str(await failure(url))


async def test_no_answer_in_time() -> None:
    too_late = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        await too_late.wait()
        return ok()

    async with served(answer) as url:
        error = await failure(url, read_timeout=0.01)
        too_late.set()
    assert isinstance(error, TimedOut)
    assert not is_unsent(error)


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = await failure(f"http://127.0.0.1:{port}")
    assert not isinstance(error, TimedOut)
    assert is_unsent(error)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"hm"])
async def test_a_server_that_breaks_off(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(f"http://127.0.0.1:{port}")
    assert not isinstance(error, TimedOut)
    assert not is_unsent(error)


async def test_an_address_that_is_none() -> None:
    await failure("http://[")


async def test_no_more_connections_than_allowed_and_the_others_wait() -> None:
    arrived: asyncio.Queue[None] = asyncio.Queue()
    go_on = asyncio.Semaphore(0)

    async def answer(request: web.Request) -> web.Response:
        arrived.put_nowait(None)
        await go_on.acquire()
        return ok()

    async with served(answer) as url, bot_at(url, connections=2) as bot:
        requests = [asyncio.create_task(bot.send_message(7, "Ева")) for _ in range(3)]
        for _ in range(2):
            await arrived.get()
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(7, "Ева", pool_timeout=0.01, connect_timeout=0.0)
        assert is_unsent(caught.value)
        assert "very-secret" not in "".join(traceback.format_exception(caught.value))
        assert arrived.empty()
        for _ in requests:
            go_on.release()
        await asyncio.gather(*requests)


async def test_the_pool_can_be_closed_and_opened_again() -> None:
    async def answer(request: web.Request) -> web.Response:
        return ok()

    request = AiohttpRequest(1)
    await request.shutdown()
    async with served(answer) as url:
        with pytest.raises(NetworkError, match="initialize"):
            await request.post(url)
        for _ in range(2):
            await request.initialize()
            await request.initialize()
            assert await request.post(url) == SENT
            await request.shutdown()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_told_who_we_are(scheme: str) -> None:
    asked = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        proxy = f"http://me:secret@127.0.0.1:{port}"
        async with bot_at(f"{scheme}://telegram.invalid", proxy=proxy) as bot:
            with pytest.raises(TelegramError) as caught:
                await bot.send_message(7, "Ева")
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    assert len(asked) == 1
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0" in asked[0]
    assert ("very-secret" in asked[0]) == (scheme == "http")


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:1"}, "http://proxy:1"),
        ({"ALL_PROXY": "proxy:2"}, "http://proxy:2"),
        ({"HTTPS_PROXY": "http://proxy:1", "ALL_PROXY": "http://proxy:2"}, "http://proxy:1"),
        ({"HTTP_PROXY": "http://proxy:3"}, None),
        ({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "telegram.org"}, None),
    ],
)
def test_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy("https://api.telegram.org") == proxy
