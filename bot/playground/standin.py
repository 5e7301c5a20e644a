"""A Telegram of one's own, in one process: the Bot API, the people, and the chat page.

Tests drive it from Python and the bot over HTTP:

    standin = StandIn("1:token", users=[anya])
    await standin.start()
    bot = telegram.Bot("1:token", base_url=standin.base_url, base_file_url=standin.base_file_url)
    standin.send_text(anya, "/name")
    reply = await standin.wait_for(lambda: standin.last_reply(anya))
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from aiohttp import web

from bot.playground.chat_page import ChatPage, local_only, seal
from bot.playground.server import MAX_REQUEST_BYTES, BotApiServer, Call
from bot.playground.telegram.bot_api import BotApi
from bot.playground.telegram.errors import BotApiError, too_many_requests
from bot.playground.telegram.misbehaviour import Failure, Fault, Plan
from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.types import (
    BotProfile,
    CallbackQuery,
    DemoGroup,
    DemoUser,
    FloodLimit,
    InlineQuery,
    Json,
    Message,
)
from bot.playground.telegram.update_queue import UpdateQueue

HOST = "127.0.0.1"
_FOR_EVER = 365.0 * 24 * 3600
_TOKEN = re.compile(r"(?P<id>[0-9]{1,16}):[A-Za-z0-9_-]+\Z")

T = TypeVar("T")
Chat = DemoUser | DemoGroup | int


class StandIn:
    """A Bot API server for one bot, and the people who talk to it.

    Args:
        token: any ``digits:letters``; the digits become the bot's id.
        users: the people. A person exists for the bot only after having written to it.
        groups: groups of these people, the bot being a member of each.
        port: TCP port on 127.0.0.1; 0 for any free one.
        flood_limit: refuse more than this per chat with 429; None for never.
        privacy_mode: in groups the bot sees only commands and replies to it.
        clock: seconds since the epoch, for dates and for the flood limit.

    Raises:
        ValueError: the token has another shape, or two people or groups share an id.
    """

    def __init__(
        self,
        token: str,
        users: Sequence[DemoUser] = (),
        groups: Sequence[DemoGroup] = (),
        *,
        port: int = 0,
        flood_limit: FloodLimit | None = None,
        privacy_mode: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError("a token looks like 123456:letters-and-digits")
        bot_id = int(match["id"])
        ids = [bot_id, *(user.id for user in users), *(group.id for group in groups)]
        if len(set(ids)) != len(ids):
            raise ValueError("the bot, the users and the groups must have different ids")
        self.token = token
        self.updates = UpdateQueue(on_taken=self._pulse)
        self.state = TelegramState(
            BotProfile(bot_id, privacy_mode=privacy_mode),
            users,
            groups,
            flood_limit=flood_limit,
            on_update=self.updates.put,
            on_event=self._tell,
            clock=clock,
        )
        self._api_server = BotApiServer(
            token, BotApi(self.state, self.updates), self.state, self._pulse
        )
        self._page = ChatPage(self.state)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()

    # The server.

    async def start(self, port: int | None = None) -> str:
        """Listen, on ``port`` instead of the constructor's if given, and return ``url``.

        Raises:
            OSError: the port is taken.
        """
        application = web.Application(middlewares=[local_only], client_max_size=MAX_REQUEST_BYTES)
        application.on_response_prepare.append(seal)
        self._api_server.add_routes(application.router)
        self._page.add_routes(application.router)
        # A poll whose bot has gone away must not hold the updates of the next one.
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self._port if port is None else port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._port = runner.addresses[0][1]
        self._runner = runner
        return self.url

    async def stop(self) -> None:
        """End polls, deliveries and pages, and stop listening."""
        await self.updates.close()
        self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where the page is and what ``BOT_API_URL`` should be, without a slash at the end."""
        return f"http://{HOST}:{self._port}"

    @property
    def base_url(self) -> str:
        """The ``base_url`` of python-telegram-bot."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """The ``base_file_url`` of python-telegram-bot."""
        return f"{self.url}/file/bot"

    # The people.

    def send_text(
        self,
        user: DemoUser | int,
        text: str,
        *,
        chat: Chat | None = None,
        reply_to: int | None = None,
        edited_of: int | None = None,
    ) -> Message:
        """Write to the bot as a person, or to a group; ``edited_of`` changes that message instead.

        Raises:
            ValueError: a person in a chat not theirs, an unknown message, a blank or endless text.
        """
        if edited_of is not None:
            return self.state.user_edits(_id(user), edited_of, text)
        chat_id = None if chat is None else _id(chat)
        return self.state.user_sends(_id(user), text, chat_id=chat_id, reply_to=reply_to)

    def press(self, user: DemoUser | int, message_id: int, button: str) -> CallbackQuery:
        """Press the first button whose label or callback data is ``button``.

        Raises:
            ValueError: there is no such message or button, or the person is not in that chat.
        """
        message = self.state.messages.get(message_id)
        if message is None:
            raise ValueError(f"no message {message_id}")
        for row, buttons in enumerate(message.keyboard):
            for column, candidate in enumerate(buttons):
                if button in (candidate["text"], candidate.get("callback_data")):
                    return self.state.user_presses(_id(user), message_id, row, column)
        raise ValueError(f"message {message_id} has no button {button!r}: {message.button_texts}")

    def ask_inline(self, user: DemoUser | int, query: str) -> InlineQuery:
        """Type ``@bot query`` as a person."""
        return self.state.user_asks_inline(_id(user), query)

    # What to look at.

    def messages(self, chat: Chat) -> list[Message]:
        """Return the messages of a chat as they look now, oldest first."""
        return self.state.chat_messages(_id(chat))

    def replies(self, chat: Chat) -> list[Message]:
        """Return the bot's messages in a chat, oldest first."""
        bot_id = self.state.profile.id
        return [message for message in self.messages(chat) if message.sender_id == bot_id]

    def last_reply(self, chat: Chat) -> Message | None:
        """Return the newest message of a chat if it is the bot's, otherwise None."""
        messages = self.messages(chat)
        if messages and messages[-1].sender_id == self.state.profile.id:
            return messages[-1]
        return None

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot, oldest first (the last ten thousand)."""
        return list(self._api_server.calls)

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method, oldest first."""
        return [call for call in self._api_server.calls if call.method == method]

    async def wait_for(
        self,
        predicate: Callable[[], T],
        timeout: float = 30.0,  # noqa: ASYNC109
    ) -> T:
        """Return the first truthy value of ``predicate``, asked anew whenever anything happens.

        Raises:
            TimeoutError: it stayed falsy for ``timeout`` seconds; the message names the last calls.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await self._changed.wait()
        except TimeoutError:
            last = ", ".join(
                f"{call.method}{' refused: ' + call.error.description if call.error else ''}"
                for call in self.calls[-8:]
            )
            raise TimeoutError(f"nothing in {timeout} s; last calls: {last or 'none'}") from None
        return value

    # What can go wrong.

    def fail_next(
        self,
        method: str,
        *,
        times: int = 1,
        code: int = 500,
        description: str = "Internal Server Error",
        retry_after: int | None = None,
    ) -> None:
        """Refuse the next calls of a method (``*``: any); ``retry_after`` seconds make it a 429."""
        error = BotApiError(code, description)
        if retry_after is not None:
            error = too_many_requests(retry_after)
        self._fail(method, times, Failure(error))

    def drop_next(self, method: str, *, times: int = 1, applied: bool = False) -> None:
        """Cut the connection of the next calls; if ``applied``, after having carried them out."""
        self._fail(method, times, Failure(cut=True, applied=applied))

    def hang_next(self, method: str, *, times: int = 1) -> None:
        """Never answer the next calls, nor carry them out."""
        self._fail(method, times, Failure(seconds=_FOR_EVER))

    def fail_by(self, plan: Plan) -> None:
        """From now on let a plan say how each call fails, if it does, and ``getUpdates`` with it.

        What `fail_next` and its like ask for comes first.
        """
        self._api_server.plan = plan

    def behave(self) -> None:
        """End all that was planned."""
        self._api_server.faults.clear()
        self._api_server.plan = lambda _: None
        self.updates.repeats = lambda: False

    def _fail(self, method: str, times: int, failure: Failure) -> None:
        self._api_server.faults.append(Fault(method, failure, times))

    def _tell(self, event: Json) -> None:
        self._page.tell(event)
        self._pulse()

    def _pulse(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _id(who: Chat) -> int:
    return who if isinstance(who, int) else who.id
