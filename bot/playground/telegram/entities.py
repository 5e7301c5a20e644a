"""A text without markup and its entities, which say what is bold, a link, a command."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

_PRIORITIES = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}


def utf16_length(text: str) -> int:
    """Length of ``text`` in UTF-16 code units, the unit of every Telegram offset and limit."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True)
class Entity:
    """A styled stretch of a text: ``offset`` and ``length`` in UTF-16 code units.

    The rest is what one type of entity alone has; ``user_id`` is whom a ``text_mention`` names.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    user_id: int | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    @property
    def end(self) -> int:
        """Offset just after the last code unit."""
        return self.offset + self.length

    def to_json(self) -> dict[str, str | int]:
        """Return the Bot API's ``MessageEntity``, a mentioned person by ``user_id`` alone."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class FormattedText:
    """A text without markup, and its entities in Telegram's order (outer before inner)."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    @property
    def length(self) -> int:
        """Length in UTF-16 code units."""
        return utf16_length(self.text)

    def texts_of(self, entity_type: str) -> list[str]:
        """Return the pieces of the text that entities of this type cover."""
        units = self.text.encode("utf-16-le", "surrogatepass")
        return [
            units[2 * entity.offset : 2 * entity.end].decode("utf-16-le", "surrogatepass")
            for entity in self.entities
            if entity.type == entity_type
        ]

    def trimmed(self) -> "FormattedText":
        """Return the text as Telegram stores it: no blanks at the end nor before the first entity.

        Entities are cut to what is left; those that covered only the blanks disappear.
        """
        text = self.text.rstrip(" \n")
        end = utf16_length(text)
        kept = [
            replace(entity, length=min(entity.end, end) - entity.offset)
            for entity in self.entities
            if entity.offset < end
        ]
        blanks = len(text) - len(text.lstrip(" \n"))
        cut = min([blanks, *(entity.offset for entity in kept)])
        return FormattedText(
            text[cut:], tuple(replace(entity, offset=entity.offset - cut) for entity in kept)
        )


def sort_entities(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return entities by offset, the longer (outer) one first where they begin together.

    Those of one stretch are in an order of their types, however they were nested.
    """
    return tuple(sorted(entities, key=lambda it: (it.offset, -it.length, _priority(it))))


def _priority(entity: Entity) -> int:
    """``get_type_priority`` of TDLib (``MessageEntity.cpp``), lower is earlier."""
    if entity.type == "pre" and entity.language is not None:
        return 10
    return _PRIORITIES.get(entity.type, 50)
