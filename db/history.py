"""What a user was shown."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Favorite, Generation, Rating, RatingValue


@dataclass(frozen=True, slots=True)
class ShownName:
    """A name that a user was shown, with that user's rating and whether the user keeps it."""

    generation: Generation
    rating: RatingValue | None
    kept: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some names, newest first, and whether there are ``newer`` and ``older`` ones."""

    names: list[ShownName]
    newer: bool
    older: bool


async def page(
    session: AsyncSession,
    user_id: int,
    *,
    limit: int,
    chat_id: int | None = None,
    before: int | None = None,
    after: int | None = None,
) -> HistoryPage:
    """The names next to a generation of which only the id need be left, else the newest ones.

    ``before`` asks for those that were shown before it, ``after`` for those after; where there are
    too few to fill a page it begins at that end. ``chat_id`` counts only what was shown there.
    """
    mine = [Generation.user_id == user_id]
    if chat_id is not None:
        mine.append(Generation.chat_id == chat_id)
    if after is not None:
        found = await _names(session, user_id, [*mine, Generation.id > after], limit, newest=False)
        if len(found) >= limit:
            names = found[:limit][::-1]
            older = await _exists(session, [*mine, Generation.id < names[-1].generation.id])
            return HistoryPage(names, newer=len(found) > limit, older=older)
    bound = [] if before is None else [Generation.id < before]
    found = await _names(session, user_id, [*mine, *bound], limit, newest=True)
    if not found and before is not None:
        return await page(session, user_id, limit=limit, chat_id=chat_id)
    names = found[:limit]
    newer = before is not None and await _exists(
        session, [*mine, Generation.id > names[0].generation.id]
    )
    return HistoryPage(names, newer=newer, older=len(found) > limit)


async def _names(
    session: AsyncSession,
    user_id: int,
    conditions: list[ColumnElement[bool]],
    limit: int,
    *,
    newest: bool,
) -> list[ShownName]:
    """One more than ``limit``, if there is one."""
    rows = await session.execute(
        select(Generation, Rating.value, Favorite.user_id)
        .join(
            Rating,
            and_(Rating.generation_id == Generation.id, Rating.user_id == user_id),
            isouter=True,
        )
        .join(
            Favorite,
            and_(Favorite.generation_id == Generation.id, Favorite.user_id == user_id),
            isouter=True,
        )
        .where(*conditions)
        .order_by(Generation.id.desc() if newest else Generation.id)
        .limit(limit + 1)
    )
    return [ShownName(shown, value, keeper is not None) for shown, value, keeper in rows]


async def _exists(session: AsyncSession, conditions: list[ColumnElement[bool]]) -> bool:
    found = await session.scalar(select(Generation.id).where(*conditions).limit(1))
    return found is not None
