"""Who talks, and what a chat is made of."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from bot.playground.telegram.entities import Entity, FormattedText
from bot.playground.telegram.pictures import MediaType

Json = dict[str, Any]


@dataclass(frozen=True)
class DemoUser:
    """A person of the stand-in.

    ``is_admin`` makes the person an administrator of every group and shows a badge on the page; it
    gives no rights inside the bot, which knows its own ``ADMIN_IDS``.
    """

    id: int
    first_name: str
    language_code: str = "ru"
    username: str | None = None
    is_admin: bool = False

    def to_json(self) -> Json:
        """Return the Bot API's ``User``."""
        json: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            json["username"] = self.username
        return json | {"language_code": self.language_code}


@dataclass(frozen=True)
class DemoGroup:
    """A group of people and the bot; ``id`` is negative, as Telegram has it."""

    id: int
    title: str
    member_ids: tuple[int, ...]


@dataclass(frozen=True)
class BotProfile:
    """Who the bot is. Telegram takes this from BotFather."""

    id: int
    first_name: str = "Имярек"
    username: str = "imyarek_bot"
    privacy_mode: bool = True

    def to_json(self) -> Json:
        """Return the Bot API's ``User`` as other people see it."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(frozen=True)
class Photo:
    """An uploaded picture. Two uploads of the same bytes are two photos, as in Telegram."""

    file_id: str
    file_unique_id: str
    width: int
    height: int
    media_type: MediaType
    data: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """Where ``/file/bot<token>/`` serves it."""
        suffix = "png" if self.media_type == "image/png" else "jpg"
        return f"photos/{self.file_unique_id}.{suffix}"

    def to_json(self) -> Json:
        """Return the Bot API's ``PhotoSize``."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "width": self.width,
            "height": self.height,
            "file_size": len(self.data),
        }


@dataclass(frozen=True)
class Document:
    """An uploaded file, which people download as it is."""

    file_id: str
    file_unique_id: str
    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """Where ``/file/bot<token>/`` serves it."""
        return f"documents/{self.file_unique_id}{PurePath(self.name).suffix}"

    def to_json(self) -> Json:
        """Return the Bot API's ``Document``."""
        return {
            "file_name": self.name,
            "mime_type": self.media_type,
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "file_size": len(self.data),
        }


Keyboard = tuple[tuple[Json, ...], ...]
"""Rows of inline buttons, each as the bot described it; empty for no keyboard."""


@dataclass(frozen=True)
class Content:
    """What a message shows and what an edit replaces."""

    body: FormattedText = field(default_factory=FormattedText)
    photo: Photo | None = None
    keyboard: Keyboard = ()
    document: Document | None = None


@dataclass
class Message:
    """A message of a chat as it looks now."""

    id: int
    chat_id: int
    sender_id: int
    date: int
    content: Content
    reply_to: "Message | None" = None
    edit_date: int | None = None
    past: list[Content] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text or, under a photo or a file, the caption."""
        return self.content.body.text

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities of ``text``."""
        return self.content.body.entities

    @property
    def photo(self) -> Photo | None:
        """The photo, if the message has one."""
        return self.content.photo

    @property
    def document(self) -> Document | None:
        """The file, if the message has one."""
        return self.content.document

    @property
    def keyboard(self) -> Keyboard:
        """The inline keyboard under the message."""
        return self.content.keyboard

    @property
    def button_texts(self) -> list[list[str]]:
        """The labels of the inline keyboard, row by row."""
        return [[button["text"] for button in row] for row in self.keyboard]

    def texts_of(self, entity_type: str) -> list[str]:
        """Return the pieces of the text that have this style, as ``texts_of("bold")``."""
        return self.content.body.texts_of(entity_type)


@dataclass(frozen=True)
class Answer:
    """What the bot answered to a pressed button."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass
class CallbackQuery:
    """A pressed button; ``answer`` is None until the bot has answered."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    answer: Answer | None = None


@dataclass
class InlineQuery:
    """``@bot text`` typed into any chat; ``results`` is None until the bot has answered."""

    id: str
    user_id: int
    query: str
    offset: str = ""
    results: list[Json] | None = None


@dataclass(frozen=True)
class FloodLimit:
    """At most ``messages`` sent or edited in one chat within any ``seconds``."""

    messages: int
    seconds: float


@dataclass(frozen=True)
class CommandScope:
    """For whom a list of commands is meant; the fields of ``BotCommandScope``."""

    type: str = "default"
    chat_id: int | None = None
    user_id: int | None = None
