"""How updates reach the bot: long polling, or POST requests to its webhook."""

import asyncio
import contextlib
import itertools
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from telegram.constants import PollingLimit, WebhookLimit

from bot.playground.telegram.errors import BotApiError, bad_request
from bot.playground.telegram.types import Json

MAX_POLL_SECONDS = 50
_KEPT_UPDATES = 1_000
_SECRET = re.compile(r"[A-Za-z0-9_-]*\Z")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_RETRY_SECONDS = 0.1
_LAST_RETRY_SECONDS = 5.0
_WEBHOOK_TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass(frozen=True)
class Webhook:
    """Where updates go, and the secret that proves who sends them."""

    url: str
    secret: str = ""
    max_connections: int = 40


class UpdateQueue:
    """Updates not yet confirmed by the bot, oldest first.

    An update leaves the queue when ``getUpdates`` names a later offset or when the webhook has
    answered 2xx to it. The webhook gets one update at a time, in order, again and again until it
    takes it; ``on_taken`` is then called. Like Telegram's the queue may also deliver an update that
    was confirmed already: `repeat` makes it, and ``repeats``, which is asked about each.
    """

    def __init__(self, on_taken: Callable[[], None]) -> None:
        self.pending: deque[Json] = deque()
        self.allowed: tuple[str, ...] = ()
        self.webhook: Webhook | None = None
        self._on_taken = on_taken
        self._ids = itertools.count(1)
        self._last_id = 0
        self.repeats: Callable[[], bool] = lambda: False
        self._known: deque[Json] = deque(maxlen=_KEPT_UPDATES)
        self._repeated: deque[Json] = deque()
        self._arrived = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._last_error: tuple[int, str] | None = None

    def put(self, kind: str, payload: Json) -> None:
        """Add an update, unless the bot has said that it does not want this kind."""
        if self.allowed and kind not in self.allowed:
            return
        self._last_id = next(self._ids)
        update = {"update_id": self._last_id, kind: payload}
        self._known.append(update)
        self.pending.append(update)
        self._wake()

    def latest(self, kind: str) -> Json:
        """Return the newest update of a kind, delivered or not.

        Raises:
            LookupError: there was none.
        """
        for update in reversed(self._known):
            if kind in update:
                return update
        raise LookupError(f"no {kind} yet")

    def repeat(self, update: Json) -> None:
        """Deliver an update once more, though it was confirmed, ahead of what is new."""
        self._repeated.append(update)
        self._wake()

    async def poll(
        self, offset: int, limit: int, seconds: int, allowed: Sequence[str] | None
    ) -> list[Json]:
        """Answer ``getUpdates``: at once if anything waits, otherwise within ``seconds``.

        Raises:
            BotApiError: 409 while a webhook is set; 409 for the poll that was waiting when another
                one came, as Telegram ends the older of the two.
        """
        if self.webhook is not None:
            raise BotApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if allowed is not None:
            self.allowed = tuple(allowed)
        self._forget_before(offset)
        limit = min(max(limit, PollingLimit.MIN_LIMIT), PollingLimit.MAX_LIMIT)
        if not self.pending and not self._repeated and seconds > 0:
            self._end_poll(
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
            await self._wait(min(seconds, MAX_POLL_SECONDS))
        repeated = [self._repeated.popleft() for _ in range(min(limit, len(self._repeated)))]
        return [*repeated, *itertools.islice(self.pending, limit - len(repeated))]

    def set_webhook(
        self, webhook: Webhook, allowed: Sequence[str] | None, *, drop_pending: bool
    ) -> None:
        """Deliver to a webhook from now on; ends a poll that waits.

        Raises:
            BotApiError: an address that is not HTTP(S), plain HTTP to another machine, or a secret
                that Telegram would not send.
        """
        _check_webhook(webhook)
        if allowed is not None:
            self.allowed = tuple(allowed)
        if drop_pending:
            self.pending.clear()
        self._end_poll("Conflict: terminated by setWebhook request")
        self._stop_delivery()
        self.webhook = webhook
        self._last_error = None
        self._delivery = asyncio.create_task(self._deliver(webhook))

    def delete_webhook(self, *, drop_pending: bool) -> None:
        """Go back to polling."""
        self._stop_delivery()
        self.webhook = None
        if drop_pending:
            self.pending.clear()

    def webhook_info(self) -> Json:
        """Return the Bot API's ``WebhookInfo``."""
        info: Json = {
            "url": self.webhook.url if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if self.webhook is not None:
            info["max_connections"] = self.webhook.max_connections
            if self._last_error is not None:
                info["last_error_date"], info["last_error_message"] = self._last_error
        if self.allowed:
            info["allowed_updates"] = list(self.allowed)
        return info

    async def close(self) -> None:
        """End the waiting poll and the delivery."""
        self._wake()
        delivery = self._delivery
        self._stop_delivery()
        if delivery is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await delivery

    def _forget_before(self, offset: int) -> None:
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        # An offset from another life of the server confirms nothing.
        elif offset <= self._last_id + 1:
            while self.pending and self.pending[0]["update_id"] < offset:
                self._confirmed(self.pending.popleft())

    async def _wait(self, seconds: float) -> None:
        waiting = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            pass
        finally:
            if self._poll is waiting:
                self._poll = None

    def _confirmed(self, update: Json) -> None:
        if self.repeats():
            self._repeated.append(update)

    def _wake(self) -> None:
        self._arrived.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _end_poll(self, reason: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(BotApiError(409, reason))

    def _stop_delivery(self) -> None:
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None

    async def _deliver(self, webhook: Webhook) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        async with aiohttp.ClientSession(headers=headers, timeout=_WEBHOOK_TIMEOUT) as session:
            retry = _FIRST_RETRY_SECONDS
            while True:
                self._arrived.clear()
                queue = self._repeated or self.pending
                if not queue:
                    await self._arrived.wait()
                    continue
                update = queue[0]
                problem = await _post(session, webhook.url, update)
                if problem is None:
                    if queue and queue[0] is update:
                        queue.popleft()
                    if queue is self.pending:
                        self._confirmed(update)
                    self._on_taken()
                    retry = _FIRST_RETRY_SECONDS
                else:
                    self._last_error = int(time.time()), problem
                    await asyncio.sleep(retry)
                    retry = min(2 * retry, _LAST_RETRY_SECONDS)


async def _post(session: aiohttp.ClientSession, url: str, update: Json) -> str | None:
    """Post one update; return None if it was taken, otherwise what went wrong."""
    try:
        # Without a charset: some receivers compare the content type as a whole.
        async with session.post(url, json=update, allow_redirects=False) as response:
            if response.ok and response.status < 300:
                return None
            return f"Wrong response from the webhook: {response.status} {response.reason}"
    except aiohttp.ClientConnectorError:
        return "Connection refused"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientError as error:
        return f"Connection failed: {type(error).__name__}"


def _check_webhook(webhook: Webhook) -> None:
    try:
        parts = urlsplit(webhook.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise bad_request("invalid webhook URL specified")
    # A Bot API server of one's own delivers over plain HTTP; beyond this machine nothing should.
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(webhook.secret) > WebhookLimit.MAX_SECRET_TOKEN_LENGTH:
        raise bad_request("secret token is too long")
    if not _SECRET.match(webhook.secret):
        raise bad_request("secret token contains unallowed characters")
