"""Keeps the database from growing for ever, while nobody waits for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.names.seen import REMEMBERED_NAMES
from bot.settings import Settings
from db import Database, trouble, upkeep
from db.models import utcnow

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 3600.0
_ANSWERS_AT_ONCE = 100  # some ten milliseconds of writing
_STEP_REST_SECONDS = 0.2  # without anybody writing, before each step
_LONG_REST_SECONDS = 30.0  # before the file is written anew
_PATIENCE = 25  # times as long is waited for such a rest; a busy bot may never have one

Sleep = Callable[[float], Awaitable[None]]


async def keep_tidy(
    database: Database,
    settings: Settings,
    *,
    now: Callable[[], datetime] = utcnow,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Tidy up once an hour, until cancelled. What fails, on a full disk for instance, is tried
    again the next time.
    """
    while True:
        try:
            await tidy_up(database, settings, now=now(), sleep=sleep)
        except Exception as error:
            logger.warning(
                "The upkeep of the database is put off: %s", trouble(error) or type(error).__name__
            )
        await sleep(_EVERY_SECONDS)


async def tidy_up(
    database: Database, settings: Settings, *, now: datetime, sleep: Sleep = asyncio.sleep
) -> None:
    """Thin out old weights and old names, each step when nobody writes; then, at rest, give back
    the room where there is much of it.
    """
    await _rest(database, _STEP_REST_SECONDS, sleep)
    while (thinned := await _thin(database, settings.keep_versions)) is not None:
        logger.info("The weights of model version %d are no longer kept", thinned)
        await _rest(database, _STEP_REST_SECONDS, sleep)

    names = after = 0
    while answers := await _old_answers(database, now, settings.keep_names_days, after):
        await _rest(database, _STEP_REST_SECONDS, sleep)
        async with database.begin() as session:
            names += await upkeep.fold_names(session, answers)
        after = answers[-1]
    if names:
        logger.info("%d old names without a rating are kept as counts", names)

    rested = await _rest(database, _LONG_REST_SECONDS, sleep)
    # Without a rest somebody will wait, which only a person who wants to be forgotten is worth.
    if (rested or database.has_traces) and await database.compact_if_wanted():
        logger.info("The file of the database was written anew without its free room")


async def _thin(database: Database, keep: int) -> int | None:
    async with database.begin() as session:
        return await upkeep.thin_weights(session, keep=keep)


async def _old_answers(database: Database, now: datetime, days: int, after: int) -> list[int]:
    async with database.read() as session:
        return await upkeep.names_to_fold(
            session,
            older_than=now - timedelta(days=days),
            seen_lately=REMEMBERED_NAMES,
            after=after,
            limit=_ANSWERS_AT_ONCE,
        )


async def _rest(database: Database, seconds: float, sleep: Sleep) -> bool:
    """Wait until nobody has written for so long; False when that does not come about."""
    for _ in range(2 * _PATIENCE):
        if database.at_rest(seconds):
            return True
        await sleep(seconds / 2)
    return False
