"""The chat page: its files, pictures and documents, and one WebSocket for everything else.

The page sends ``{"do": "send" | "edit" | "press", ...}`` and receives ``{"type": ...}``: first a
``snapshot`` of everything, then the events of the state as they happen.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from importlib import resources
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import WSMsgType, web

from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.types import Json

_FILES = {
    "/": ("index.html", "text/html"),
    "/chat.css": ("chat.css", "text/css"),
    "/chat.js": ("chat.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_MAX_WAITING_EVENTS = 1000
_MAX_FRAME_BYTES = 64 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ChatPage:
    """Everything a browser asks for."""

    def __init__(self, state: TelegramState) -> None:
        self._state = state
        self._watchers: set[asyncio.Queue[Json | None]] = set()
        folder = resources.files("bot.playground") / "page"
        self._files = {
            path: ((folder / name).read_bytes(), media_type)
            for path, (name, media_type) in _FILES.items()
        }

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register the addresses of the page."""
        for path in self._files:
            router.add_get(path, self._send_file)
        router.add_get("/photo/{file_id}", self._send_photo)
        router.add_get("/document/{file_id}", self._send_document)
        router.add_get("/live", self._live)

    def tell(self, event: Json) -> None:
        """Pass an event on to every open page."""
        if event["type"] == "commands":
            event = event | {"commands": self._commands()}
        for events in list(self._watchers):
            try:
                events.put_nowait(event)
            except asyncio.QueueFull:
                # A page this far behind is better off loading everything again.
                self._watchers.discard(events)
                events.get_nowait()
                events.put_nowait(None)

    def close(self) -> None:
        """Close every open page's connection; the pages will try to come back."""
        for events in self._watchers:
            with contextlib.suppress(asyncio.QueueFull):
                events.put_nowait(None)

    async def _send_file(self, request: web.Request) -> web.Response:
        body, media_type = self._files[request.path]
        return web.Response(body=body, content_type=media_type, charset="utf-8")

    async def _send_photo(self, request: web.Request) -> web.Response:
        photo = self._state.photos.get(request.match_info["file_id"])
        if photo is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return web.Response(body=photo.data, content_type=photo.media_type, headers=headers)

    async def _send_document(self, request: web.Request) -> web.Response:
        document = self._state.documents.get(request.match_info["file_id"])
        if document is None:
            raise web.HTTPNotFound
        # Saved and never opened in the page, whatever it holds.
        disposition = f"attachment; filename*=UTF-8''{quote(document.name, safe='')}"
        return web.Response(
            body=document.data,
            content_type=document.media_type,
            headers={"Content-Disposition": disposition},
        )

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=_MAX_FRAME_BYTES)
        await socket.prepare(request)
        events: asyncio.Queue[Json | None] = asyncio.Queue(_MAX_WAITING_EVENTS)
        events.put_nowait(self._snapshot())
        self._watchers.add(events)
        sender = asyncio.create_task(_send_all(socket, events))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT and (problem := self._obey(frame.data)):
                    with contextlib.suppress(asyncio.QueueFull):
                        events.put_nowait({"type": "refused", "reason": problem})
        finally:
            self._watchers.discard(events)
            sender.cancel()
        return socket

    def _obey(self, frame: str) -> str | None:
        """Do what the page asks; return why it cannot be done, if it cannot."""
        try:
            wish = json.loads(frame)
            match wish:
                case {
                    "do": "send",
                    "user_id": int(user_id),
                    "chat_id": int(chat_id),
                    "text": str(text),
                }:
                    reply_to = _optional_int(wish.get("reply_to"))
                    self._state.user_sends(user_id, text, chat_id=chat_id, reply_to=reply_to)
                case {
                    "do": "edit",
                    "user_id": int(user_id),
                    "message_id": int(message_id),
                    "text": str(text),
                }:
                    self._state.user_edits(user_id, message_id, text)
                case {
                    "do": "press",
                    "user_id": int(user_id),
                    "message_id": int(message_id),
                    "row": int(row),
                    "column": int(column),
                } if row >= 0 and column >= 0:
                    self._state.user_presses(user_id, message_id, row, column)
                case _:
                    return "unknown request"
        except RecursionError:
            return "unknown request"
        except ValueError as error:
            return str(error)
        return None

    def _snapshot(self) -> Json:
        state = self._state
        return {
            "type": "snapshot",
            "bot": state.profile.to_json(),
            "users": [
                user.to_json() | {"is_admin": user.is_admin} for user in state.users.values()
            ],
            "groups": [
                {"id": group.id, "title": group.title, "member_ids": group.member_ids}
                for group in state.groups.values()
            ],
            "messages": [state.message_json(message) for message in state.messages.values()],
            "commands": self._commands(),
        }

    def _commands(self) -> dict[int, dict[int, list[Json]]]:
        """Return the command menu of every person in every chat."""
        state = self._state
        return {
            user_id: {
                chat_id: state.commands_shown(user_id, chat_id)
                for chat_id in [
                    user_id,
                    *(group.id for group in state.groups.values() if user_id in group.member_ids),
                ]
            }
            for user_id in state.users
        }


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a foreign page could make a browser send, and seal our own answers.

    The server listens on loopback only, yet any page open in the same browser can reach it. A
    foreign page gives itself away by its ``Origin``; one whose name was pointed at 127.0.0.1 (DNS
    rebinding) by its ``Host``.
    """
    if not _is_loopback(request.host):
        raise web.HTTPForbidden(text="This server answers to loopback names only.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(text="This server answers to its own page only.")
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise web.HTTPForbidden(text="This server answers to its own page only.")
    return await handler(request)


async def seal(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that keep the page to itself; a signal of aiohttp."""
    # Not every browser counts a WebSocket of the same origin among 'self'.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' ws://{request.host}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _optional_int(value: Any) -> int | None:
    return value if isinstance(value, int) else None


async def _send_all(socket: web.WebSocketResponse, events: asyncio.Queue[Json | None]) -> None:
    with contextlib.suppress(ConnectionError):
        while (event := await events.get()) is not None:
            await socket.send_json(event)
        await socket.close()
