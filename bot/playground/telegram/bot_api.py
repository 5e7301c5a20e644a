"""The methods of the Bot API that the stand-in understands.

Source of names, parameters and results: https://core.telegram.org/bots/api
"""

from collections.abc import Awaitable, Callable
from functools import partial

from telegram.constants import (
    BotDescriptionLimit,
    ChatAction,
    MenuButtonType,
    PollingLimit,
    WebhookLimit,
)

from bot.playground.telegram.arguments import Arguments
from bot.playground.telegram.errors import BotApiError, bad_request
from bot.playground.telegram.state import TelegramState
from bot.playground.telegram.types import Answer, Content, Json, Message
from bot.playground.telegram.update_queue import UpdateQueue, Webhook

_LONGEST_TEXTS = {
    "description": BotDescriptionLimit.MAX_DESCRIPTION_LENGTH,
    "short_description": BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH,
}

Result = Json | list[Json] | bool
Method = Callable[[Arguments], Result | Awaitable[Result]]


class BotApi:
    """The Bot API over one state and one queue of updates."""

    def __init__(self, state: TelegramState, updates: UpdateQueue) -> None:
        self._state = state
        self._updates = updates
        methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": lambda _: self._updates.webhook_info(),
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageMedia": self._edit_media,
            "editMessageReplyMarkup": self._edit_keyboard,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer_callback,
            "answerInlineQuery": self._answer_inline,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "deleteMyCommands": self._delete_commands,
            "setMyDescription": partial(self._set_description, "description"),
            "getMyDescription": partial(self._get_description, "description"),
            "setMyShortDescription": partial(self._set_description, "short_description"),
            "getMyShortDescription": partial(self._get_description, "short_description"),
            "setChatMenuButton": self._set_menu_button,
            "getChatMenuButton": self._get_menu_button,
            "getChat": self._get_chat,
            "getFile": self._get_file,
        }
        self._names = {name.lower(): name for name in methods}
        self._methods = methods

    def name_of(self, method: str) -> str:
        """Return the proper spelling of a method; Telegram takes any case.

        Raises:
            BotApiError: 404, there is no such method.
        """
        try:
            return self._names[method.lower()]
        except KeyError:
            raise BotApiError(404, "Not Found: method not found") from None

    async def call(self, method: str, arguments: Arguments) -> Result:
        """Carry out a method, named as ``name_of`` spells it, and return its ``result``.

        Raises:
            BotApiError: Telegram would refuse.
        """
        result = self._methods[method](arguments)
        return await result if isinstance(result, Awaitable) else result

    def _get_me(self, _: Arguments) -> Json:
        profile = self._state.profile
        return profile.to_json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": not profile.privacy_mode,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    async def _get_updates(self, arguments: Arguments) -> list[Json]:
        return await self._updates.poll(
            arguments.integer("offset"),
            arguments.integer("limit", PollingLimit.MAX_LIMIT),
            arguments.integer("timeout"),
            arguments.names("allowed_updates"),
        )

    def _set_webhook(self, arguments: Arguments) -> bool:
        if not arguments.text("url"):
            return self._delete_webhook(arguments)
        webhook = Webhook(
            arguments.text("url"),
            arguments.text("secret_token"),
            min(
                max(arguments.integer("max_connections", 40), WebhookLimit.MIN_CONNECTIONS_LIMIT),
                WebhookLimit.MAX_CONNECTIONS_LIMIT,
            ),
        )
        self._updates.set_webhook(
            webhook,
            arguments.names("allowed_updates"),
            drop_pending=arguments.flag("drop_pending_updates"),
        )
        return True

    def _delete_webhook(self, arguments: Arguments) -> bool:
        self._updates.delete_webhook(drop_pending=arguments.flag("drop_pending_updates"))
        return True

    def _send_message(self, arguments: Arguments) -> Json:
        chat_id = arguments.chat_id()
        if not arguments.text("text"):
            raise bad_request("message text is empty")
        content = Content(arguments.formatted("text", "entities"), None, arguments.keyboard())
        return self._send(chat_id, content, arguments)

    def _send_photo(self, arguments: Arguments) -> Json:
        chat_id = arguments.chat_id()
        # The chat comes first: a refused upload must not leave a picture behind.
        self._state.check_chat(chat_id)
        content = Content(
            arguments.formatted("caption", "caption_entities"),
            arguments.photo(self._state),
            arguments.keyboard(),
        )
        return self._send(chat_id, content, arguments)

    def _send_document(self, arguments: Arguments) -> Json:
        chat_id = arguments.chat_id()
        self._state.check_chat(chat_id)
        content = Content(
            arguments.formatted("caption", "caption_entities"),
            keyboard=arguments.keyboard(),
            document=arguments.document(self._state),
        )
        return self._send(chat_id, content, arguments)

    def _send(self, chat_id: int, content: Content, arguments: Arguments) -> Json:
        reply_to, optional = arguments.reply_to()
        message = self._state.bot_sends(
            chat_id, content, reply_to=reply_to, reply_is_optional=optional
        )
        return self._state.message_json(message)

    def _send_chat_action(self, arguments: Arguments) -> bool:
        action = arguments.text("action")
        if action not in set(ChatAction):
            raise bad_request("wrong parameter action in request")
        self._state.bot_acts(arguments.chat_id(), action)
        return True

    def _edit_text(self, arguments: Arguments) -> Json:
        if not arguments.text("text"):
            raise bad_request("message text is empty")
        return self._shown(
            self._state.bot_edits_text(
                *_target(arguments),
                arguments.formatted("text", "entities"),
                arguments.keyboard(inline_only=True),
            )
        )

    def _edit_caption(self, arguments: Arguments) -> Json:
        return self._shown(
            self._state.bot_edits_caption(
                *_target(arguments),
                arguments.formatted("caption", "caption_entities"),
                arguments.keyboard(inline_only=True),
            )
        )

    def _edit_media(self, arguments: Arguments) -> Json:
        target = _target(arguments)
        keyboard = arguments.keyboard(inline_only=True)
        photo, caption = arguments.media(self._state)
        return self._shown(self._state.bot_edits_media(*target, Content(caption, photo, keyboard)))

    def _edit_keyboard(self, arguments: Arguments) -> Json:
        return self._shown(
            self._state.bot_edits_keyboard(
                *_target(arguments), arguments.keyboard(inline_only=True)
            )
        )

    def _shown(self, message: Message) -> Json:
        return self._state.message_json(message)

    def _delete_message(self, arguments: Arguments) -> bool:
        self._state.bot_deletes(arguments.chat_id(), arguments.message_id())
        return True

    def _answer_callback(self, arguments: Arguments) -> bool:
        answer = Answer(arguments.text("text"), arguments.flag("show_alert"), arguments.text("url"))
        self._state.bot_answers_callback(arguments.text("callback_query_id"), answer)
        return True

    def _answer_inline(self, arguments: Arguments) -> bool:
        results = arguments.json("results")
        if not isinstance(results, list):
            raise bad_request("expected an Array of inline query results")
        if not all(isinstance(result, dict) for result in results):
            raise bad_request("can't parse inline query result: Inline query result must be object")
        self._state.bot_answers_inline(arguments.text("inline_query_id"), results)
        return True

    def _set_commands(self, arguments: Arguments) -> bool:
        self._state.set_commands(
            arguments.scope(), arguments.text("language_code"), arguments.commands()
        )
        return True

    def _get_commands(self, arguments: Arguments) -> list[Json]:
        return self._state.get_commands(arguments.scope(), arguments.text("language_code"))

    def _delete_commands(self, arguments: Arguments) -> bool:
        self._state.set_commands(arguments.scope(), arguments.text("language_code"), [])
        return True

    def _set_description(self, name: str, arguments: Arguments) -> bool:
        text = arguments.text(name)
        if len(text) > _LONGEST_TEXTS[name]:
            raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
        self._state.descriptions[name, arguments.text("language_code")] = text
        return True

    def _get_description(self, name: str, arguments: Arguments) -> Json:
        return {name: self._state.descriptions.get((name, arguments.text("language_code")), "")}

    def _set_menu_button(self, arguments: Arguments) -> bool:
        button = arguments.json("menu_button") or {"type": "default"}
        if not isinstance(button, dict) or str(button.get("type")) not in set(MenuButtonType):
            raise bad_request("can't parse menu button: MenuButton has unsupported type")
        self._state.set_menu_button(_optional_chat(arguments), button)
        return True

    def _get_menu_button(self, arguments: Arguments) -> Json:
        buttons = self._state.menu_buttons
        chat_id = _optional_chat(arguments)
        return buttons.get(chat_id) or buttons.get(None) or {"type": "commands"}

    def _get_chat(self, arguments: Arguments) -> Json:
        chat_id = arguments.chat_id()
        self._state.check_chat(chat_id)
        return self._state.chat_json(chat_id) | {
            "accent_color_id": abs(chat_id) % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }

    def _get_file(self, arguments: Arguments) -> Json:
        file_id = arguments.text("file_id")
        if not file_id:
            raise bad_request("file_id not specified")
        file = self._state.photos.get(file_id) or self._state.documents.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        return {
            "file_id": file.file_id,
            "file_unique_id": file.file_unique_id,
            "file_size": len(file.data),
            "file_path": file.path,
        }


def _target(arguments: Arguments) -> tuple[int, int]:
    """Return the chat and message of an edit; messages sent inline are not kept here."""
    if arguments.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    return arguments.chat_id(), arguments.message_id()


def _optional_chat(arguments: Arguments) -> int | None:
    return arguments.chat_id() if "chat_id" in arguments.params else None
