"""A stand-in that listens, and python-telegram-bot's own client to talk to it."""

import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, DemoUser

TOKEN = "1000:secret"  # noqa: S105
ANYA = DemoUser(101, "Аня", username="anya")
JOHN = DemoUser(103, "John", language_code="en")
ADMIN = DemoUser(104, "Админ", is_admin=True)
GROUP = DemoGroup(-1001, "Компания", (101, 103, 104))


def png(width: int = 2, height: int = 3) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    standin = StandIn(TOKEN, [ANYA, JOHN, ADMIN], [GROUP])
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def bot(standin: StandIn) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=standin.base_url, base_file_url=standin.base_file_url) as client:
        yield client


@pytest.fixture
def anya(standin: StandIn) -> DemoUser:
    """Аня, who has already written to the bot."""
    standin.send_text(ANYA, "/start")
    return ANYA
