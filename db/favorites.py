"""Names that users keep."""

from sqlalchemy import delete, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.generations import UnknownGeneration
from db.models import Favorite, Generation, utcnow
from db.upsert import insert


async def toggle(session: AsyncSession, user_id: int, generation_id: int) -> bool:
    """Keep the name, or no longer keep it; whether it is kept from now on.

    The user must be known (`db.users.remember`).

    Raises:
        UnknownGeneration: there is no such generation.
    """
    dropped = await session.scalar(
        delete(Favorite)
        .where(Favorite.user_id == user_id, Favorite.generation_id == generation_id)
        .returning(Favorite.generation_id)
    )
    if dropped is not None:
        return False

    statement = insert(session, Favorite).from_select(
        ["user_id", "generation_id", "created_at"],
        select(literal(user_id), Generation.id, literal(utcnow(), Favorite.created_at.type)).where(
            Generation.id == generation_id
        ),
    )
    kept = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Favorite.user_id, Favorite.generation_id],
            set_={"created_at": statement.excluded.created_at},
        ).returning(Favorite.generation_id)
    )
    if kept is None:
        raise UnknownGeneration(f"no generation {generation_id}")
    return True


async def of_user(
    session: AsyncSession, user_id: int, *, limit: int, offset: int = 0
) -> list[Generation]:
    """The names that the user keeps, the last kept first."""
    found = await session.scalars(
        select(Generation)
        .join(Favorite, Favorite.generation_id == Generation.id)
        .where(Favorite.user_id == user_id)
        .order_by(Favorite.created_at.desc(), Generation.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return list(found)
