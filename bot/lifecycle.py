"""From settings to a running bot and back: opened in order, closed in reverse."""

import asyncio
import contextlib
import ctypes
import logging
import re
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from secrets import token_urlsafe
from urllib.parse import urlsplit

from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError
from telegram.ext import Updater

from bot import model_store
from bot.admin.followup import look_after_runs
from bot.app import ALLOWED_UPDATES, build_application
from bot.context import BotApplication, Services
from bot.health import heartbeat_file, keep_beating
from bot.menus import publish_menus
from bot.pace import DEFAULT_PACE, Pace
from bot.retrain.process import FINETUNE_COMMAND
from bot.retrain.retrainer import Retrainer
from bot.settings import Settings, SettingsError
from bot.upkeep import keep_tidy
from db.engine import Database, DatabaseUnavailable
from db.migrate import upgrade
from ml.errors import ModelFileError
from ml.models.checkpoint import SHIPPED_MODEL
from ml.writing.generator import NameGenerator

logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    pace: Pace = DEFAULT_PACE,
    finetune_command: Sequence[str] = FINETUNE_COMMAND,
) -> AsyncIterator[BotApplication]:
    """The bot, answering as long as the block lasts.

    ``finetune_command`` is the command line of fine-tuning without its arguments.

    Raises:
        SettingsError: a setting names something that is not there or does not work.
    """
    if settings.bot_token is None:
        raise SettingsError(
            "BOT_TOKEN is not set: get one from @BotFather, "
            "or try the bot without one: python -m bot playground."
        )
    async with _services(settings, pace, finetune_command) as services:
        application = build_application(services, settings.bot_token.get_secret_value())
        async with _connected(application), _answering(application):
            yield application


@contextlib.asynccontextmanager
async def _services(
    settings: Settings, pace: Pace, finetune_command: Sequence[str]
) -> AsyncIterator[Services]:
    """The database, migrated, and the model that it says is current."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            await upgrade(settings.database_url)
            database = Database(settings.database_url)
            stack.push_async_callback(database.close)
            path = settings.model_path or SHIPPED_MODEL
            generator = NameGenerator(*await model_store.open_current(database, path))
        except DatabaseUnavailable as error:
            raise SettingsError(f"DATABASE_URL: {error}") from error
        except ModelFileError as error:
            raise SettingsError(f"MODEL_PATH: {error}") from error
        retrainer = Retrainer(
            database, generator, min_ratings=settings.min_ratings, command=finetune_command
        )
        await retrainer.look_after()
        sampling = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sampling")
        stack.callback(sampling.shutdown, cancel_futures=True)
        _give_back_freed_memory()
        yield Services(settings, pace, database, generator, sampling, retrainer)


def _give_back_freed_memory() -> None:
    """A model's file and what it was parsed from are gone, yet glibc would keep their 25 MB."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


@contextlib.asynccontextmanager
async def _connected(application: BotApplication) -> AsyncIterator[None]:
    """Telegram has answered and knows the token."""
    try:
        await _connect(application)
        yield
    finally:
        await application.shutdown()
        await application.bot.shutdown()  # the former leaves it open when Telegram never answered


async def _connect(application: BotApplication) -> None:
    url, pace = application.bot_data.settings.bot_api_url, application.bot_data.pace
    pause = pace.first_pause
    for tries_left in reversed(range(pace.connect_tries)):
        try:
            await application.initialize()
            return
        except InvalidToken:
            # The cause, which quotes the token, is dropped.
            raise SettingsError(
                f"BOT_TOKEN is not valid: {url} does not know it, get a new one from @BotFather."
            ) from None
        except TelegramError as error:
            if isinstance(error, BadRequest) or not tries_left:
                raise SettingsError(
                    f"BOT_API_URL: {url} does not answer as Telegram: {error}"
                ) from None
            logger.warning("%s does not answer (%s), trying again", url, error)
            await asyncio.sleep(pause)
            pause *= 2


@contextlib.asynccontextmanager
async def _answering(application: BotApplication) -> AsyncIterator[None]:
    """Updates arrive and are handled; the heartbeat shows it, the menus tell of it."""
    services, updater = application.bot_data, application.updater
    settings, pace = services.settings, services.pace
    if updater is None:
        raise TypeError("an application without an updater")
    heartbeat = heartbeat_file(settings.database_url)
    await application.start()
    try:
        if settings.webhook_url:
            await _start_webhook(updater, settings, settings.webhook_url, pace.connect_tries)
        else:
            await updater.start_polling(
                bootstrap_retries=pace.connect_tries,
                allowed_updates=ALLOWED_UPDATES,
                error_callback=_log_polling_error,
            )
        logger.info("Answering as @%s", application.bot.username)
        async with (
            _background(publish_menus(application.bot, settings.admin_ids)),
            _background(keep_beating(heartbeat, lambda: updater.running, pace.beat)),
            _background(keep_tidy(services.database, settings)),
            _background(look_after_runs(application.bot, services)),
        ):
            yield
    finally:
        await _stop(application, updater)


async def _start_webhook(updater: Updater, settings: Settings, url: str, tries: int) -> None:
    secret = settings.webhook_secret
    try:
        await updater.start_webhook(
            listen=settings.webhook_listen,
            port=settings.webhook_port,
            url_path=re.escape(urlsplit(url).path),  # the library takes a regular expression
            webhook_url=url,
            # Nobody but Telegram needs to know it, so one made up for this start will do.
            secret_token=secret.get_secret_value() if secret else token_urlsafe(32),
            bootstrap_retries=tries,
            allowed_updates=ALLOWED_UPDATES,
        )
    except OSError as error:
        where = f"{settings.webhook_listen}:{settings.webhook_port}"
        raise SettingsError(
            f"WEBHOOK_LISTEN, WEBHOOK_PORT: cannot listen on {where}: {error.strerror}"
        ) from error
    except BadRequest as error:
        raise SettingsError(f"WEBHOOK_URL: Telegram refuses {url}: {error}") from error


async def _stop(application: BotApplication, updater: Updater) -> None:
    """First nothing new comes in, then what is under way ends or is cut short."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(application.bot_data.pace.stop):
            if updater.running:
                await updater.stop()
    # While Telegram can still be reached: an admin waits to hear the end of a retrain.
    await application.bot_data.retrainer.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(application.bot_data.pace.stop):
            await application.stop()


def _log_polling_error(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        logger.error("Another program is fetching the updates of this bot: %s", error)
    else:
        logger.warning("Telegram cannot be reached: %s", error)


@contextlib.asynccontextmanager
async def _background(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Work that goes on beside the block, and ends with it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("A background task failed", exc_info=error)
