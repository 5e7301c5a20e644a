"""What every handler is given: the services of the bot, and the language of the person."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from telegram import Update
from telegram.ext import Application, CallbackContext, ContextTypes, ExtBot

from bot.health import Vitals
from bot.lists.top import TopNames
from bot.names.seen import SeenNames
from bot.names.tastes import PersonalTastes
from bot.pace import Pace
from bot.redraws import Redraws
from bot.retrain.retrainer import Retrainer
from bot.sampling import Sampling
from bot.settings import Settings
from bot.texts import Texts, texts_for
from db.engine import Database
from ml.writing.generator import NameGenerator

TelegramBot: TypeAlias = ExtBot[bool]  # for the outbox: whether a message may arrive twice
UserData: TypeAlias = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the bot does; made and closed by `bot.lifecycle.running`."""

    settings: Settings
    pace: Pace
    database: Database
    generator: NameGenerator
    sampling: Sampling
    tastes: PersonalTastes
    retrainer: Retrainer
    vitals: Vitals
    # Never done but with the error for which the bot cannot go on.
    broken: asyncio.Future[None]
    redraws: Redraws = field(default_factory=Redraws)
    seen: SeenNames = field(default_factory=SeenNames)
    top: TopNames = field(default_factory=TopNames)


class Context(CallbackContext[TelegramBot, UserData, UserData, Services]):
    """The second argument of every handler."""

    _texts: Texts = texts_for(None)

    @classmethod
    def from_update(cls, update: object, application: "BotApplication") -> "Context":
        """Made by the library for each update; picks the language of the person behind it."""
        context = super().from_update(update, application)
        if isinstance(update, Update) and update.effective_user:
            context._texts = texts_for(update.effective_user.language_code)
        return context

    @property
    def services(self) -> Services:
        """Settings, database, generator and retrainer."""
        return self.bot_data

    @property
    def texts(self) -> Texts:
        """What the bot says, in the language of the person; Russian where that is unknown."""
        return self._texts


BotApplication: TypeAlias = Application[TelegramBot, Context, UserData, UserData, Services, None]


def context_types(services: Services) -> ContextTypes[Context, UserData, UserData, Services]:
    """The types that the library builds its contexts from."""
    # The library calls what it is given here, without arguments, to make its one bot_data.
    return ContextTypes(context=Context, bot_data=cast("type[Services]", lambda: services))
