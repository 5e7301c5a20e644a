"""How much is used and liked; per model version see `db.model_versions.list_statistics`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Generation, ModelVersion, Rating, User
from db.ratings import DISLIKES, LIKES, RatingCounts


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there was of everything; the ratings also by whether the name was invented.

    ``novel`` are ratings of names that were found nowhere, ``known`` of all others.
    """

    users: int
    generations: int
    novel: RatingCounts
    known: RatingCounts

    @property
    def ratings(self) -> RatingCounts:
        """All ratings together."""
        return RatingCounts(
            self.novel.likes + self.known.likes, self.novel.dislikes + self.known.dislikes
        )


async def totals(session: AsyncSession) -> Totals:
    """The totals at this moment."""
    users, generations = (
        await session.execute(
            select(
                select(func.count()).select_from(User).scalar_subquery(),
                select(func.count()).select_from(Generation).scalar_subquery()
                + select(func.coalesce(func.sum(ModelVersion.folded_names), 0)).scalar_subquery(),
            )
        )
    ).one()
    is_novel = Generation.status == "novel"
    rows = await session.execute(
        select(
            is_novel,
            LIKES,
            DISLIKES,
        )
        .join(Rating, Rating.generation_id == Generation.id)
        .group_by(is_novel)
    )
    by_novelty = {novel: RatingCounts(likes, dislikes) for novel, likes, dislikes in rows}
    none = RatingCounts(0, 0)
    return Totals(
        users=users,
        generations=generations,
        novel=by_novelty.get(True, none),
        known=by_novelty.get(False, none),
    )


async def lately(session: AsyncSession, since: datetime, *, at_most: int) -> int:
    """How many names were shown and rated since then; of either no more than ``at_most``."""
    shown = select(Generation.created_at).order_by(Generation.id.desc()).limit(at_most).subquery()
    rated = select(Rating.updated_at).where(Rating.updated_at > since).limit(at_most).subquery()
    names = select(func.count()).where(shown.c.created_at > since).scalar_subquery()
    ratings = select(func.count()).select_from(rated).scalar_subquery()
    counts = (await session.execute(select(names, ratings))).one()
    return sum(counts)
