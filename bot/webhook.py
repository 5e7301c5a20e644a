"""The server that Telegram delivers updates to, when it shall not be polled."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable

from aiohttp import web
from telegram import Update

from bot.context import TelegramBot

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of it

_LARGEST_UPDATE = 2**20  # bytes; Telegram's have some thousands
_HEAD_SECONDS = 10.0  # from the connection, or the last answer, to the end of the next head
_READ_SECONDS = 10.0
# Telegram waits for a minute; what could not be taken it sends again.
_TAKE_SECONDS = 20.0


class WebhookServer:
    """Listens on ``host``:``port`` and passes on what comes to ``path`` with the secret.

    Of anybody else's request nothing but the head is read, and that is not waited for long. An
    update is confirmed when ``take`` has returned.
    """

    def __init__(
        self,
        bot: TelegramBot,
        take: Callable[[Update], Awaitable[None]],
        *,
        host: str,
        port: int,
        path: str,
        secret: str,
        read_seconds: float = _READ_SECONDS,
        head_seconds: float = _HEAD_SECONDS,
    ) -> None:
        self._bot = bot
        self._take = take
        self._host = host
        self._port = port
        self._path = path or "/"
        self._secret = secret.encode()
        self._read_seconds = read_seconds
        application = web.Application(client_max_size=_LARGEST_UPDATE)
        application.router.add_route("*", "/{path:.*}", self._answer)
        # Without lingering: what a refused request still has to say is of no interest.
        self._runner = web.AppRunner(
            application,
            access_log=None,
            keepalive_timeout=head_seconds,
            lingering_time=0.0,
            shutdown_timeout=0.5,
        )

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken, or the address is not one of this machine.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Listen no longer."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.rel_url.raw_path != self._path:
            return web.Response(status=404)
        if request.method != "POST":
            return web.Response(status=405)
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        try:
            update = Update.de_json(json.loads(body), self._bot)
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.Response(status=400)
        try:
            async with asyncio.timeout(_TAKE_SECONDS):
                await self._take(update)
        except TimeoutError:
            return web.Response(status=503)
        return web.Response()
