"""Which updates are taken from Telegram, which are answered, and in which order.

The library hands over one update after the other and waits until it is taken; meanwhile it asks
Telegram for no more, so what finds no place here stays there.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

from telegram import CallbackQuery, Chat, Message, ReplyParameters, Update
from telegram.error import TelegramError
from telegram.ext import BaseUpdateProcessor, ExtBot

from bot.callbacks import KEEP, RATE
from bot.texts import Texts, texts_for
from bot.traffic.lanes import Lanes, Work
from bot.traffic.limits import Answer, Asked, Limits
from bot.traffic.outbox import MAY_ARRIVE_TWICE

# What is taken and not yet answered: at 30 a second it is out four seconds after a stop.
PLACES = 128

# In tenths of a request.
_NAMES = 10
_PRESS = 1

# Presses that are answered and no more leave most of the time to everything else.
_NOTICES_AT_ONCE = 4
_NOTICE_PAUSE = 0.04
_NOTICES_WAITING = 10_000


class UpdateQueue(asyncio.Queue[object]):
    """Where the library leaves updates: ``put`` returns when the scheduler has taken one.

    So nothing piles up here, and no update costs a turn of the event loop. ``deal_with`` makes the
    work of an update.
    """

    def __init__(self, scheduler: "Scheduler") -> None:
        super().__init__()
        self._scheduler = scheduler
        self._one_by_one = asyncio.Lock()
        self.deal_with: Callable[[Update], Coroutine[Any, Any, None]] | None = None

    async def put(self, item: object) -> None:
        """Have an update taken; anything else is a sign from the library to itself."""
        if isinstance(item, Update) and self.deal_with:
            async with self._one_by_one:
                await self._scheduler.do_process_update(item, self.deal_with(item))
        else:
            await super().put(item)

    async def join(self) -> None:
        """Return when everything that was put in is dealt with; the library's stop waits for it."""
        await super().join()
        await self._scheduler.lanes.idle()


class Scheduler(BaseUpdateProcessor):
    """A lane for each chat, and for each person outside of chats.

    Who asks for too much is told so once in a kind sentence, and then not answered until they
    are slower; their pressed buttons are answered, but nothing is done.
    """

    def __init__(self, limits: Limits, places: int = PLACES) -> None:
        # One: do_process_update returns when the update is taken, and they are taken in order.
        super().__init__(max_concurrent_updates=1)
        self.lanes = Lanes(places)
        self.update_queue = UpdateQueue(self)
        self._limits = limits
        self._unheard: deque[CallbackQuery] = deque(maxlen=_NOTICES_WAITING)
        self._notices: set[asyncio.Task[None]] = set()

    async def initialize(self) -> None:
        """There is nothing to prepare."""

    async def shutdown(self) -> None:
        """Cut short what has not ended."""
        await self.lanes.close()
        for task in self._notices:
            task.cancel()
        await asyncio.gather(*self._notices, return_exceptions=True)

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Take an update or refuse it; waits for a place."""
        work = cast(Work, coroutine)
        if not isinstance(update, Update):
            await self.lanes.put(None, work)
            return
        lane, asked = lane_of(update), what_is_asked(update)
        answer = self._limits.ask(asked)
        if answer is Answer.GIVEN and self._limits and not self.lanes.has_room(lane):
            answer = self._limits.refuse(asked)
        if answer is Answer.GIVEN:
            await self.lanes.put(lane, work, update.update_id)
            return
        work.close()
        if update.callback_query:
            self._notice(update.callback_query)
        elif update.message and answer is not Answer.NOTHING:
            # In its lane: after the answers to what was asked before.
            telling = _tell(update.message, answer)
            await self.lanes.put(lane, telling, update.update_id)

    def passes_over(self, raw: dict[str, Any]) -> bool:
        """Whether an update, as Telegram sends it, comes from where nothing is answered now."""
        try:
            message = raw["message"]
            person, chat = message["from"]["id"], message["chat"]
            group = None if chat["type"] == Chat.PRIVATE else chat["id"]
        except (KeyError, TypeError):
            return False
        return self._limits.is_silent(person, group)

    def _notice(self, query: CallbackQuery) -> None:
        """Answer a press beside everything else, a few at a time."""
        self._unheard.append(query)
        if len(self._notices) < _NOTICES_AT_ONCE:
            task = asyncio.create_task(self._answer_unheard())
            self._notices.add(task)
            task.add_done_callback(self._notices.discard)

    async def _answer_unheard(self) -> None:
        while self._unheard:
            query = self._unheard.popleft()
            with contextlib.suppress(TelegramError):
                await query.answer(texts_for(query.from_user.language_code).too_often_notice)
            await asyncio.sleep(_NOTICE_PAUSE)


def lane_of(update: Update) -> int | None:
    """The chat, or the person where there is none."""
    if update.effective_chat:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user else None


def what_is_asked(update: Update) -> Asked:
    """Who wants something of the bot, and what it costs; what is not for the bot costs nothing."""
    person = update.effective_user.id if update.effective_user else None
    chat = update.effective_chat
    group = chat.id if chat and chat.type != Chat.PRIVATE else None
    if query := update.callback_query:
        if re.match(f"{RATE}|{KEEP}", query.data or ""):
            return Asked(person, group, price=_PRESS, group_price=0)
        return Asked(person, group, price=_NAMES, group_price=_NAMES)
    if update.inline_query:
        return Asked(person, None, price=_PRESS, group_price=0)
    message = update.message
    if message is None or (group is not None and not _is_command(message)):
        return Asked(person, group, price=0, group_price=0)
    return Asked(person, group, price=_NAMES, group_price=_NAMES)


def _is_command(message: Message) -> bool:
    """Whether a message in a group is a command that may be meant for this bot."""
    text = message.text or ""
    if not text.startswith("/"):
        return False
    addressee = text.split(maxsplit=1)[0].partition("@")[2]
    return addressee.lower() in ("", message.get_bot().username.lower())


async def _tell(message: Message, answer: Answer) -> None:
    """The one sentence to somebody who asks too often."""
    user = message.from_user
    texts: Texts = texts_for(user.language_code if user else None)
    sentence = texts.group_too_often if answer is Answer.GROUP_TOLD else texts.too_often
    bot: ExtBot[bool] = cast("ExtBot[bool]", message.get_bot())
    with contextlib.suppress(TelegramError):
        await bot.send_message(
            message.chat.id,
            sentence,
            reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True),
            rate_limit_args=MAY_ARRIVE_TWICE,
        )
