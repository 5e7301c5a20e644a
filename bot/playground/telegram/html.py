"""Telegram's HTML parse mode: what it accepts, what it refuses, what entities come out.

The rules and the wording of the refusals follow ``parse_html`` of TDLib (``MessageEntity.cpp``),
the parser behind the Bot API. Offsets and lengths of entities count UTF-16 code units; offsets
named in a refusal count bytes of UTF-8.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.playground.telegram.entities import (
    Entity,
    FormattedText,
    sort_entities,
    utf16_length,
)
from bot.playground.telegram.links import checked_link, linked_user
from bot.playground.telegram.text import SPACE, ascii_lower

_TYPE_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
# What an attribute must begin with to say anything to its tag.
_ATTRIBUTES = {
    ("a", "href"): "",
    ("blockquote", "expandable"): "",
    ("code", "class"): "language-",
    ("span", "class"): "tg-",
    ("tg-emoji", "emoji-id"): "",
    ("tg-time", "format"): "",
    ("tg-time", "unix"): "",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#[xX](?P<hex>[0-9A-Fa-f]+)|#(?P<dec>[0-9]+)|(?P<name>[A-Za-z]+))")
_PLAIN = re.compile(r"[^<&]+")
_BARE_VALUE = re.compile(r"[A-Za-z0-9.\-]*")
# A longer reference is left as it stands: 9 characters are enough for any code point.
_LONGEST_REFERENCE = 9
_INTEGER = re.compile(r"(?P<minus>-?)(?P<digits>[0-9]*)")
_EMOJI_ID = re.compile(r"-?[1-9][0-9]{0,18}")
_TIME_FORMAT = re.compile(r"[rR]|[wWdDtT]*")


class HtmlError(ValueError):
    """Broken HTML; the text is what Telegram says after ``can't parse entities:``."""


def parse_html(html: str) -> FormattedText:
    """Parse a text in Telegram's HTML style; nothing is trimmed.

    Raises:
        HtmlError: an unknown tag, a tag never closed or closed out of order, a broken attribute,
            or half of a surrogate pair written as a numeric reference.
    """
    return _Parser(html).parse()


@dataclass(frozen=True)
class _OpenTag:
    name: str
    offset: int
    piece: int
    attributes: Mapping[str, str]


