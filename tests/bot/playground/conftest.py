"""A stand-in that listens, and python-telegram-bot's own client to talk to it."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
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
    return picture("PNG", width, height)


def picture(kind: str, width: int, height: int) -> bytes:
    """A black picture of any kind that Pillow writes."""
    data = io.BytesIO()
    Image.new("L", (width, height)).save(data, kind)
    return data.getvalue()


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
