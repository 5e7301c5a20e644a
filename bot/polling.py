"""Fetching updates from Telegram by long polling."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from telegram import Update
from telegram.constants import PollingLimit
from telegram.error import TelegramError

from bot.context import TelegramBot
from bot.insistence import Insistence

_POLL_SECONDS = 10
_FULL = PollingLimit.MAX_LIMIT
# So many are read again at most, each time that there is something new.
_UNCONFIRMED = 20
# Between two requests while something is not confirmed: Telegram then answers at once.
_PAUSE, _LONGEST_PAUSE = 0.03, 0.1
_FAREWELL_SECONDS = 1.0


class Polling:
    """One request for updates after the other, for as long as the token is good.

    In place of the library's `Updater`, which is silently deaf for good after one 401 or 404.
    ``take`` may wait: then Telegram is asked for no more, and keeps what is not taken.

    What is taken is confirmed to Telegram when it is dealt with, lest it be lost should the bot be
    killed meanwhile: ``unfinished`` says what is not, `change` returns when that may have changed.
    But new updates come only behind those that are not confirmed, so they are a few at most, and
    what takes long is confirmed before: ``unfinished`` no longer names it.
    """

    def __init__(
        self,
        bot: TelegramBot,
        take: Callable[[Update], Awaitable[None]],
        insistence: Insistence,
        *,
        allowed_updates: Sequence[str],
        unfinished: Callable[[], int | None],
        change: Callable[[], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._take = take
        self._insistence = insistence
        self._allowed = allowed_updates
        self._unfinished = unfinished
        self._change = change
        self._next_id = 0
        self._unconfirmed: deque[int] = deque(maxlen=_UNCONFIRMED)  # of what was taken

    async def run(self) -> None:
        """Fetch until cancelled.

        Raises:
            TokenRefused: the token is no longer valid.
        """
        # Telegram delivers to a webhook of former days otherwise.
        await self._insistence.call(self._bot.delete_webhook)
        pause = _PAUSE
        while True:
            updates = await self._insistence.call(self._fetch)
            new = [update for update in updates if update.update_id not in self._unconfirmed]
            for update in new:
                await self._take(update)
                self._unconfirmed.append(update.update_id)
                self._next_id = update.update_id + 1
            pause = _PAUSE if new else min(2 * pause, _LONGEST_PAUSE)
            if len(updates) < _FULL and self._unfinished() is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._change()

    async def confirm(self) -> None:
        """Tell Telegram what need not be sent again, should it be there to listen."""
        if self._next_id:
            with contextlib.suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await self._fetch(0)

    def _first_wanted(self) -> int:
        """The id of the first update that Telegram shall send, which confirms all before it."""
        unfinished = self._unfinished()
        while self._unconfirmed and (unfinished is None or self._unconfirmed[0] < unfinished):
            self._unconfirmed.popleft()
        return self._unconfirmed[0] if self._unconfirmed else self._next_id

    async def _fetch(self, seconds: int = _POLL_SECONDS) -> tuple[Update, ...]:
        try:
            return await self._bot.get_updates(
                self._first_wanted(), timeout=seconds, allowed_updates=self._allowed
            )
        except TelegramError:
            raise
        except Exception as error:
            # Neither its words nor its traceback: they quote what people write.
            raise TelegramError(f"its updates cannot be read: {type(error).__name__}") from None
