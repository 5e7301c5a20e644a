"""Calls to Telegram in the order in which they may go out, and again where they failed.

Telegram takes some 30 messages a second of a bot, one a second in a chat and 20 a minute in a
group. What has to wait does so by chat: one that may not be written to holds up no other.
"""

import asyncio
import contextlib
import itertools
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.pace import Pace
from bot.traffic.failures import is_transient, seconds_to_wait

Result: TypeAlias = bool | dict[str, Any] | list[dict[str, Any]]

# For ``rate_limit_args``: it does no harm if this message arrives twice.
MAY_ARRIVE_TWICE = True

# Whoever makes these calls tries again: `bot.lifecycle` and the library's updater.
_LEFT_TO_THE_CALLER = {"getMe", "setWebhook", "deleteWebhook", "getUpdates"}
# What nobody asked for just now waits until all else is sent.
_PATIENT = {"editMessageText"}

_MINUTE = 60.0
# A third of a second's messages go out in a third of a second, and a little: so after a burst
# nobody waits for the whole second.
_PARTS, _PART_SECONDS = 3, 0.34
_FLOOD_RETRIES = 3
_HOLD_LONGER = 0.1  # than Telegram says, whose seconds are whole
_CHATS = 1_000  # how many are kept before those that are idle are forgotten
_REMEMBERED_LOSSES = 1_000
_NEVER = float("inf")


