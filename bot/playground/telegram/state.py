"""What Telegram remembers: people, chats, messages, pressed buttons, commands, pictures.

Pure state with Telegram's rules and nothing of HTTP. A bot's method either changes the state or
raises ``BotApiError`` with the words Telegram would use, which come from the sources of TDLib and
telegram-bot-api. Everything that happens is told to the listeners: updates to the bot's queue,
events to whoever watches the chats.
"""

import itertools
import mimetypes
import re
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from telegram.constants import (
    BotCommandLimit,
    CallbackQueryLimit,
    FileSizeLimit,
    InlineQueryLimit,
    InlineQueryResultLimit,
    MessageLimit,
)

from bot.playground.telegram.entities import Entity, FormattedText, utf16_length
from bot.playground.telegram.errors import bad_request, too_many_requests
from bot.playground.telegram.pictures import read_header
from bot.playground.telegram.text import clean, found_entities
from bot.playground.telegram.types import (
    Answer,
    BotProfile,
    CallbackQuery,
    CommandScope,
    Content,
    DemoGroup,
    DemoUser,
    Document,
    FloodLimit,
    InlineQuery,
    Json,
    Keyboard,
    Message,
    Photo,
)

MAX_PHOTO_SIDES = 10_000
_UNKNOWN_QUERY = "query is too old and response timeout expired or query ID is invalid"

_COMMAND_NAME = re.compile(rf"[a-z0-9_]{{1,{BotCommandLimit.MAX_COMMAND}}}\Z")


