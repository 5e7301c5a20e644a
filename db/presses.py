"""Which press of a button was the last."""

from datetime import timedelta

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.generations import UnknownGeneration
from db.models import Generation, Press, utcnow
from db.upsert import insert

# Telegram keeps an update for a day, and numbers anew after a week without any: an older press says
# nothing of the order.
_REPEATED_WITHIN = timedelta(days=2)


async def note(session: AsyncSession, user_id: int, generation_id: int, update_id: int) -> bool:
    """Note a press of the user's thumbs under a generation; whether it is the last one so far.

    False for a press that was noted before and for one that arrives after a later one. Until the
    end of the transaction other presses of this user there wait, so what counts in the end is the
    order in which people pressed. The user must be known (`db.users.remember`).

    Raises:
        UnknownGeneration: there is no such generation.
    """
    now = utcnow()
    # What is too old to be repeated need not be kept.
    await session.execute(
        delete(Press).where(Press.user_id == user_id, Press.pressed_at < now - _REPEATED_WITHIN)
    )
    statement = insert(session, Press).from_select(
        ["user_id", "generation_id", "update_id", "pressed_at"],
        select(
            literal(user_id), Generation.id, literal(update_id), literal(now, Press.pressed_at.type)
        ).where(Generation.id == generation_id),
    )
    noted = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Press.user_id, Press.generation_id],
            set_={
                "update_id": statement.excluded.update_id,
                "pressed_at": statement.excluded.pressed_at,
            },
            where=or_(
                Press.update_id < statement.excluded.update_id,
                Press.pressed_at < now - _REPEATED_WITHIN,
            ),
        ).returning(Press.generation_id)
    )
    if noted is not None:
        return True
    if await session.get(Generation, generation_id) is None:
        raise UnknownGeneration(f"no generation {generation_id}")
    return False
