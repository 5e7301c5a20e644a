"""Whether updates reach the bot's webhook, as Telegram sees it."""

from datetime import datetime

from telegram.error import TelegramError

from bot.context import TelegramBot


class NotDelivered(TelegramError):
    """Telegram answers, yet no update reaches the bot; the message says why."""


class Delivery:
    """Telegram's delivery to ``url``: what arrives is noted, and Telegram is asked about the rest.

    Telegram keeps its last error for ever. One that stood there when nothing was left to deliver
    is over: its date tells it from a new one, whatever the clocks say.
    """

    def __init__(self, bot: TelegramBot, url: str) -> None:
        self._bot = bot
        self._url = url
        self._arrived = False
        self._overcome: datetime | None = None

    def arrived(self) -> None:
        """An update has come."""
        self._arrived = True

    async def check(self) -> None:
        """Return if updates come or would come.

        Raises:
            NotDelivered: the webhook is not ours any more, or what waits cannot be delivered.
            TelegramError: Telegram does not say.
        """
        info = await self._bot.get_webhook_info()
        arrived, self._arrived = self._arrived, False
        if info.url != self._url:
            raise NotDelivered("it no longer delivers to WEBHOOK_URL, somebody has changed that")
        if not info.pending_update_count:
            self._overcome = info.last_error_date
        elif not arrived and info.last_error_date not in (None, self._overcome):
            raise NotDelivered(f"it cannot deliver to WEBHOOK_URL: {info.last_error_message}")
