"""Parameters of a Bot API call: from whatever form they came in to checked Python values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telegram.constants import InlineKeyboardButtonLimit, InlineKeyboardMarkupLimit

from bot.playground.telegram.entities import Entity, FormattedText, sort_entities
from bot.playground.telegram.errors import bad_request
from bot.playground.telegram.html import HtmlError, parse_html
from bot.playground.telegram.links import checked_link
from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.text import clean
from bot.playground.telegram.types import CommandScope, Document, Json, Keyboard, Photo

MAX_BYTES = 1 << 15
# What each JSON-encoded parameter is called in Telegram's refusals.
_JSON_PARAMETERS = {
    "allowed_updates": "allowed updates",
    "caption_entities": "entities",
    "commands": "commands",
    "entities": "entities",
    "link_preview_options": "link preview options",
    "media": "input media",
    "menu_button": "menu button",
    "reply_markup": "reply keyboard markup",
    "reply_parameters": "reply parameters",
    "results": "inline query results",
    "scope": "BotCommandScope",
}
_INTEGER_PARAMETERS = {
    "cache_time",
    "chat_id",
    "limit",
    "max_connections",
    "message_id",
    "offset",
    "reply_to_message_id",
    "timeout",
}
_BUTTON_KINDS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
}


def decode_parameters(raw: Mapping[str, Any]) -> Json:
    """Decode numbers and JSON that came as strings, so that a recorded call reads naturally.

    What cannot be decoded stays a string: the method that needs it refuses it.
    """
    decoded: Json = {}
    for name, value in raw.items():
        decoded[name] = value
        if isinstance(value, str) and name in _INTEGER_PARAMETERS:
            try:
                decoded[name] = int(value)
            except ValueError:
                continue
        elif isinstance(value, str) and name in _JSON_PARAMETERS and value:
            try:
                decoded[name] = json.loads(value)
            except (ValueError, RecursionError):
                continue
    return decoded


@dataclass(frozen=True)
class Arguments:
    """The parameters of one call and the files that came with it."""

    params: Json
    files: Mapping[str, bytes] = field(default_factory=dict)
    file_names: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a string, empty if absent."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number, the default for what is no number, as Telegram does."""
        value = self.params.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def flag(self, name: str) -> bool:
        """Return a boolean in any of the forms that clients send."""
        return str(self.params.get(name, "")).lower() in {"true", "yes", "1"}

    def json(self, name: str) -> Any:
        """Return a decoded JSON value, None if absent or empty."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            raise bad_request(f"can't parse {_JSON_PARAMETERS[name]} JSON object")
        return value

    def chat_id(self) -> int:
        """Return ``chat_id``; public names (``@channel``) do not exist here."""
        value = self.params.get("chat_id", "")
        if value == "":
            raise bad_request("chat_id is empty")
        if not isinstance(value, int):
            raise bad_request("chat not found")
        return value

    def message_id(self) -> int:
        """Return ``message_id``."""
        message_id = self.integer("message_id")
        if not message_id:
            raise bad_request("message identifier is not specified")
        return message_id

    def formatted(self, name: str, entities_name: str) -> FormattedText:
        """Return a text with its entities, from ``parse_mode`` or from a list of entities."""
        return _formatted(self.text(name), self.text("parse_mode"), self.json(entities_name))

    def keyboard(self, *, inline_only: bool = False) -> Keyboard:
        """Return the inline keyboard of ``reply_markup``, checked."""
        markup = self.json("reply_markup")
        if markup is None:
            return ()
        if not isinstance(markup, dict):
            raise bad_request("object expected as reply markup")
        if "inline_keyboard" in markup:
            return _keyboard(markup["inline_keyboard"])
        if inline_only:
            raise bad_request("inline keyboard expected")
        if markup.keys() & {"remove_keyboard", "force_reply"}:
            return ()
        raise bad_request("the stand-in knows inline keyboards only")

    def reply_to(self) -> tuple[int | None, bool]:
        """Return the message replied to and whether to go on without it."""
        parameters = self.json("reply_parameters")
        if parameters is None:
            legacy = self.integer("reply_to_message_id") or None
            return legacy, self.flag("allow_sending_without_reply")
        if not isinstance(parameters, dict):
            raise bad_request("object expected as reply parameters")
        message_id = parameters.get("message_id")
        if not isinstance(message_id, int):
            raise bad_request('can\'t find field "message_id"')
        return message_id, bool(parameters.get("allow_sending_without_reply"))

    def photo(self, state: TelegramState) -> Photo:
        """Return the photo of ``sendPhoto``: uploaded, or named by its ``file_id``."""
        if "photo" in self.files:
            return state.add_photo(self.files["photo"])
        return self._known_photo(state, self.text("photo"))

    def document(self, state: TelegramState) -> Document:
        """Return the file of ``sendDocument``: uploaded, or named by its ``file_id``."""
        if "document" in self.files:
            name = self.file_names.get("document") or "document"
            return state.add_document(self.files["document"], name)
        if not (file_id := self.text("document")):
            raise bad_request("there is no document in the request")
        if file_id not in state.documents:
            raise bad_request("wrong remote file identifier specified: can't unserialize it")
        return state.documents[file_id]

    def media(self, state: TelegramState) -> tuple[Photo, FormattedText]:
        """Return the photo and caption of ``editMessageMedia``."""
        media = self.json("media")
        if not isinstance(media, dict):
            raise bad_request("media is not specified")
        if media.get("type") != "photo":
            raise bad_request("the stand-in knows photos only")
        caption = _formatted(
            str(media.get("caption", "")),
            str(media.get("parse_mode", "")),
            media.get("caption_entities"),
        )
        return self._known_photo(state, str(media.get("media", ""))), caption

    def _known_photo(self, state: TelegramState, source: str) -> Photo:
        if not source:
            raise bad_request("there is no photo in the request")
        if source.startswith("attach://"):
            data = self.files.get(source.removeprefix("attach://"))
            if data is None:
                raise bad_request("there is no photo in the request")
            return state.add_photo(data)
        if source.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        if source not in state.photos:
            raise bad_request("wrong remote file identifier specified: can't unserialize it")
        return state.photos[source]

    def scope(self) -> CommandScope:
        """Return the scope of commands, the default one if absent."""
        value = self.json("scope")
        if value is None:
            return CommandScope()
        problem = "can't parse BotCommandScope: "
        if not isinstance(value, dict):
            raise bad_request(problem + "BotCommandScope must be an Object")
        match value.get("type"):
            case "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators":
                return CommandScope(value["type"])
            case "chat" | "chat_administrators" | "chat_member":
                pass
            case _:
                raise bad_request(problem + "Unsupported type specified")
        chat_id, user_id = _to_int(value.get("chat_id")), None
        if chat_id is None:
            raise bad_request("chat not found")
        if value["type"] == "chat_member":
            user_id = _to_int(value.get("user_id"))
            if user_id is None or user_id <= 0:
                raise bad_request(problem + "Invalid user_id specified")
        return CommandScope(value["type"], chat_id, user_id)

    def commands(self) -> list[Json]:
        """Return the list of ``BotCommand``."""
        value = self.json("commands")
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request("expected an Array of BotCommand")
        for command in value:
            if not isinstance(command, dict):
                raise bad_request("can't parse BotCommand: expected an Object")
            for name in ("command", "description"):
                if not isinstance(command.get(name), str):
                    raise bad_request(f"can't parse BotCommand: can't find field \"{name}\"")
        return value

    def names(self, name: str) -> list[str] | None:
        """Return a list of strings, None if absent."""
        value = self.json(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request(f"can't parse {_JSON_PARAMETERS[name]} JSON object")
        return value


def _to_int(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _formatted(text: str, parse_mode: str, entities: Any) -> FormattedText:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise bad_request("text is too long")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_request("strings must be encoded in UTF-8")
    text = clean(text)
    match parse_mode.lower():
        case "html":
            try:
                return parse_html(text)
            except HtmlError as error:
                raise bad_request(f"can't parse entities: {error}") from None
        case "" | "none":
            return FormattedText(text, sort_entities(_entities(entities)))
        case _:
            raise bad_request("unsupported parse_mode")


def _entities(value: Any) -> list[Entity]:
    if not isinstance(value, list):
        return []
    entities = []
    for item in value:
        if not isinstance(item, dict):
            raise bad_request("can't parse MessageEntity: expected an Object")
        offset, length = item.get("offset"), item.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request("can't parse MessageEntity: can't find field \"offset\"")
        if offset < 0 or length <= 0:
            continue
        url = checked_link(str(item["url"])) if item.get("type") == "text_link" else None
        user = item.get("user")
        user_id = user.get("id") if isinstance(user, dict) else None
        entities.append(
            Entity(
                str(item.get("type")),
                offset,
                length,
                url=url,
                language=item.get("language"),
                user_id=user_id if isinstance(user_id, int) else None,
                custom_emoji_id=item.get("custom_emoji_id"),
                unix_time=item.get("unix_time"),
                date_time_format=item.get("date_time_format"),
            )
        )
    return entities


def _keyboard(rows: Any) -> Keyboard:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    keyboard = tuple(tuple(_button(button) for button in row) for row in rows if row)
    if sum(map(len, keyboard)) > InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER:
        raise bad_request("reply markup is too long")
    return keyboard


def _button(button: Any) -> Json:
    problem = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(problem + "InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(problem + 'Can\'t find field "text"')
    if not button.keys() & _BUTTON_KINDS:
        raise bad_request(problem + "Text buttons are unallowed in the inline keyboard")
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if "callback_data" in button:
        data = button["callback_data"]
        longest = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= longest:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and checked_link(str(button["url"])) is None:
        raise bad_request(
            f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
        )
    return button
