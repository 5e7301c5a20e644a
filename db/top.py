"""Which names are liked, whoever they were shown to."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Gender, Generation, Rating
from db.ratings import RatingCounts


@dataclass(frozen=True, slots=True)
class LikedName:
    """A name, and how many people like it and dislike it.

    Nobody is counted twice, however often they were shown the name; who gave it both thumbs at
    different times is one of either.
    """

    name: str
    kind: str
    gender: Gender | None
    votes: RatingCounts


async def liked_names(
    session: AsyncSession, *, limit: int, chat_id: int | None = None
) -> list[LikedName]:
    """Names that more people like than dislike, as they were shown in one chat or anywhere.

    Ё counts as е. Of names with the same votes there are at most ``limit``, so the best ``limit``
    of all are among them, by any order that asks for nothing but the votes.
    """
    # The capitals are those of `ml.names.records.capitalize` already; SQLite knows only ASCII's.
    folded = func.replace(func.replace(Generation.name, "ё", "е"), "Ё", "Е")
    likes, dislikes = (
        func.count(case((Rating.value == value, Rating.user_id)).distinct()) for value in (1, -1)
    )
    groups = (
        select(
            func.max(Generation.name).label("name"),
            Generation.kind,
            Generation.gender,
            likes.label("likes"),
            dislikes.label("dislikes"),
        )
        .join(Rating, Rating.generation_id == Generation.id)
        .group_by(folded, Generation.kind, Generation.gender)
        .having(likes > dislikes)
    )
    if chat_id is not None:
        groups = groups.where(Generation.chat_id == chat_id)
    liked = groups.subquery()
    place = func.row_number().over(
        partition_by=[liked.c.likes, liked.c.dislikes],
        order_by=[liked.c.name, liked.c.kind, liked.c.gender],
    )
    placed = select(liked, place.label("place")).subquery()
    rows = await session.execute(select(placed).where(placed.c.place <= limit))
    return [
        LikedName(row.name, row.kind, row.gender, RatingCounts(row.likes, row.dislikes))
        for row in rows
    ]
