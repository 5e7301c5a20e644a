"""From settings to a running bot and back: opened in order, closed in reverse."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from functools import partial
from secrets import token_urlsafe
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import BadRequest

from bot import model_store
from bot.admin.followup import look_after_runs, tell_outcomes
from bot.admin.trials import hold_trials
from bot.app import ALLOWED_UPDATES, build_application, outbox_of, scheduler_of
from bot.context import BotApplication, Services
from bot.delivery import Delivery
from bot.health import Vitals, heart, heartbeat_files, keep_testing
from bot.insistence import Insistence, TokenRefused, TriesExhausted
from bot.logs import Redactor
from bot.menus import publish_menus
from bot.names.tastes import PersonalTastes
from bot.pace import DEFAULT_PACE, Pace
from bot.polling import Polling
from bot.retrain.by_itself import learn_by_itself
from bot.retrain.process import FINETUNE_COMMAND
from bot.retrain.retrainer import Retrainer
from bot.sampling import Sampling
from bot.settings import Settings, SettingsError
from bot.transport import AiohttpRequest, environment_proxy
from bot.upkeep import keep_tidy
from db import heartbeats
from db.engine import Database, DatabaseUnavailable, trouble
from db.migrate import upgrade
from ml.errors import ModelFileError
from ml.models.checkpoint import SHIPPED_MODEL
from ml.writing.generator import NameGenerator

logger = logging.getLogger(__name__)

# What takes longer is lost if the bot is killed meanwhile; see `bot.polling`.
_CONFIRMED_WITHIN = 5.0


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
    async with _services(settings, pace, finetune_command) as services, _alive(services):
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
            retrainer = Retrainer(
                database,
                generator,
                min_ratings=settings.min_ratings,
                command=finetune_command,
                stop_grace=pace.stop / 2,
            )
            await retrainer.look_after()
        except DatabaseUnavailable as error:
            raise SettingsError(f"DATABASE_URL: {error}") from error
        except ModelFileError as error:
            raise SettingsError(f"MODEL_PATH: {error}") from error
        except Exception as error:
            if (problem := trouble(error)) is None:
                raise
            raise SettingsError(f"DATABASE_URL: the database cannot be used: {problem}") from error
        sampling = Sampling(generator)
        stack.callback(sampling.close)
        tastes = PersonalTastes(database)
        stack.push_async_callback(tastes.close)
        model_store.give_back_freed_memory()
        vitals = Vitals(redact=Redactor(settings.secrets()).redact)
        broken = asyncio.get_running_loop().create_future()
        stack.callback(broken.cancel)
        yield Services(
            settings, pace, database, generator, sampling, tastes, retrainer, vitals, broken
        )


@contextlib.asynccontextmanager
async def _alive(services: Services) -> AsyncIterator[None]:
    """`python -m bot health` learns how the bot is."""
    database, vitals, pace = services.database, services.vitals, services.pace

    async def write() -> None:
        async with database.begin() as session:
            await heartbeats.beat(session)

    async with (
        heart(heartbeat_files(services.settings.database_url), vitals, pace.beat),
        _background(
            keep_testing(
                vitals.database, write, every=pace.database_beat, again=pace.database_again
            )
        ),
    ):
        yield


@contextlib.asynccontextmanager
async def _connected(application: BotApplication) -> AsyncIterator[None]:
    """Telegram has answered and knows the token."""
    url = application.bot_data.settings.bot_api_url
    try:
        with _refusals_explained(url):
            await _insistence(application.bot_data, starting=True).call(
                application.initialize, refusable=True
            )
        yield
    finally:
        await application.shutdown()
        await application.bot.shutdown()  # the former leaves it open when Telegram never answered


def _insistence(services: Services, *, starting: bool = False) -> Insistence:
    pace = services.pace
    return Insistence(
        services.vitals,
        first_pause=pace.first_pause,
        refusals=pace.start_refusals if starting else pace.refusals,
        tries=pace.connect_tries if starting else None,
    )


@contextlib.contextmanager
def _refusals_explained(url: str) -> Iterator[None]:
    try:
        yield
    except TokenRefused:
        raise SettingsError(
            f"BOT_TOKEN is not valid: {url} does not know it, get a new one from @BotFather."
        ) from None
    except (TriesExhausted, BadRequest) as error:
        raise SettingsError(f"BOT_API_URL: {url} does not answer as Telegram: {error}") from None


@contextlib.asynccontextmanager
async def _answering(application: BotApplication) -> AsyncIterator[None]:
    """Updates arrive and are handled; the menus tell of it."""
    settings, bot = application.bot_data.settings, application.bot
    scheduler = scheduler_of(application)
    await application.start()
    # At the end nothing new comes in first, then what is under way ends or is cut short.
    async with contextlib.AsyncExitStack() as stack:
        if settings.webhook_url:
            stack.push_async_callback(_finish, application)
            await stack.enter_async_context(_delivered(application, settings.webhook_url))
        else:
            proxy = environment_proxy(settings.bot_api_url)
            polling = Polling(
                bot,
                await stack.enter_async_context(AiohttpRequest(1, proxy=proxy)),
                application.update_queue.put,
                _insistence(application.bot_data),
                allowed_updates=ALLOWED_UPDATES,
                unfinished=partial(scheduler.lanes.unfinished, _CONFIRMED_WITHIN),
                change=scheduler.lanes.change,
                passes_over=scheduler.passes_over,
            )
            stack.push_async_callback(polling.confirm)
            stack.push_async_callback(_finish, application)
            await stack.enter_async_context(_vital(polling.run(), application.bot_data))
        logger.info("Answering as @%s", bot.username)
        application.bot_data.sampling.write_ahead()
        for work in (
            publish_menus(bot, settings.admin_ids),
            keep_tidy(application.bot_data.database, settings),
            look_after_runs(application.bot_data),
            tell_outcomes(bot, application.bot_data),
            hold_trials(bot, application.bot_data),
            _learn_by_itself(application.bot_data),
        ):
            await stack.enter_async_context(_background(work))
        yield


async def _learn_by_itself(services: Services) -> None:
    await learn_by_itself(
        services.database,
        services.retrainer,
        every=services.settings.retrain_every,
        pause=services.pace.by_itself,
        quiet=services.pace.quiet,
    )


@contextlib.asynccontextmanager
async def _delivered(application: BotApplication, url: str) -> AsyncIterator[None]:
    """Telegram delivers updates to the bot's own server."""
    # Imported late: a web server comes with it, which polling has no use for.
    from bot.webhook import WebhookServer

    services, bot = application.bot_data, application.bot
    settings, secret = services.settings, services.settings.webhook_secret
    # Nobody but Telegram needs to know it, so one made up for this start will do.
    token = secret.get_secret_value() if secret else token_urlsafe(32)
    delivery = Delivery(bot, url)

    async def take(update: Update) -> None:
        await application.update_queue.put(update)
        delivery.arrived()
        services.vitals.telegram.worked()

    async def set_webhook() -> bool:
        return await bot.set_webhook(url, secret_token=token, allowed_updates=ALLOWED_UPDATES)

    server = WebhookServer(
        bot,
        take,
        host=settings.webhook_listen,
        port=settings.webhook_port,
        path=urlsplit(url).path,
        secret=token,
    )
    try:
        await server.start()
        await _insistence(services, starting=True).call(set_webhook, refusable=True)
        async with _vital(_watch(delivery, services), services):
            yield
    except OSError as error:
        where = f"{settings.webhook_listen}:{settings.webhook_port}"
        raise SettingsError(
            f"WEBHOOK_LISTEN, WEBHOOK_PORT: cannot listen on {where}: {error.strerror}"
        ) from error
    except BadRequest as error:
        raise SettingsError(f"WEBHOOK_URL: Telegram refuses {url}: {error}") from error
    finally:
        await server.stop()


