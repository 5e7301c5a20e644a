"""What all admins hear without having asked, each in private and in their own language."""

from collections.abc import Callable

from telegram.constants import ParseMode

from bot.admin.live_message import is_settled
from bot.admin.texts import AdminTexts, admin_texts
from bot.context import TelegramBot
from bot.texts import texts_for
from db import users
from db.engine import Database


class Announcement:
    """A message to all `admins`; `say` words it in a language."""

    def __init__(self, admins: frozenset[int], say: Callable[[AdminTexts], str]) -> None:
        self._waiting = set(admins)
        self._say = say

    async def tell(self, bot: TelegramBot, database: Database) -> bool:
        """Tell those who have not heard it yet; whether nobody is left whom to tell later."""
        if not self._waiting:
            return True
        async with database.read() as session:
            languages = await users.language_codes(session, self._waiting)
        for admin in sorted(self._waiting):
            texts = admin_texts(texts_for(languages.get(admin)).language)
            sending = bot.send_message(admin, self._say(texts), parse_mode=ParseMode.HTML)
            if await is_settled(sending):
                self._waiting.discard(admin)
        return not self._waiting