class Window:
    """At most ``limit`` events within any ``seconds``; 0 for any number."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._seconds = seconds
        self._limit = limit
        self._times: deque[float] = deque(maxlen=limit)

    def opens_at(self) -> float:
        """When the next one may happen."""
        return self._times[0] + self._seconds if 0 < self._limit == len(self._times) else 0.0

    def closes_behind(self) -> float:
        """From when on it will be as if nothing had happened."""
        return self._times[-1] + self._seconds if self._times else 0.0

    def note(self, time: float) -> None:
        """One has happened."""
        self._times.append(time)


@dataclass(slots=True, eq=False)
class _Waiting:
    patient: bool
    number: int
    turn: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class _Chat:
    window: Window
    waiting: list[_Waiting] = field(default_factory=list)
    busy: bool = False
    held_until: float = 0.0
    served: int = 0  # the number of its last call

    def first(self) -> _Waiting:
        return min(self.waiting, key=lambda each: (each.patient, each.number))


class LostAnswers:
    """Chats in which a message of ours may not have arrived; the latest thousand."""

    def __init__(self) -> None:
        self._chats: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, chat_id: int) -> bool:
        return chat_id in self._chats

    def note(self, chat_id: int) -> None:
        """Remember it, until it is told."""
        self._chats[chat_id] = None
        if len(self._chats) > _REMEMBERED_LOSSES:
            self._chats.popitem(last=False)

    def forget(self, chat_id: int) -> None:
        """It has been told."""
        self._chats.pop(chat_id, None)


class Outbox(BaseRateLimiter[bool]):
    """The limiter of the library's bot.

    ``is_unsent`` says of an error whether Telegram has certainly not got the request;
    ``on_wait`` is called, in the task that asks, when a call cannot go out at once.
    """

    def __init__(
        self,
        pace: Pace,
        is_unsent: Callable[[NetworkError], bool] = lambda _: False,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self.lost = LostAnswers()
        self._pace = pace
        self._is_unsent = is_unsent
        self._on_wait = on_wait
        self._all = _smooth(pace.requests_a_second)
        self._chats: dict[int | str, _Chat] = {}
        self._chats_to_sweep = _CHATS
        self._line: dict[_Chat, None] = {}  # those that wait
        self._numbers = itertools.count(1)
        self._next_look: asyncio.TimerHandle | None = None
        self._hurried = False

    async def initialize(self) -> None:
        """There is nothing to prepare."""

    async def shutdown(self) -> None:
        """Give nobody a turn any more."""
        if self._next_look:
            self._next_look.cancel()

    def hurry(self) -> None:
        """Before the end: what waits for its chat's limits goes out, unless Telegram forbade it."""
        self._hurried = True
        self._grant()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: bool | None,
    ) -> Result:
        """Make a call when its turn has come, and again if that can help and does no harm.

        Raises:
            TelegramError: it failed for good; a message that may not have arrived is in ``lost``.
        """
        if endpoint in _LEFT_TO_THE_CALLER:
            return await callback(*args, **kwargs)
        chat_id = _chat_id(data)
        new_message = endpoint.startswith("send")
        repeatable = not new_message or rate_limit_args == MAY_ARRIVE_TWICE
        pauses = iter(self._pace.retry_pauses)
        refusals = itertools.count(1)
        # The same at each try, lest a message overtake another one of its chat.
        number = next(self._numbers)
        while True:
            try:
                async with self._turn(chat_id, number, patient=endpoint in _PATIENT):
                    return await callback(*args, **kwargs)
            except RetryAfter as error:
                pause = seconds_to_wait(error) + _HOLD_LONGER
                self._hold(chat_id, pause)
                if pause > self._pace.longest_hold or next(refusals) > _FLOOD_RETRIES:
                    self._lose(chat_id, new_message)
                    raise
                if chat_id is None:
                    await self._sleep(pause)
            except TelegramError as error:
                if not is_transient(error):
                    raise
                unsent = isinstance(error, NetworkError) and self._is_unsent(error)
                pause = next(pauses, _NEVER) if repeatable or unsent else _NEVER
                if pause == _NEVER:
                    self._lose(chat_id, new_message)
                    raise
                if new_message:
                    self._hold(chat_id, pause)  # no later one may overtake it
                else:
                    await self._sleep(pause)

    @contextlib.asynccontextmanager
    async def _turn(
        self, chat_id: int | str | None, number: int, *, patient: bool
    ) -> AsyncIterator[None]:
        """The block runs when the chat, and Telegram as a whole, may be written to."""
        if chat_id is None:
            yield
            return
        chat = self._chat(chat_id)
        held = chat.held_until - _now()
        if held > self._pace.longest_hold:
            raise RetryAfter(timedelta(seconds=held - _HOLD_LONGER))
        waiting = _Waiting(patient, number, asyncio.get_running_loop().create_future())
        chat.waiting.append(waiting)
        self._line[chat] = None
        self._grant()
        try:
            if not waiting.turn.done():
                self._on_wait()
            await waiting.turn
            yield
        finally:
            if waiting in chat.waiting:
                self._leave_line(chat, waiting)
            else:
                chat.busy = False
                # Not when it was sent: what counts is when Telegram got it, which was before now.
                chat.window.note(_now())
            # Soon, not now: whoever is refused may yet have the chat held, or come again.
            asyncio.get_running_loop().call_soon(self._grant)

    def _grant(self) -> None:
        """Give a turn to whoever may have one now, and look again when the next may."""
        now = _now()
        if self._next_look:
            self._next_look.cancel()
            self._next_look = None
        while ready := [chat for chat in self._line if self._opens_at(chat) <= now]:
            if self._all.opens_at() > now:
                self._look_at(self._all.opens_at())
                return
            # Fair by chat: the one that has waited longest since its last turn.
            chat = min(ready, key=lambda each: (each.first().patient, each.served))
            first = chat.first()
            self._leave_line(chat, first)
            chat.busy = True
            chat.served = next(self._numbers)
            self._all.note(now)
            if not first.turn.done():
                first.turn.set_result(None)
        opening = min(map(self._opens_at, self._line), default=_NEVER)
        if opening < _NEVER:
            self._look_at(opening)

    def _look_at(self, time: float) -> None:
        self._next_look = asyncio.get_running_loop().call_at(time, self._grant)

    def _opens_at(self, chat: _Chat) -> float:
        if chat.busy:
            return _NEVER
        return max(chat.held_until, 0.0 if self._hurried else chat.window.opens_at())

    def _leave_line(self, chat: _Chat, waiting: _Waiting) -> None:
        chat.waiting.remove(waiting)
        if not chat.waiting:
            del self._line[chat]

    def _chat(self, chat_id: int | str) -> _Chat:
        if chat_id not in self._chats:
            self._sweep()
            self._chats[chat_id] = _Chat(self._window(chat_id))
        return self._chats[chat_id]

    def _window(self, chat_id: int | str) -> Window:
        if isinstance(chat_id, int) and chat_id > 0:
            return Window(self._pace.chat_burst, self._pace.chat_burst)
        return Window(self._pace.group_requests_a_minute, _MINUTE)

    def _sweep(self) -> None:
        """Forget the chats whose past has no consequences any more."""
        if len(self._chats) < self._chats_to_sweep:
            return
        now = _now()
        self._chats = {
            chat_id: chat
            for chat_id, chat in self._chats.items()
            if chat.busy or chat.waiting or max(chat.held_until, chat.window.closes_behind()) > now
        }
        self._chats_to_sweep = max(_CHATS, 2 * len(self._chats))

    async def _sleep(self, seconds: float) -> None:
        self._on_wait()
        await asyncio.sleep(seconds)

    def _hold(self, chat_id: int | str | None, seconds: float) -> None:
        """Keep everything from a chat for so long."""
        if chat_id is not None:
            chat = self._chat(chat_id)
            chat.held_until = max(chat.held_until, _now() + seconds)

    def _lose(self, chat_id: int | str | None, new_message: bool) -> None:
        if new_message and isinstance(chat_id, int):
            self.lost.note(chat_id)


def _chat_id(data: dict[str, Any]) -> int | str | None:
    chat_id: int | str | None = data.get("chat_id")
    with contextlib.suppress(TypeError, ValueError):
        return int(chat_id)  # type: ignore[arg-type]
    return chat_id


def _smooth(per_second: int) -> Window:
    if per_second < _PARTS:
        return Window(per_second, 1.0)
    return Window(per_second // _PARTS, _PART_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
