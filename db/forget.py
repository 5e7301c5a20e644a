"""What /forget does."""

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Generation, TrainingRun, User


async def forget_user(session: AsyncSession, user_id: int) -> None:
    """Remove the person: the user's row, ratings and favorites.

    Names shown to them stay for the statistics, without the person, the chat and the letters they
    gave; so do training runs, without who asked for them.
    """
    await session.execute(
        update(Generation)
        .where(Generation.user_id == user_id)
        .values(user_id=None, chat_id=None, prefix="")
    )
    await session.execute(
        update(TrainingRun).where(TrainingRun.requested_by == user_id).values(requested_by=None)
    )
    # Ratings, presses and favorites go with the user's row: their foreign keys cascade.
    await session.execute(delete(User).where(User.id == user_id))
