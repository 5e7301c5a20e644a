"""What Telegram does to every text: cleans it, and finds commands, mentions and addresses in it."""

import re
import string

from bot.playground.telegram.entities import Entity, FormattedText, sort_entities, utf16_length

SPACE = " \t\r\n\0\v"
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")
_URL = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,:;!?)]")
_FOUND_IN_TEXT = {"bot_command": _COMMAND, "mention": _MENTION, "url": _URL}
# What nothing is looked for in.
_INDIVISIBLE = {
    *("code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"),
    *_FOUND_IN_TEXT,
}


def found_entities(body: FormattedText) -> FormattedText:
    """Add the entities Telegram finds by itself: commands, mentions and addresses."""
    taken = [entity for entity in body.entities if entity.type in _INDIVISIBLE]
    found = []
    for entity_type, pattern in _FOUND_IN_TEXT.items():
        for match in pattern.finditer(body.text):
            entity = Entity(
                entity_type, utf16_length(body.text[: match.start()]), utf16_length(match[0])
            )
            if all(entity.end <= other.offset or other.end <= entity.offset for other in taken):
                found.append(entity)
    return FormattedText(body.text, sort_entities([*body.entities, *found]))


def ascii_lower(text: str) -> str:
    """Return the text with its Latin capitals small; Telegram knows no others in names."""
    return text.translate(_LOWER)


def clean(text: str) -> str:
    """Return the text as Telegram stores it: control characters are spaces, \\r is dropped.

    Source: ``clean_input_string`` of TDLib (``misc.cpp``).
    """
    return "".join(
        " " if character < " " and character != "\n" else character
        for character in text
        if character != "\r" and not "\u2028" <= character <= "\u202e"
    )
