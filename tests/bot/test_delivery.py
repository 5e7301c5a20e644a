"""What Telegram says of a webhook, and what is made of it."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from telegram import WebhookInfo

from bot.context import TelegramBot
from bot.delivery import Delivery, NotDelivered

URL = "https://example.org/im.yarek"
THEN = datetime(2026, 1, 31, tzinfo=UTC)


class Telegram:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.url = URL
        self.pending = 0
        self.failed_at: datetime | None = None

    async def get_webhook_info(self) -> WebhookInfo:
        return WebhookInfo(
            self.url,
            False,
            self.pending,
            last_error_date=self.failed_at,
            last_error_message="Connection refused" if self.failed_at else None,
        )


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def delivery(telegram: Telegram) -> Delivery:
    return Delivery(cast("TelegramBot", telegram), URL)


@pytest.mark.parametrize("url", ["", "https://example.org/other"])
async def test_a_webhook_that_is_not_ours(telegram: Telegram, delivery: Delivery, url: str) -> None:
    await delivery.check()
    telegram.url = url
    delivery.arrived()  # it was under way
    for _ in range(2):
        with pytest.raises(NotDelivered, match="no longer delivers"):
            await delivery.check()


async def test_updates_that_wait_are_no_problem_without_an_error(
    telegram: Telegram, delivery: Delivery
) -> None:
    telegram.pending = 3
    await delivery.check()


async def test_an_error_counts_until_nothing_waits(telegram: Telegram, delivery: Delivery) -> None:
    telegram.pending, telegram.failed_at = 1, THEN
    for _ in range(2):
        with pytest.raises(NotDelivered, match="Connection refused"):
            await delivery.check()
    telegram.pending = 0
    await delivery.check()
    telegram.pending = 1  # Telegram still tells of the old error
    await delivery.check()
    telegram.failed_at += timedelta(seconds=1)
    with pytest.raises(NotDelivered):
        await delivery.check()


async def test_an_update_that_has_arrived_says_more_than_an_error(
    telegram: Telegram, delivery: Delivery
) -> None:
    telegram.pending, telegram.failed_at = 1, THEN
    delivery.arrived()
    await delivery.check()
    with pytest.raises(NotDelivered):
        await delivery.check()
