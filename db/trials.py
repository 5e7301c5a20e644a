"""A new model beside the one that it was made from: which of their names are liked better?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Generation, ModelVersion, Rating, TrainingRun
from db.ratings import RatingCounts


@dataclass(frozen=True, slots=True)
class Trial:
    """Two versions since the newer one serves: what people thought of the names of each.

    Counted are the names that were shown while both wrote, as the model drew them and not by a
    person's taste; each once, however many have rated it: one message in a large group would decide
    alone otherwise.
    """

    new: int
    former: int
    since: datetime
    new_ratings: RatingCounts
    former_ratings: RatingCounts


async def under_way(session: AsyncSession) -> Trial | None:
    """The trial of the current version; None unless a run has made it current, and nobody since.

    After a rollback there is none: what an admin chose, or people by their ratings, stays.
    """
    found = (
        await session.execute(
            select(ModelVersion.id, ModelVersion.parent_id, ModelVersion.activated_at)
            .join(TrainingRun, TrainingRun.id == ModelVersion.training_run_id)
            .where(
                ModelVersion.is_current,
                ModelVersion.activated_at == TrainingRun.finished_at,
            )
        )
    ).one_or_none()
    if found is None:
        return None
    new, former, since = found
    if former is None or since is None:
        return None
    # Both wrote from the first name of the new version on, up to the last of the former one: by
    # number, for which there are indexes.
    first = select(func.min(Generation.id)).where(Generation.model_version_id == new)
    last = select(func.max(Generation.id)).where(Generation.model_version_id == former)
    opinion = func.sum(Rating.value)
    rated = (
        select(Generation.model_version_id, opinion.label("opinion"))
        .join(Rating, Rating.generation_id == Generation.id)
        .where(
            Generation.model_version_id.in_([new, former]),
            Generation.chosen == "model",
            Generation.id >= first.scalar_subquery(),
            Generation.id <= last.scalar_subquery(),
        )
        .group_by(Generation.id, Generation.model_version_id)
        .subquery()
    )
    rows = await session.execute(
        select(
            rated.c.model_version_id,
            func.count().filter(rated.c.opinion > 0),
            func.count().filter(rated.c.opinion < 0),
        ).group_by(rated.c.model_version_id)
    )
    counts = {version: RatingCounts(likes, dislikes) for version, likes, dislikes in rows}
    none = RatingCounts(0, 0)
    return Trial(new, former, since, counts.get(new, none), counts.get(former, none))
