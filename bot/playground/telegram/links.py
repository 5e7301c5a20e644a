"""Links as Telegram takes them: what is one, how it is written down, whom it names.

The rules follow ``LinkManager.cpp`` and ``HttpUrl.cpp`` of TDLib.
"""

import ipaddress
import re

from bot.playground.telegram.text import SPACE, ascii_lower

_OWN_SCHEME = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE | re.ASCII)
_URL = re.compile(
    r"(?:(?P<protocol>[^:/?#@\[\]]*)://)?(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL
)
_PORT = re.compile(r"(?P<host>.+):(?P<port>[^:\]@]*)", re.DOTALL)
_PORT_NUMBER = re.compile(r"0*(?P<number>[1-9][0-9]{0,4})")
_LAST_PORT = 65535
_HOST = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])+")
_USERINFO = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=:]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])*")
_OWN_HOST = {
    "tg": re.compile(r"[A-Za-z0-9_-]+"),
    "ton": re.compile(r"[A-Za-z0-9_-]+"),
    "tonsite": re.compile(r"[A-Za-z0-9_.-]+"),
}
_BLANKS = {code: f"%{code:02X}" for code in range(0x21)}

_USER = re.compile(
    r"tg:(?://)?user/?\?(?P<query>[^#]*)(?:#.*)?", re.IGNORECASE | re.ASCII | re.DOTALL
)
_USER_ID = re.compile(r"[1-9][0-9]{0,12}")
_LARGEST_USER_ID = 2**40 - 1


def checked_link(url: str) -> str | None:
    """Return the address as Telegram would store it, or None for what is no link to it."""
    own = _OWN_SCHEME.match(url)
    if own is None:
        return _http_link(url)
    scheme = own[1].lower()
    match = _URL.fullmatch(url, own.end())
    if match is None or match["protocol"] is not None:
        return None
    host = ascii_lower(match["authority"].removeprefix("@"))
    if host == "." or not _OWN_HOST[scheme].fullmatch(host):
        return None
    rest = _rest(match["rest"])
    return f"{scheme}://{host}{rest[1:] if rest.startswith('/?') else rest}"


def linked_user(url: str) -> int | None:
    """Return the id of the person whom a link such as ``tg://user?id=1`` names."""
    match = _USER.fullmatch(url)
    for parameter in match["query"].split("&") if match else ():
        key, _, value = parameter.partition("=")
        if key.lower() == "id":
            known = _USER_ID.fullmatch(value) and int(value) <= _LARGEST_USER_ID
            return int(value) if known else None
    return None


def _http_link(url: str) -> str | None:
    match = _URL.fullmatch(url)
    if match is None:
        return None
    protocol = "http" if match["protocol"] is None else ascii_lower(match["protocol"])
    if protocol not in {"http", "https"}:
        return None
    address, port = match["authority"], ""
    if with_port := _PORT.fullmatch(address):
        number = _PORT_NUMBER.fullmatch(with_port["port"])
        if number is None or int(number["number"]) > _LAST_PORT:
            return None
        address, port = with_port["host"], f":{number['number']}"
    userinfo, _, host = address.rpartition("@")
    host = ascii_lower(host)
    named = "." in host and host != "." and _HOST.fullmatch(host) and _USERINFO.fullmatch(userinfo)
    if not named and not _is_ipv6(host):
        return None
    person = f"{userinfo}@" if userinfo else ""
    return f"{protocol}://{person}{host}{port}{_rest(match['rest'])}"


def _is_ipv6(host: str) -> bool:
    if not (host.startswith("[") and host.endswith("]")):
        return False
    try:
        return ipaddress.IPv6Address(host[1:-1]).scope_id is None
    except ValueError:
        return False


def _rest(rest: str) -> str:
    """What follows the host: it begins with a slash and has no blanks."""
    rest = rest.rstrip(SPACE)
    return ("" if rest.startswith("/") else "/") + rest.translate(_BLANKS)
