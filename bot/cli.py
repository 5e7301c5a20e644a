"""The command line: ``python -m bot run | playground | start | health``.

The ``obj`` with which the app is called is the `bot.pace.Pace` of the bot.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Annotated, NoReturn

import typer

from bot import health as heartbeat
from bot.logs import Redactor, configure_logging
from bot.settings import (
    PLAYGROUND_PORT,
    Settings,
    SettingsError,
    load_settings,
    with_playground_database,
)

logger = logging.getLogger(__name__)

app = typer.Typer(
    help="Imyarek, the Telegram bot that invents Russian names.",
    no_args_is_help=True,
    add_completion=False,
    # Their tracebacks show local variables, the token among them.
    pretty_exceptions_enable=False,
)

Port = Annotated[
    int,
    typer.Option(min=0, max=65535, help="Port of the playground's page; 0 takes any free one."),
]


@app.command()
def run(context: typer.Context) -> None:
    """Answer on Telegram: by polling, or as a webhook server when WEBHOOK_URL is set."""
    settings = _settings()
    # Imported late, for everything comes with it: `health` runs every half a minute.
    from bot.pace import DEFAULT_PACE
    from bot.serving import serve

    _run(serve(settings, context.obj or DEFAULT_PACE), settings)


@app.command()
def playground(context: typer.Context, port: Port = PLAYGROUND_PORT) -> None:
    """Run the same bot without a token and without Telegram: a chat page in the browser."""
    settings = with_playground_database(_settings())
    from bot.pace import DEFAULT_PACE
    from bot.serving import serve_playground

    _run(serve_playground(settings, context.obj or DEFAULT_PACE, port, _announce), settings)


@app.command()
def start(context: typer.Context, port: Port = PLAYGROUND_PORT) -> None:
    """Do `run` when BOT_TOKEN is set, `playground` otherwise."""
    if _settings().bot_token:
        run(context)
    else:
        typer.echo("BOT_TOKEN is not set, so this is the playground.")
        playground(context, port)


@app.command()
def health() -> None:
    """Tell how the bot on this machine is: exit code 0 if well, 1 and a sentence if not."""
    settings = _settings()
    if not settings.bot_token:
        settings = with_playground_database(settings)
    if ailment := heartbeat.ailment(heartbeat.heartbeat_files(settings.database_url)):
        typer.echo(ailment, err=True)
        raise typer.Exit(1)
    typer.echo("The bot is alive.")


def _settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        _refuse(str(error))
    configure_logging(settings.log_level, settings.log_format, settings.secrets())
    return settings


def _announce(url: str) -> None:
    typer.echo(f"The playground is open: {url} (Ctrl+C closes it)")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _run(work: Coroutine[object, object, None], settings: Settings) -> None:
    try:
        asyncio.run(work)
    except SettingsError as error:
        _refuse(Redactor(settings.secrets()).redact(str(error)))
    except Exception:
        logger.exception("The bot ends because of an error in it")
        raise typer.Exit(1) from None
