"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``.

Every call is recorded, and calls to come can be made to fail, so that tests can see what the bot
asked for and how it bears what a network does.
"""

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import BodyPartReader, web

from bot.playground.telegram.arguments import Arguments, decode_parameters
from bot.playground.telegram.bot_api import BotApi, Result
from bot.playground.telegram.errors import BotApiError
from bot.playground.telegram.misbehaviour import Failure, Fault, Plan
from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.types import Document, Json, Photo

MAX_REQUEST_BYTES = 50 * 2**20
_KEPT_CALLS = 10_000


@dataclass
class Call:
    """One call of the bot: numbers and JSON in ``params`` decoded, files by name and bytes.

    ``result`` is what was answered; ``error`` the refusal, if it was one. Both are None while the
    call is under way.
    """

    method: str
    params: Json
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    result: Result | None = None
    error: BotApiError | None = None


class BotApiServer:
    """The HTTP face of the Bot API for the one bot that knows the token."""

    def __init__(
        self, token: str, api: BotApi, state: TelegramState, on_call: Callable[[], None]
    ) -> None:
        self.calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self.faults: list[Fault] = []
        self.plan: Plan = lambda _: None
        self._token = token
        self._api = api
        self._state = state
        self._on_call = on_call

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register the addresses of the Bot API."""
        router.add_route("*", "/bot{token}/{method}", self._answer)
        router.add_get("/file/bot{token}/{path:.+}", self._send_file)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call: Call | None = None
        try:
            self._check_token(request)
            method = self._api.name_of(request.match_info["method"])
            if request.method not in {"GET", "POST"}:
                raise BotApiError(405, "Method Not Allowed")
            arguments = await _read_arguments(request)
            call = Call(method, arguments.params, dict(arguments.files))
            self.calls.append(call)
            self._on_call()
            failure = self._next_failure(method)
            if failure.seconds:
                await asyncio.sleep(failure.seconds)
            if not failure.applied and (failed := _failed(failure, request)):
                return failed
            call.result = await self._api.call(method, arguments)
            if failure.applied and (failed := _failed(failure, request)):
                return failed
            return web.json_response({"ok": True, "result": call.result})
        except BotApiError as error:
            if call is not None:
                call.error = error
            return _refusal(error)
        finally:
            self._on_call()

    async def _send_file(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except BotApiError as error:
            return _refusal(error)
        files: list[Photo | Document] = [*self._state.photos.values()]
        files += self._state.documents.values()
        for file in files:
            if file.path == request.match_info["path"]:
                return web.Response(body=file.data, content_type=file.media_type)
        return _refusal(BotApiError(404, "Not Found"))

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        number, colon, secret = token.partition(":")
        if not (number.isdecimal() and colon and secret):
            raise BotApiError(404, "Not Found")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
            raise BotApiError(401, "Unauthorized")

    def _next_failure(self, method: str) -> Failure:
        for fault in self.faults:
            if fault.method in {"*", method}:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault.failure
        return self.plan(method) or Failure()


def _refusal(error: BotApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
        headers["Retry-After"] = str(error.retry_after)
    return web.json_response(body, status=error.code, headers=headers)


def _failed(failure: Failure, request: web.Request) -> web.Response | None:
    """Refuse a call, answer something else, or cut its connection; None where it is only late, or
    nothing is wrong.
    """
    if failure.error is not None:
        raise failure.error
    if failure.page:
        return web.Response(text="<html><body>Back soon</body></html>", content_type="text/html")
    if not failure.cut:
        return None
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=HTTPStatus.BAD_GATEWAY)


async def _read_arguments(request: web.Request) -> Arguments:
    """Read a call's parameters from the query and from a JSON, form or multipart body."""
    raw: Json = dict(request.query)
    files: dict[str, bytes] = {}
    file_names: dict[str, str] = {}
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        raise BotApiError(413, "Request Entity Too Large")
    if request.content_type == "application/json":
        raw |= _json_object(await request.read())
    elif request.content_type == "application/x-www-form-urlencoded":
        raw |= {name: str(value) for name, value in (await request.post()).items()}
    elif request.content_type == "multipart/form-data":
        await _read_multipart(request, raw, files, file_names)
    return Arguments(decode_parameters(raw), files, file_names)


def _json_object(body: bytes) -> Json:
    try:
        value = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BotApiError(400, "Bad Request: can't parse JSON object")
    return value


async def _read_multipart(
    request: web.Request, raw: Json, files: dict[str, bytes], file_names: dict[str, str]
) -> None:
    left = MAX_REQUEST_BYTES
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            data = bytearray()
            while chunk := await part.read_chunk():
                data += chunk
                left -= len(chunk)
                if left < 0:
                    raise BotApiError(413, "Request Entity Too Large")
            if part.filename is None:
                raw[part.name] = data.decode("utf-8", "replace")
            else:
                files[part.name] = bytes(data)
                file_names[part.name] = part.filename
    except (ValueError, AssertionError):
        raise BotApiError(400, "Bad Request: can't parse multipart data") from None
