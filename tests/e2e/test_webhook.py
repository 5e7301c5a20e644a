"""Webhook mode: the bot's own server, the secret, and a path without the token."""

import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.update_queue import Webhook
from bot.settings import Settings, SettingsError
from tests.e2e.talk import ANYA, TOKEN, Talk

SECRET = "webhook-secret_1"  # noqa: S105
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 1}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def webhook_settings(settings: Settings) -> Settings:
    port = free_port()
    update = {
        "webhook_url": f"http://127.0.0.1:{port}/im.yarek",
        "webhook_port": port,
        "webhook_secret": SecretStr(SECRET),
    }
    return settings.model_copy(update=update)


@pytest.fixture
async def webhook(webhook_settings: Settings) -> AsyncIterator[str]:
    """The address of the running bot's webhook."""
    async with running(webhook_settings):
        yield str(webhook_settings.webhook_url)


async def test_the_bot_answers_what_telegram_delivers(webhook: str, standin: StandIn) -> None:
    anya = Talk(standin, ANYA)
    reply = await anya.say("/name Ев")
    assert reply.text.startswith("Ев")
    await anya.press(reply, "👍")
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])
    assert standin.calls_of("getUpdates") == []


async def test_what_is_delivered_twice_counts_once(webhook: str, standin: StandIn) -> None:
    """And late: when the person has changed their mind."""
    standin.updates.repeats = lambda: True
    anya = Talk(standin, ANYA)
    reply = await anya.say("/name Ев")
    await anya.press(reply, "👍")
    liked = standin.updates.latest("callback_query")
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])
    await anya.press(reply, "👎")
    await anya.buttons_become(reply, ["👍", "👎 ✓", "⭐"])
    answered = len(standin.calls_of("answerCallbackQuery"))
    standin.updates.repeat(liked)
    await standin.wait_for(lambda: len(standin.calls_of("answerCallbackQuery")) > answered)
    await standin.wait_for(lambda: not standin.updates.pending)
    assert anya.now(reply).button_texts[0] == ["👍", "👎 ✓", "⭐"]


@pytest.mark.parametrize("headers", [{}, {HEADER: "wrong"}, {HEADER: TOKEN}])
async def test_others_are_refused(webhook: str, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post(webhook, json=UPDATE, headers=headers)
    assert response.status_code == 403


async def test_the_secret_opens_that_path_and_no_other(webhook: str) -> None:
    async with httpx.AsyncClient(headers={HEADER: SECRET}) as client:
        assert (await client.post(webhook, json=UPDATE)).status_code == 200
        assert (
            await client.post(webhook.replace("im.yarek", "imxyarek"), json=UPDATE)
        ).status_code == 404


async def test_a_secret_is_made_up_when_none_is_set(
    webhook_settings: Settings, standin: StandIn
) -> None:
    async with running(webhook_settings.model_copy(update={"webhook_secret": None})):
        (call,) = standin.calls_of("setWebhook")
        assert len(call.params["secret_token"]) >= 32
        assert TOKEN not in call.params["url"]
        assert (await Talk(standin, ANYA).say("/name")).keyboard


@pytest.fixture
async def watchful(webhook_settings: Settings) -> AsyncIterator[BotApplication]:
    """The bot, which asks all the time whether Telegram delivers."""
    async with running(webhook_settings, Pace(webhook_check=0.01, first_pause=0.01)) as bot:
        yield bot


async def not_served(bot: BotApplication, standin: StandIn) -> str:
    """What is wrong with Telegram, for more than one answer of it to the question."""
    telegram = bot.bot_data.vitals.telegram
    await standin.wait_for(lambda: telegram.problem)
    worked_at, asked = telegram.worked_at, len(standin.calls_of("getWebhookInfo"))
    await standin.wait_for(lambda: len(standin.calls_of("getWebhookInfo")) >= asked + 3)
    assert telegram.worked_at == worked_at
    return telegram.problem


async def is_served(bot: BotApplication, standin: StandIn) -> None:
    telegram = bot.bot_data.vitals.telegram
    worked_at = telegram.worked_at
    await standin.wait_for(lambda: not telegram.problem and telegram.worked_at > worked_at)
    # And not for a moment.
    asked = len(standin.calls_of("getWebhookInfo"))
    await standin.wait_for(lambda: len(standin.calls_of("getWebhookInfo")) >= asked + 3)
    assert not telegram.problem


async def test_a_webhook_that_somebody_takes_away(
    watchful: BotApplication, standin: StandIn, webhook_settings: Settings
) -> None:
    await is_served(watchful, standin)
    ours = standin.updates.webhook
    assert ours is not None
    standin.updates.delete_webhook(drop_pending=False)
    assert "no longer delivers" in await not_served(watchful, standin)
    standin.updates.set_webhook(ours, None, drop_pending=False)
    await is_served(watchful, standin)


async def test_a_webhook_that_cannot_be_delivered(
    watchful: BotApplication, standin: StandIn
) -> None:
    ours = standin.updates.webhook
    assert ours is not None
    refused = Webhook(ours.url, "not_the_secret", ours.max_connections)
    standin.updates.set_webhook(refused, None, drop_pending=False)
    await is_served(watchful, standin)  # nothing waits
    standin.send_text(ANYA, "/name")
    assert "cannot deliver to WEBHOOK_URL" in await not_served(watchful, standin)
    assert "403" in watchful.bot_data.vitals.telegram.problem
    standin.updates.set_webhook(ours, None, drop_pending=False)
    await standin.wait_for(lambda: standin.calls_of("sendMessage"))
    await is_served(watchful, standin)


async def test_a_busy_port_is_named(webhook_settings: Settings) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        update = {"webhook_port": busy.getsockname()[1]}
        with pytest.raises(SettingsError, match="WEBHOOK_PORT"):
            async with running(webhook_settings.model_copy(update=update)):
                pass
