"""What strangers can do to the webhook's server: nothing that costs anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httpx
import pytest
from telegram import Update
from telegram.ext import ExtBot

from bot.context import TelegramBot
from bot.webhook import SECRET_HEADER, WebhookServer
from tests.e2e.test_webhook import free_port

SECRET = "secret_of-the-webhook"  # noqa: S105
PATH = "/im.yarek"


@dataclass
class Telegram:
    """The server under test as its one client sees it."""

    port: int
    taken: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    async def take(self, update: Update) -> None:
        self.taken.append(update.update_id)

    async def post(self, body: str | bytes, secret: str = SECRET) -> int:
        async with httpx.AsyncClient() as client:
            response = await client.post(self.url, content=body, headers={SECRET_HEADER: secret})
        return response.status_code


@asynccontextmanager
async def served(
    *, read_seconds: float = 10.0, head_seconds: float = 10.0
) -> AsyncIterator[Telegram]:
    telegram = Telegram(free_port())
    server = WebhookServer(
        cast("TelegramBot", ExtBot("1:token")),
        telegram.take,
        host="127.0.0.1",
        port=telegram.port,
        path=PATH,
        secret=SECRET,
        read_seconds=read_seconds,
        head_seconds=head_seconds,
    )
    await server.start()
    yield telegram
    await server.stop()


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    """Of a server that does not wait long for a body."""
    async with served(read_seconds=0.05) as telegram:
        yield telegram


@pytest.fixture
async def slow_telegram() -> AsyncIterator[Telegram]:
    """Of a server that does not wait long for a head."""
    async with served(head_seconds=0.3) as telegram:
        yield telegram


async def test_an_update_is_taken(telegram: Telegram) -> None:
    assert await telegram.post(json.dumps({"update_id": 7})) == 200
    assert telegram.taken == [7]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"{}", b"\xff", b"7"])
async def test_what_is_no_update_is_refused(telegram: Telegram, body: bytes) -> None:
    assert await telegram.post(body) == 400
    assert telegram.taken == []


async def test_a_body_larger_than_any_update_is_refused(telegram: Telegram) -> None:
    assert await telegram.post(b" " * 2**21) == 413


async def answer(telegram: Telegram, secret: bytes, *, length: int) -> bytes:
    """The status line for a request whose body never comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", telegram.port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{SECRET_HEADER}: "
    writer.write(head.encode() + secret + b"\r\n\r\n")
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return line


@pytest.mark.parametrize("secret", [b"wrong", b"\xff", b""])
async def test_without_the_secret_the_body_is_not_waited_for(
    telegram: Telegram, secret: bytes
) -> None:
    assert b" 403 " in await answer(telegram, secret, length=10**8)


async def test_a_request_that_never_ends_is_given_up(telegram: Telegram) -> None:
    assert b" 408 " in await answer(telegram, SECRET.encode(), length=1000)


@pytest.mark.parametrize("sent", [b"", b"POST", f"POST {PATH} HTTP/1.1\r\nHost: x\r\n".encode()])
async def test_a_head_that_never_ends_is_given_up(slow_telegram: Telegram, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", slow_telegram.port)
    writer.write(sent)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_a_head_that_comes_byte_by_byte_is_given_up(slow_telegram: Telegram) -> None:
    """What arrives does not prolong the time there is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", slow_telegram.port)
    closed = asyncio.create_task(reader.read())
    writer.write(f"POST {PATH} HTTP/1.1\r\nX: ".encode())
    async with asyncio.timeout(10):
        while not closed.done():
            writer.write(b"x")
            await asyncio.wait({closed}, timeout=0.01)
    await asyncio.gather(closed, return_exceptions=True)  # a reset will do
    writer.close()


async def test_a_second_head_that_never_ends_is_given_up(slow_telegram: Telegram) -> None:
    body = json.dumps({"update_id": 7}).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", slow_telegram.port)
    writer.write(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    async with asyncio.timeout(10):
        assert b" 200 " in await reader.readline()
        writer.write(head.encode())
        await reader.read()
    assert slow_telegram.taken == [7]
    writer.close()
