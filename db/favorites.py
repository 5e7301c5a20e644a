"""Names that users keep."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.generations import UnknownGeneration
from db.models import Favorite, Generation, utcnow
from db.upsert import insert


@dataclass(frozen=True, slots=True)
class KeptName:
    """A name that a user keeps, and since when."""

    generation: Generation
    kept_at: datetime


async def put(session: AsyncSession, user_id: int, generation_id: int, *, kept: bool) -> None:
    """Let the user keep this name or not. The same again changes nothing.

    The user must be known (`db.users.remember`).

    Raises:
        UnknownGeneration: there is no such generation to keep.
    """
    if not kept:
        await session.execute(
            delete(Favorite).where(
                Favorite.user_id == user_id, Favorite.generation_id == generation_id
            )
        )
        return
    statement = insert(session, Favorite).from_select(
        ["user_id", "generation_id", "created_at"],
        select(literal(user_id), Generation.id, literal(utcnow(), Favorite.created_at.type)).where(
            Generation.id == generation_id
        ),
    )
    stored = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Favorite.user_id, Favorite.generation_id],
            set_={"created_at": Favorite.created_at},
        ).returning(Favorite.generation_id)
    )
    if stored is None:
        raise UnknownGeneration(f"no generation {generation_id}")


async def of_user(
    session: AsyncSession, user_id: int, *, limit: int | None = None, offset: int = 0
) -> list[KeptName]:
    """The names that the user keeps, the last kept first."""
    some = (  # chosen before their names are looked up
        select(Favorite.generation_id, Favorite.created_at)
        .where(Favorite.user_id == user_id)
        .order_by(Favorite.created_at.desc(), Favorite.generation_id.desc())
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    found = await session.execute(
        select(Generation, some.c.created_at)
        .join(some, some.c.generation_id == Generation.id)
        .order_by(some.c.created_at.desc(), some.c.generation_id.desc())
    )
    return [KeptName(generation, kept_at) for generation, kept_at in found]


async def count(session: AsyncSession, user_id: int) -> int:
    """How many names the user keeps."""
    kept = select(func.count()).select_from(Favorite).where(Favorite.user_id == user_id)
    return (await session.execute(kept)).scalar_one()


async def among(session: AsyncSession, user_id: int, generation_ids: Collection[int]) -> set[int]:
    """Which of these generations the user keeps."""
    kept = await session.scalars(
        select(Favorite.generation_id).where(
            Favorite.user_id == user_id, Favorite.generation_id.in_(generation_ids)
        )
    )
    return set(kept)
