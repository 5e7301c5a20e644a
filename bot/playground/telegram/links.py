"""What is a link to Telegram, and how it writes it."""

from urllib.parse import urlsplit

_SPACE = " \t\r\n\0\v"
_LINK_SCHEMES = {"http", "https", "tg", "ton", "tonsite"}


def checked_link(url: str) -> str | None:
    """Return the address as Telegram would store it, or None for what is no link to it."""
    address = url.strip()
    if "://" not in address:
        address = "http://" + address
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in _LINK_SCHEMES or not host or any(c in _SPACE for c in address):
        return None
    if parts.scheme.lower() in {"http", "https"}:
        if "." not in host and host != "localhost":
            return None
        if not parts.path and not parts.query and not parts.fragment:
            return address + "/"
    return address