async def _watch(delivery: Delivery, services: Services) -> None:
    """Nobody may write to the bot for hours: ask whether Telegram is there, and delivers here."""
    insistence = _insistence(services)
    while True:
        await asyncio.sleep(services.pace.webhook_check)
        await insistence.call(delivery.check)


async def _finish(application: BotApplication) -> None:
    """Let what is under way end. An admin waits to hear the end of a retrain, so Telegram can still
    be reached; but it may hang as well as the child, and a supervisor is impatient.
    """
    services = application.bot_data
    await asyncio.gather(_settle(application), services.retrainer.close(services.pace.stop))


async def _settle(application: BotApplication) -> None:
    redraws = application.bot_data.redraws
    outbox_of(application).hurry()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(application.bot_data.pace.stop):
            await application.stop()
            await redraws.settled()
    redraws.close()
    await scheduler_of(application).shutdown()


@contextlib.asynccontextmanager
async def _vital(work: Coroutine[object, object, None], services: Services) -> AsyncIterator[None]:
    """Work beside the block without which the bot is deaf: should it fail, the bot is broken."""

    async def see_to_it() -> None:
        try:
            await work
        except TokenRefused:
            services.broken.set_exception(
                SettingsError(
                    "BOT_TOKEN is no longer valid: Telegram does not know it any more. "
                    "Get a new one from @BotFather."
                )
            )
        except Exception as error:
            services.broken.set_exception(error)

    async with _background(see_to_it()):
        yield


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