class TelegramState:
    """The chats of one bot.

    ``on_update`` receives what the bot is told, as the kind and the JSON of an update's payload.
    ``on_event`` receives what a watcher of the chats is told, as JSON with a ``type``.
    """

    def __init__(
        self,
        profile: BotProfile,
        users: Sequence[DemoUser],
        groups: Sequence[DemoGroup] = (),
        *,
        flood_limit: FloodLimit | None = None,
        on_update: Callable[[str, Json], None],
        on_event: Callable[[Json], None],
        clock: Callable[[], float],
    ) -> None:
        self.profile = profile
        self.users = {user.id: user for user in users}
        self.groups = {group.id: group for group in groups}
        self.messages: dict[int, Message] = {}
        self.photos: dict[str, Photo] = {}
        self.documents: dict[str, Document] = {}
        self.callback_queries: dict[str, CallbackQuery] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.commands: dict[tuple[CommandScope, str], list[Json]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self._started: set[int] = set()
        self._flood_limit = flood_limit
        self._sent: dict[int, deque[float]] = {}
        self._on_update = on_update
        self._on_event = on_event
        self._clock = clock
        self._message_ids = itertools.count(1)
        self._chat_instance = secrets.randbits(62)

    # What people do.

    def user_sends(
        self, user_id: int, text: str, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> Message:
        """Post a person's text to the bot's private chat, or to ``chat_id``.

        Raises:
            ValueError: nobody has this id, the person is not in the chat, the text is blank or too
                long, or the chat has no message ``reply_to``.
        """
        chat_id = user_id if chat_id is None else chat_id
        self._check_member(user_id, chat_id)
        body = _user_text(text)
        if reply_to is not None and self._in_chat(chat_id, reply_to) is None:
            raise ValueError(f"no message {reply_to} in chat {chat_id}")
        if chat_id == user_id:
            self._started.add(user_id)
        message = self._post(chat_id, user_id, Content(body), reply_to)
        if self._bot_sees(message):
            self._on_update("message", self.message_json(message))
        return message

    def user_edits(self, user_id: int, message_id: int, text: str) -> Message:
        """Change a person's own message.

        Raises:
            ValueError: it is not this person's message, or the text is blank or too long.
        """
        message = self.messages.get(message_id)
        if message is None or message.sender_id != user_id:
            raise ValueError(f"user {user_id} has no message {message_id}")
        self._replace(message, Content(_user_text(text)))
        if self._bot_sees(message):
            self._on_update("edited_message", self.message_json(message))
        return message

    def user_presses(self, user_id: int, message_id: int, row: int, column: int) -> CallbackQuery:
        """Press a button that has callback data.

        Raises:
            ValueError: there is no such message or button, or the person is not in the chat.
        """
        message = self.messages.get(message_id)
        if message is None:
            raise ValueError(f"no message {message_id}")
        self._check_member(user_id, message.chat_id)
        try:
            button = message.keyboard[row][column]
        except IndexError:
            raise ValueError(f"message {message_id} has no button {row}:{column}") from None
        if "callback_data" not in button:
            raise ValueError(f"the button {button['text']!r} has no callback data")
        query = CallbackQuery(
            id=str(secrets.randbits(62)),
            user_id=user_id,
            chat_id=message.chat_id,
            message_id=message_id,
            data=button["callback_data"],
        )
        self.callback_queries[query.id] = query
        self._on_event(
            {
                "type": "pressed",
                "query_id": query.id,
                "user_id": user_id,
                "message_id": message_id,
                "row": row,
                "column": column,
            }
        )
        self._on_update(
            "callback_query",
            {
                "id": query.id,
                "from": self.users[user_id].to_json(),
                "message": self.message_json(message),
                "chat_instance": str(self._chat_instance + message.chat_id),
                "data": query.data,
            },
        )
        return query

    def user_asks_inline(self, user_id: int, text: str, *, offset: str = "") -> InlineQuery:
        """Type ``@bot text`` in some chat."""
        query = InlineQuery(str(secrets.randbits(62)), user_id, text, offset)
        self.inline_queries[query.id] = query
        self._on_update(
            "inline_query",
            {
                "id": query.id,
                "from": self.users[user_id].to_json(),
                "query": text,
                "offset": offset,
                "chat_type": "sender",
            },
        )
        return query

    # What the bot does.

    def bot_sends(
        self,
        chat_id: int,
        content: Content,
        *,
        reply_to: int | None = None,
        reply_is_optional: bool = False,
    ) -> Message:
        """Post a message of the bot."""
        self.check_chat(chat_id)
        content = self._checked(content)
        if reply_to is not None and self._in_chat(chat_id, reply_to) is None:
            if not reply_is_optional:
                raise bad_request("message to be replied not found")
            reply_to = None
        self._check_flood(chat_id)
        return self._post(chat_id, self.profile.id, content, reply_to)

    def bot_edits_text(
        self, chat_id: int, message_id: int, body: FormattedText, keyboard: Keyboard
    ) -> Message:
        """Replace the text and the keyboard of the bot's message."""
        message = self._own_message(chat_id, message_id)
        if message.photo is not None or message.document is not None:
            raise bad_request("there is no text in the message to edit")
        return self._edit(message, Content(body, None, keyboard))

    def bot_edits_caption(
        self, chat_id: int, message_id: int, body: FormattedText, keyboard: Keyboard
    ) -> Message:
        """Replace the caption and the keyboard of the bot's photo or file."""
        message = self._own_message(chat_id, message_id)
        if message.photo is None and message.document is None:
            raise bad_request("there is no caption in the message to edit")
        return self._edit(message, replace(message.content, body=body, keyboard=keyboard))

    def bot_edits_media(self, chat_id: int, message_id: int, content: Content) -> Message:
        """Replace the photo, its caption and the keyboard; a text may become a photo."""
        return self._edit(self._own_message(chat_id, message_id), content)

    def bot_edits_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> Message:
        """Replace the keyboard alone."""
        message = self._own_message(chat_id, message_id)
        return self._edit(message, replace(message.content, keyboard=keyboard))

    def bot_deletes(self, chat_id: int, message_id: int) -> None:
        """Remove a message: anything in a private chat, only the bot's own in a group."""
        self.check_chat(chat_id)
        message = self._in_chat(chat_id, message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if chat_id in self.groups and message.sender_id != self.profile.id:
            raise bad_request("message can't be deleted")
        del self.messages[message_id]
        self._on_event({"type": "deleted", "chat_id": chat_id, "message_id": message_id})

    def bot_acts(self, chat_id: int, action: str) -> None:
        """Show that the bot is typing or uploading."""
        self.check_chat(chat_id)
        self._on_event({"type": "action", "chat_id": chat_id, "action": action})

    def bot_answers_callback(self, query_id: str, answer: Answer) -> None:
        """Stop the clock on a pressed button. Each query is answered once."""
        if utf16_length(answer.text) > CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH:
            raise bad_request("MESSAGE_TOO_LONG")
        query = self.callback_queries.get(query_id)
        if query is None or query.answer is not None:
            raise bad_request(_UNKNOWN_QUERY)
        query.answer = answer
        self._on_event(
            {
                "type": "answered",
                "query_id": query_id,
                "user_id": query.user_id,
                "message_id": query.message_id,
                "text": answer.text,
                "show_alert": answer.show_alert,
            }
        )

    def bot_answers_inline(self, query_id: str, results: list[Json]) -> None:
        """Offer the results of an inline query."""
        if len(results) > InlineQueryLimit.RESULTS:
            raise bad_request("RESULTS_TOO_MUCH")
        ids = [result.get("id") for result in results]
        for result_id in ids:
            if not isinstance(result_id, str):
                raise bad_request("RESULT_ID_INVALID")
            if not 1 <= len(result_id.encode()) <= InlineQueryResultLimit.MAX_ID_LENGTH:
                raise bad_request("RESULT_ID_INVALID")
        if len(set(ids)) != len(ids):
            raise bad_request("RESULT_ID_DUPLICATE")
        query = self.inline_queries.get(query_id)
        if query is None or query.results is not None:
            raise bad_request(_UNKNOWN_QUERY)
        query.results = results

    def add_photo(self, data: bytes) -> Photo:
        """Keep an uploaded picture."""
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > FileSizeLimit.PHOTOSIZE_UPLOAD:
            raise bad_request("file is too big")
        header = read_header(data)
        if header is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if header.width + header.height > MAX_PHOTO_SIDES:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        photo = Photo(
            "AgACAgIAAx" + secrets.token_urlsafe(24),
            "AQAD" + secrets.token_hex(8),
            *(header.width, header.height, header.media_type),
            data,
        )
        self.photos[photo.file_id] = photo
        return photo

    def add_document(self, data: bytes, name: str) -> Document:
        """Keep an uploaded file."""
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > FileSizeLimit.FILESIZE_UPLOAD:
            raise bad_request("file is too big")
        document = Document(
            "BQACAgIAAx" + secrets.token_urlsafe(24),
            "AgAD" + secrets.token_hex(8),
            name,
            mimetypes.guess_type(name)[0] or "application/octet-stream",
            data,
        )
        self.documents[document.file_id] = document
        return document

    def set_commands(self, scope: CommandScope, language: str, commands: list[Json]) -> None:
        """Keep the commands of a scope and language; an empty list removes them."""
        self._check_scope(scope)
        if len(commands) > BotCommandLimit.MAX_COMMAND_NUMBER:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        checked = [_checked_command(command) for command in commands]
        if checked:
            self.commands[scope, language] = checked
        else:
            self.commands.pop((scope, language), None)
        self._on_event({"type": "commands"})

    def get_commands(self, scope: CommandScope, language: str) -> list[Json]:
        """Return exactly what was set for this scope and language."""
        self._check_scope(scope)
        return self.commands.get((scope, language), [])

    def commands_shown(self, user_id: int, chat_id: int) -> list[Json]:
        """Return the commands a person sees in a chat, by Telegram's order of scopes.

        Source: "Determining list of commands" at https://core.telegram.org/bots/api#botcommandscope
        """
        user = self.users[user_id]
        if chat_id in self.groups:
            scopes = [CommandScope("chat_member", chat_id, user_id)]
            if user.is_admin:
                scopes.append(CommandScope("chat_administrators", chat_id))
            scopes.append(CommandScope("chat", chat_id))
            if user.is_admin:
                scopes.append(CommandScope("all_chat_administrators"))
            scopes.append(CommandScope("all_group_chats"))
        else:
            scopes = [CommandScope("chat", chat_id), CommandScope("all_private_chats")]
        for scope in [*scopes, CommandScope()]:
            for language in (user.language_code, ""):
                if found := self.commands.get((scope, language)):
                    return found
        return []

    def set_menu_button(self, chat_id: int | None, button: Json) -> None:
        """Keep the menu button of a private chat, or of all chats."""
        if chat_id is not None:
            self.check_chat(chat_id)
        self.menu_buttons[chat_id] = button

    # What can be asked.

    def chat_messages(self, chat_id: int) -> list[Message]:
        """Return the messages of a chat, oldest first."""
        return [message for message in self.messages.values() if message.chat_id == chat_id]

    def check_chat(self, chat_id: int) -> None:
        """Refuse a chat the bot has never met: an unknown one, or a person who never wrote."""
        if chat_id not in self.groups and chat_id not in self._started:
            raise bad_request("chat not found")

    def chat_json(self, chat_id: int) -> Json:
        """Return the Bot API's ``Chat``."""
        if group := self.groups.get(chat_id):
            return {
                "id": chat_id,
                "title": group.title,
                "type": "group",
                "all_members_are_administrators": False,
            }
        user = self.users[chat_id]
        chat: Json = {"id": chat_id, "first_name": user.first_name}
        if user.username:
            chat["username"] = user.username
        return chat | {"type": "private"}

    def sender_json(self, sender_id: int) -> Json:
        """Return the Bot API's ``User`` for a person or the bot."""
        if sender_id == self.profile.id:
            return self.profile.to_json()
        return self.users[sender_id].to_json()

    def message_json(self, message: Message, *, with_reply: bool = True) -> Json:
        """Return the Bot API's ``Message``; a message replied to is shown without its own reply."""
        json: Json = {
            "message_id": message.id,
            "from": self.sender_json(message.sender_id),
            "chat": self.chat_json(message.chat_id),
            "date": message.date,
        }
        if message.edit_date is not None:
            json["edit_date"] = message.edit_date
        if with_reply and message.reply_to is not None:
            json["reply_to_message"] = self.message_json(message.reply_to, with_reply=False)
        text_key, entities_key = "text", "entities"
        if message.photo is not None:
            json["photo"] = [message.photo.to_json()]
        if message.document is not None:
            json["document"] = message.document.to_json()
        if message.photo is not None or message.document is not None:
            text_key, entities_key = "caption", "caption_entities"
        if message.text:
            json[text_key] = message.text
        if message.entities:
            json[entities_key] = [self._entity_json(entity) for entity in message.entities]
        if message.keyboard:
            json["reply_markup"] = {"inline_keyboard": [list(row) for row in message.keyboard]}
        return json

    def _entity_json(self, entity: Entity) -> Json:
        json: Json = entity.to_json()
        if (user_id := json.pop("user_id", None)) is not None:
            json["user"] = self.users[user_id].to_json()
        return json

    def _now(self) -> int:
        return int(self._clock())

    def _in_chat(self, chat_id: int, message_id: int) -> Message | None:
        message = self.messages.get(message_id)
        return message if message is not None and message.chat_id == chat_id else None

    def _check_member(self, user_id: int, chat_id: int) -> None:
        if user_id not in self.users:
            raise ValueError(f"no user {user_id}")
        group = self.groups.get(chat_id)
        if user_id not in (group.member_ids if group else (chat_id,)):
            raise ValueError(f"user {user_id} is not in chat {chat_id}")

    def _check_scope(self, scope: CommandScope) -> None:
        if scope.chat_id is not None:
            self.check_chat(scope.chat_id)

    def _bot_sees(self, message: Message) -> bool:
        """In a group with privacy mode the bot sees commands for it and replies to it."""
        if message.chat_id not in self.groups or not self.profile.privacy_mode:
            return True
        if message.reply_to is not None and message.reply_to.sender_id == self.profile.id:
            return True
        return any(
            "@" not in command or command.lower().endswith(f"@{self.profile.username.lower()}")
            for command in message.texts_of("bot_command")
        )

    def _post(
        self, chat_id: int, sender_id: int, content: Content, reply_to: int | None
    ) -> Message:
        message = Message(
            id=next(self._message_ids),
            chat_id=chat_id,
            sender_id=sender_id,
            date=self._now(),
            content=content,
            reply_to=None if reply_to is None else self.messages[reply_to],
        )
        self.messages[message.id] = message
        self._on_event({"type": "message", "message": self.message_json(message)})
        return message

    def _own_message(self, chat_id: int, message_id: int) -> Message:
        self.check_chat(chat_id)
        message = self._in_chat(chat_id, message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if message.sender_id != self.profile.id:
            raise bad_request("message can't be edited")
        return message

    def _edit(self, message: Message, content: Content) -> Message:
        content = self._checked(content)
        if content == message.content:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        self._check_flood(message.chat_id)
        self._replace(message, content)
        return message

    def _replace(self, message: Message, content: Content) -> None:
        message.past.append(message.content)
        message.content = content
        message.edit_date = self._now()
        self._on_event({"type": "edited", "message": self.message_json(message)})

    def _checked(self, content: Content) -> Content:
        # A person unknown here cannot be mentioned.
        known = [e for e in content.body.entities if e.user_id is None or e.user_id in self.users]
        body = found_entities(replace(content.body, entities=tuple(known)).trimmed())
        if content.photo is None and content.document is None:
            if not body.text:
                raise bad_request("text must be non-empty")
            if body.length > MessageLimit.MAX_TEXT_LENGTH:
                raise bad_request("message is too long")
        elif body.length > MessageLimit.CAPTION_LENGTH:
            raise bad_request("message caption is too long")
        return replace(content, body=body)

    def _check_flood(self, chat_id: int) -> None:
        if self._flood_limit is None:
            return
        now = self._clock()
        sent = self._sent.setdefault(chat_id, deque())
        while sent and sent[0] <= now - self._flood_limit.seconds:
            sent.popleft()
        if len(sent) >= self._flood_limit.messages:
            wait = max(1, round(sent[0] + self._flood_limit.seconds - now))
            raise too_many_requests(wait)
        sent.append(now)


def _user_text(text: str) -> FormattedText:
    """Return what a client would send for what a person typed."""
    body = FormattedText(clean(text)).trimmed()
    if not body.text:
        raise ValueError("a message needs a text")
    if body.length > MessageLimit.MAX_TEXT_LENGTH:
        raise ValueError(f"a message has at most {MessageLimit.MAX_TEXT_LENGTH} characters")
    return found_entities(body)


def _checked_command(command: Json) -> Json:
    name = str(command["command"]).strip().removeprefix("/")
    description = str(command["description"]).strip()
    if not name:
        raise bad_request("command must be non-empty")
    if not description:
        raise bad_request("command description must be non-empty")
    longest = BotCommandLimit.MAX_DESCRIPTION
    if len(description) > longest:
        raise bad_request(f"command description length must not exceed {longest}")
    if not _COMMAND_NAME.match(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}
