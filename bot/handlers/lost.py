"""Telling people that an answer may not have reached them."""

from telegram import Update
from telegram.ext import BaseHandler

from bot.context import Context
from bot.traffic.outbox import MAY_ARRIVE_TWICE, LostAnswers


class LostAnswersHandler(BaseHandler[Update, Context, None]):
    """Asked after all others: with the update whose answer was lost and, if it cannot be told then,
    with the next ones of its chat.
    """

    def __init__(self, lost: LostAnswers) -> None:
        super().__init__(self._tell)
        self._lost = lost

    def check_update(self, update: object) -> bool:
        """Whether something was lost where the update comes from."""
        chat = update.effective_chat if isinstance(update, Update) else None
        return chat is not None and chat.id in self._lost

    async def _tell(self, update: Update, context: Context) -> None:
        if chat := update.effective_chat:
            self._lost.forget(chat.id)  # the outbox notes it again, should this be lost as well
            await context.bot.send_message(
                chat.id, context.texts.answer_lost, rate_limit_args=MAY_ARRIVE_TWICE
            )
