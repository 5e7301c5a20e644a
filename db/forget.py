"""What /forget does."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models import Favorite, Generation, Press, Rating, TrainingRun, User

_NAMES_AT_ONCE = 500


async def forget_user(database: Database, user_id: int) -> None:
    """Remove the person: the user's row, ratings and favorites.

    Names shown to them stay for the statistics, without the person, the chat and the letters they
    gave; so do training runs, without who asked for them and where. It is done in transactions of
    some milliseconds, so that others need not wait; one that was interrupted is done by the next.
    """
    while True:
        async with database.begin() as session:
            if not await _forget_some(session, user_id):
                break
    async with database.begin() as session:
        await session.execute(
            update(TrainingRun)
            .where(TrainingRun.requested_by == user_id)
            .values(requested_by=None, chat_id=None, message_id=None)
        )
        # What came in between goes as well: the foreign keys of the others cascade.
        await session.execute(
            update(Generation)
            .where(Generation.user_id == user_id)
            .values(user_id=None, chat_id=None, prefix="")
        )
        await session.execute(delete(User).where(User.id == user_id))
    await database.erase_traces(user_id)


async def _forget_some(session: AsyncSession, user_id: int) -> bool:
    """Take the person off some rows; whether there were any."""
    found = False
    for table in (Rating, Press, Favorite):
        some = select(table.generation_id).where(table.user_id == user_id).limit(_NAMES_AT_ONCE)
        gone = await session.scalars(
            delete(table)
            .where(table.user_id == user_id, table.generation_id.in_(some))
            .returning(table.generation_id)
            .execution_options(synchronize_session=False)
        )
        found = bool(gone.all()) or found
    names = select(Generation.id).where(Generation.user_id == user_id).limit(_NAMES_AT_ONCE)
    taken_off = await session.scalars(
        update(Generation)
        .where(Generation.id.in_(names))
        .values(user_id=None, chat_id=None, prefix="")
        .returning(Generation.id)
        .execution_options(synchronize_session=False)
    )
    return bool(taken_off.all()) or found