@dataclass
class _Parser:
    html: str
    at: int = 0
    offset: int = 0
    pieces: list[str] = field(default_factory=list)
    open_tags: list[_OpenTag] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def parse(self) -> FormattedText:
        while self.at < len(self.html):
            if plain := _PLAIN.match(self.html, self.at):
                self.at = plain.end()
                self._append(plain[0])
            elif self.html[self.at] == "&":
                self._append(self._reference())
            elif self.html.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open_tags:
            name = self.open_tags[-1].name
            raise HtmlError(f'Can\'t find end tag corresponding to start tag "{name}"')
        text = "".join(self.pieces)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise HtmlError(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        # A language means something only to <pre>; it waited on <code> for its <pre> to close.
        styled = [
            replace(entity, language=None) if entity.type == "code" else entity
            for entity in self.entities
        ]
        return FormattedText(text, sort_entities(styled))

    def _append(self, piece: str) -> None:
        self.pieces.append(piece)
        self.offset += utf16_length(piece)

    def _byte(self, position: int) -> int:
        return len(self.html[:position].encode("utf-8", "surrogatepass"))

    def _peek(self) -> str:
        return self.html[self.at] if self.at < len(self.html) else ""

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in SPACE:
            self.at += 1

    def _read_until(self, stop: str) -> str:
        begin = self.at
        while self._peek() and self._peek() not in stop:
            self.at += 1
        return self.html[begin : self.at]

    def _reference(self) -> str:
        """Decode the character reference at ``&``, or take the ``&`` for itself."""
        match = _REFERENCE.match(self.html, self.at)
        decoded = _decode(match) if match else None
        if match is None or decoded is None:
            self.at += 1
            return "&"
        self.at = match.end() + self.html.startswith(";", match.end())
        return decoded

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = ascii_lower(self._read_until(SPACE + ">"))
        if not self._peek():
            raise HtmlError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in _TYPE_OF_TAG:
            raise HtmlError(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes: dict[str, str] = {}
        while (attribute := self._attribute(name, begin)) is not None:
            key, value = attribute
            if value is None and name == "blockquote":
                value = ""
            wanted = _ATTRIBUTES.get((name, key))
            if wanted is not None and value is not None and value.startswith(wanted):
                attributes[key] = value
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise HtmlError(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}'
            )
        self.open_tags.append(_OpenTag(name, self.offset, len(self.pieces), attributes))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str | None] | None:
        """Read one attribute and its value; None at the end of the tag, which is consumed."""
        self._skip_spaces()
        if self._peek() == ">":
            self.at += 1
            return None
        where = f'tag "{tag}" at byte offset {self._byte(begin)}'
        name = self._read_until(SPACE + "=>/\"'")
        if not name:
            raise HtmlError(f"Empty attribute name in the {where}")
        self._skip_spaces()
        if self._peek() != "=":
            if not self._peek():
                raise HtmlError(f"Unclosed start {where}")
            return name, None
        self.at += 1
        self._skip_spaces()
        if not self._peek():
            raise HtmlError(f"Unclosed start {where}")
        value = self._quoted_value() if self._peek() in "\"'" else self._bare_value()
        if not self._peek():
            raise HtmlError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        return name, value

    def _quoted_value(self) -> str:
        quote = self._peek()
        self.at += 1
        value = ""
        while self._peek() and self._peek() != quote:
            if self._peek() == "&":
                value += self._reference()
            else:
                value += self._read_until("&" + quote)
        self.at += 1
        return value

    def _bare_value(self) -> str:
        begin = self.at
        match = _BARE_VALUE.match(self.html, begin)
        value = match[0] if match else ""
        self.at += len(value)
        if self._peek() and self._peek() not in SPACE + ">":
            raise HtmlError(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return ascii_lower(value)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open_tags:
            raise HtmlError(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        name = ascii_lower(self._read_until(SPACE + ">"))
        self._skip_spaces()
        if self._peek() != ">":
            raise HtmlError(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        tag = self.open_tags.pop()
        # Telegram lets "</>" close whatever is open.
        if name and name != tag.name:
            raise HtmlError(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        length = self.offset - tag.offset
        inner = self.entities[-1] if self.entities else None
        same_span = inner is not None and (inner.offset, inner.length) == (tag.offset, length)
        language = tag.attributes.get("class", "").removeprefix("language-") or None
        plain = Entity(_TYPE_OF_TAG[tag.name], tag.offset, length)
        match tag.name:
            case "a":
                address = tag.attributes.get("href") or "".join(self.pieces[tag.piece :])
                self.entities += _link(plain, address)
            case "tg-emoji":
                emoji_id = _emoji_id(tag.attributes.get("emoji-id", ""))
                self.entities.append(replace(plain, custom_emoji_id=emoji_id))
            case "tg-time":
                time_format = _time_format(tag.attributes.get("format", ""))
                if (unix := _int32(tag.attributes.get("unix", ""))) > 0:
                    self.entities.append(
                        replace(plain, unix_time=unix, date_time_format=time_format)
                    )
            case "pre" if inner and same_span and inner.type == "code" and inner.language:
                self.entities[-1] = replace(inner, type="pre")
            case "code" if inner and same_span and inner.type == "pre" and language:
                self.entities[-1] = replace(inner, language=language)
            case "code":
                self.entities.append(replace(plain, language=language))
            case "blockquote" if "expandable" in tag.attributes:
                self.entities.append(replace(plain, type="expandable_blockquote"))
            case _:
                self.entities.append(plain)


def _decode(match: re.Match[str]) -> str | None:
    if match["name"]:
        return _NAMED.get(match["name"])
    if len(match[0]) > _LONGEST_REFERENCE:
        return None
    code = int(match["hex"], 16) if match["hex"] else int(match["dec"])
    return chr(code) if 0 < code < 0x10FFFF else None


def _link(plain: Entity, address: str) -> list[Entity]:
    """Return a mention of a person, a link, or nothing for what is no address."""
    if (user_id := linked_user(address)) is not None:
        return [replace(plain, type="text_mention", user_id=user_id)]
    url = checked_link(address)
    return [replace(plain, url=url)] if url else []


def _emoji_id(value: str) -> str:
    if not _EMOJI_ID.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
        raise HtmlError("Invalid custom emoji identifier specified")
    return value


def _time_format(value: str) -> str | None:
    """Return the format of a date and time as Telegram stores it; None for one as it stands.

    Raises:
        HtmlError: there is no such format.
    """
    if not _TIME_FORMAT.fullmatch(value):
        raise HtmlError("Invalid date format used")
    if value in {"r", "R"}:
        return "r"
    week = "w" if "w" in value.lower() else ""
    # Short forms win over long ones.
    date, time = (next((c for c in (x, x.upper()) if c in value), "") for x in "dt")
    return week + date + time or None


def _int32(value: str) -> int:
    """Return the number at the beginning as C++ would hold it in 32 bits, 0 for none."""
    match = _INTEGER.match(value)
    # A digit that 32 others follow stands for a multiple of 2**32.
    number = int(match["minus"] + (match["digits"][-32:] or "0")) if match else 0
    return (number + 2**31) % 2**32 - 2**31
