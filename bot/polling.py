"""Fetching updates from Telegram by long polling."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from telegram import Update
from telegram.error import TelegramError

from bot.context import TelegramBot
from bot.insistence import Insistence

_POLL_SECONDS = 10
_FAREWELL_SECONDS = 1.0


class Polling:
    """One request for updates after the other, for as long as the token is good.

    In place of the library's `Updater`, which is silently deaf for good after one 401 or 404.
    ``take`` may wait: then Telegram is asked for no more, and keeps what is not taken.
    """

    def __init__(
        self,
        bot: TelegramBot,
        take: Callable[[Update], Awaitable[None]],
        insistence: Insistence,
        *,
        allowed_updates: Sequence[str],
    ) -> None:
        self._bot = bot
        self._take = take
        self._insistence = insistence
        self._allowed = allowed_updates
        self._next_id = 0

    async def run(self) -> None:
        """Fetch until cancelled.

        Raises:
            TokenRefused: the token is no longer valid.
        """
        # Telegram delivers to a webhook of former days otherwise.
        await self._insistence.call(self._bot.delete_webhook)
        while True:
            for update in await self._insistence.call(lambda: self._fetch(_POLL_SECONDS)):
                await self._take(update)
                self._next_id = update.update_id + 1

    async def confirm(self, unfinished: int | None = None) -> None:
        """Tell Telegram what need not be sent again, should it be there to listen.

        ``unfinished`` is the first update that was taken and not dealt with, if there is one.
        """
        if unfinished is not None:
            self._next_id = min(self._next_id, unfinished)
        if self._next_id:
            with contextlib.suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await self._fetch(0)

    async def _fetch(self, seconds: int) -> tuple[Update, ...]:
        try:
            return await self._bot.get_updates(
                self._next_id, timeout=seconds, allowed_updates=self._allowed
            )
        except TelegramError:
            raise
        except Exception as error:
            # Neither its words nor its traceback: they quote what people write.
            raise TelegramError(f"its updates cannot be read: {type(error).__name__}") from None
