"""The bot as a process: it serves until a signal ends it."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

from pydantic import SecretStr

from bot.lifecycle import running
from bot.pace import Pace
from bot.settings import Settings, SettingsError

# Supervisors kill what has not ended after ten.
_TIDYING_SECONDS = 7.5


async def serve(settings: Settings, pace: Pace) -> None:
    """Answer on Telegram until SIGTERM or SIGINT.

    Raises:
        SettingsError: a setting names something that is not there or does not work, or no longer.
    """
    with _ended_by_signals():
        async with running(settings, pace) as application:
            await application.bot_data.broken


async def serve_playground(
    settings: Settings, pace: Pace, port: int, announce: Callable[[str], None]
) -> None:
    """Answer in the playground on this port until SIGTERM or SIGINT.

    ``announce`` is told the address of the page when the bot answers there.

    Raises:
        SettingsError: as `serve`; or the port is taken.
    """
    # Imported late: a web server comes with it, which `serve` has no use for.
    from bot.playground.playground import playground

    stand_in = playground(port)
    with _ended_by_signals():
        try:
            await stand_in.start()
        except OSError:
            raise SettingsError(
                f"The port {port} is taken or not allowed, choose another with --port."
            ) from None
        try:
            admins = {user.id for user in stand_in.state.users.values() if user.is_admin}
            connected = settings.model_copy(
                update={
                    "bot_token": SecretStr(stand_in.token),
                    "bot_api_url": stand_in.url,
                    "webhook_url": None,
                    "admin_ids": settings.admin_ids | admins,
                }
            )
            async with running(connected, pace) as application:
                announce(stand_in.url)
                await application.bot_data.broken
        finally:
            await stand_in.stop()


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGINT end the block, which tidies up; a second one ends the tidying too, and so
    does the clock.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        raise RuntimeError("not inside a task")

    def end() -> None:
        task.cancel()
        loop.call_later(_TIDYING_SECONDS, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    with contextlib.suppress(asyncio.CancelledError):
        yield
