"""Fetching updates from Telegram by long polling."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode

from telegram import Update
from telegram.constants import PollingLimit
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.context import TelegramBot
from bot.insistence import Insistence

logger = logging.getLogger(__name__)

# An update as Telegram sends it.
RawUpdate: TypeAlias = dict[str, Any]

_POLL_SECONDS = 10
_ANSWER_SECONDS = 5  # that Telegram may take besides
_FULL = PollingLimit.MAX_LIMIT
# So many are read again at most, each time that there is something new.
_UNCONFIRMED = 80
# The longest pause before the next request while something is not dealt with. Telegram answers at
# once then, with what it has sent already.
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

    What is read again, and what ``passes_over`` says would not be answered, is not made into an
    `Update`, which costs more than all else that a flood costs.
    """

    def __init__(
        self,
        bot: TelegramBot,
        request: BaseRequest,
        take: Callable[[Update], Awaitable[None]],
        insistence: Insistence,
        *,
        allowed_updates: Sequence[str],
        unfinished: Callable[[], int | None],
        change: Callable[[], Awaitable[None]],
        passes_over: Callable[[RawUpdate], bool],
    ) -> None:
        self._bot = bot
        self._request = request
        self._take = take
        self._insistence = insistence
        self._allowed = allowed_updates
        self._unfinished = unfinished
        self._change = change
        self._passes_over = passes_over
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
            new = [update for update in updates if update["update_id"] not in self._unconfirmed]
            for raw in new:
                if not self._passes_over(raw) and (update := self._read(raw)):
                    await self._take(update)
                self._unconfirmed.append(raw["update_id"])
                self._next_id = raw["update_id"] + 1
            pause = _PAUSE if new else min(2 * pause, _LONGEST_PAUSE)
            if len(updates) < _FULL:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        while self._unfinished() is not None:
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

    async def _fetch(self, seconds: int = _POLL_SECONDS) -> list[RawUpdate]:
        wanted = {
            "offset": self._first_wanted(),
            "timeout": seconds,
            "allowed_updates": json.dumps(self._allowed),
        }
        updates = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(wanted)}",
            read_timeout=_ANSWER_SECONDS + seconds,
        )
        if not isinstance(updates, list) or not all("update_id" in update for update in updates):
            raise TelegramError("its updates cannot be read")
        return updates

    def _read(self, raw: RawUpdate) -> Update | None:
        try:
            return Update.de_json(raw, self._bot)
        except Exception as error:
            # Neither its words nor its traceback: they quote what people write.
            kind = type(error).__name__
            logger.error("update %s cannot be read: %s", raw["update_id"], kind)
            return None
