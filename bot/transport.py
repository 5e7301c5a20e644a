"""Requests to Telegram over aiohttp, which takes a third of the time of the library's own httpx.

Who verifies what, time-outs and proxies are as they were with httpx.
"""

from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from aiohttp import hdrs
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

# Seconds, None for no limit, or the mark of what was not given; the library's type is private.
Timeout: TypeAlias = Any

_FORM = "application/x-www-form-urlencoded"
# In seconds: what the library has by default. It adds to `read` how long getUpdates may wait.
_CONNECT, _READ, _WRITE, _WRITE_FILES, _POOL = 5.0, 5.0, 5.0, 20.0, 1.0


class AiohttpRequest(BaseRequest):
    """A pool of connections to one server, of which `connections` can be in use at once.

    ``proxy`` is the address of an HTTP proxy. No error says what the token is, which stands in
    every address.
    """

    def __init__(self, connections: int, *, proxy: str | None = None) -> None:
        self._connections = connections
        self._proxy: URL | None = None
        self._proxy_headers: dict[str, str] = {}
        if proxy is not None:
            self._proxy, self._proxy_headers = _without_password(proxy)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may keep us waiting, in seconds."""
        return _READ

    async def initialize(self) -> None:
        """Make the pool, unless it is there."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, ssl=httpx.create_ssl_context()
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={hdrs.USER_AGENT: self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer, whatever the status is.

        Raises:
            TimedOut: there was none in time.
            NetworkError: there was none; see `is_unsent`.
        """
        if self._session is None or self._session.closed:
            raise RuntimeError("a request before initialize or after shutdown")
        files = request_data is not None and request_data.contains_files
        timeout = _timeout(
            connect=_or_default(connect_timeout, _CONNECT),
            read=_or_default(read_timeout, _READ),
            write=_or_default(write_timeout, _WRITE_FILES if files else _WRITE),
            pool=_or_default(pool_timeout, _POOL),
        )
        body, headers = _body(request_data) if request_data else (None, {})
        if self._proxy and url.startswith("http:"):  # with https the proxy is told before
            headers |= self._proxy_headers
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                proxy_headers=self._proxy_headers,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        # What aiohttp says is not repeated where it quotes the address.
        except aiohttp.ConnectionTimeoutError:
            raise TimedOut("Timed out: no connection") from Unsent()
        except aiohttp.ClientConnectorError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}: {error}") from Unsent()
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None


class Unsent(Exception):
    """There was no connection to send a request by."""


def is_unsent(error: NetworkError) -> bool:
    """Whether Telegram has certainly not got the request, so that it may be sent again."""
    return isinstance(error.__cause__, Unsent)


def environment_proxy(url: str) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name for a URL, minding NO_PROXY."""
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _without_password(proxy: str) -> tuple[URL, dict[str, str]]:
    """The address of a proxy, and the headers that say who we are, if the address said it."""
    url = URL(proxy)
    if url.user is None:
        return url, {}
    authorization = aiohttp.encode_basic_auth(url.user, url.password or "")
    return url.with_user(None), {hdrs.PROXY_AUTHORIZATION: authorization}


def _or_default(value: Timeout, default: float) -> float | None:
    return default if value is BaseRequest.DEFAULT_NONE else value


def _timeout(
    *, connect: float | None, read: float | None, write: float | None, pool: float | None
) -> aiohttp.ClientTimeout:
    """Of writing alone aiohttp knows nothing: the whole must be over when the parts would be."""
    return aiohttp.ClientTimeout(
        total=_sum(pool, connect, write, read),
        connect=_sum(pool, connect),
        sock_connect=connect,
        sock_read=read,
    )


def _sum(*parts: float | None) -> float | None:
    return None if None in parts else sum(part for part in parts if part is not None)


def _body(request_data: RequestData) -> tuple[Any, dict[str, str]]:
    """What is sent and, unless aiohttp finds that out, what it is."""
    parameters = request_data.json_parameters
    if not request_data.contains_files:
        return urlencode(parameters).encode(), {hdrs.CONTENT_TYPE: _FORM}
    form = aiohttp.FormData(parameters, quote_fields=False)
    for field, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(field, content, filename=filename, content_type=kind)
    return form, {}
