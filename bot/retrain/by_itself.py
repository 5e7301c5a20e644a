"""Learning without being asked: after so many new ratings, when hardly anybody is there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.retrain.retrainer import NotEnoughRatings, Outcome, Retrainer, RunAlreadyActive
from db import statistics, training_runs, trouble
from db.engine import Database
from db.models import utcnow

logger = logging.getLogger(__name__)

_FEW = 5  # names and ratings, in a time that is quiet
# A bot that is never quiet learns all the same: the child has the lowest priority.
_LONGEST_WAIT = timedelta(days=1)

Sleep = Callable[[float], Awaitable[None]]


async def learn_by_itself(
    database: Database,
    retrainer: Retrainer,
    *,
    every: int,
    pause: float,
    quiet: float,
    now: Callable[[], datetime] = utcnow,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Begin a run after every `every` new ratings (0: never) when it is quiet; until cancelled.

    It is quiet when for `quiet` seconds hardly a name was shown or rated. Between two looks `pause`
    seconds go by. All admins hear how a run ends; see `bot.admin.followup`.
    """
    while every:
        try:
            await learn_if_due(
                database, retrainer, every=every, quiet=timedelta(seconds=quiet), now=now()
            )
        except Exception as error:
            logger.warning(
                "It cannot be seen whether to learn: %s", trouble(error) or type(error).__name__
            )
        await sleep(pause)


async def learn_if_due(
    database: Database, retrainer: Retrainer, *, every: int, quiet: timedelta, now: datetime
) -> bool:
    """Begin a run if there are `every` new ratings and it is quiet; whether one has begun."""
    if retrainer.active:
        return False
    async with database.read() as session:
        due = await training_runs.due_since(session, every)
        if due is None:
            return False
        traffic = await statistics.lately(session, now - quiet, at_most=_FEW + 1)
    if traffic > _FEW and now - due < _LONGEST_WAIT:
        return False
    try:
        await retrainer.start(
            None,
            on_progress=lambda _: None,
            on_outcome=_leave_it_to_others,
            chat_id=training_runs.EVERY_ADMIN,
        )
    except (RunAlreadyActive, NotEnoughRatings):
        return False
    return True


async def _leave_it_to_others(_: Outcome) -> bool:
    """Nobody was told: the run stays among `db.training_runs.untold`."""
    return False
