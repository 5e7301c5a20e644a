"""What keeps the database from growing for ever; a little at a time, for others to come between."""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.models import Favorite, Generation, ModelVersion, ModelWeights, Rating, TrainingRun
from db.training_runs import ACTIVE


async def thin_weights(session: AsyncSession, *, keep: int) -> int | None:
    """Remove the weights of the oldest version that can do without; None: all are needed.

    Weights that stay are those of the ``keep`` newest versions, of the current one and its parent
    (``/rollback`` leads there), of the file that the current line of retrains began with and of the
    newest file, and of what a run is learning from. The version's row stays, and so do its
    statistics: a rating brings along how probable its name was, and needs no weights.
    """
    versions = {
        row.id: row
        for row in await session.execute(
            select(
                ModelVersion.id,
                ModelVersion.parent_id,
                ModelVersion.source,
                ModelVersion.is_current,
            )
        )
    }
    newest = sorted(versions, reverse=True)
    needed = {
        *newest[:keep],
        *[i for i in newest if versions[i].source == "file"][:1],
        *await session.scalars(
            select(TrainingRun.base_version_id).where(TrainingRun.status.in_(ACTIVE))
        ),
    }
    for current in (each for each in versions.values() if each.is_current):
        needed |= {current.id, current.parent_id}
        line = current
        while line.source != "file" and line.parent_id is not None:
            line = versions[line.parent_id]
        needed.add(line.id)
    needed.discard(None)
    removed: int | None = await session.scalar(
        delete(ModelWeights)
        .where(
            ModelWeights.version_id
            == select(func.min(ModelWeights.version_id))
            .where(ModelWeights.version_id.not_in(needed))
            .scalar_subquery()
        )
        .returning(ModelWeights.version_id)
    )
    return removed


async def names_to_fold(
    session: AsyncSession, *, older_than: datetime, seen_lately: int, after: int, limit: int
) -> list[int]:
    """The next ``limit`` answers (their ids, beyond ``after``) that `fold_names` may fold.

    Those are answers given before ``older_than`` of which no name is rated or kept, which the
    person has since seen ``seen_lately`` names after. The newest name of all is never one: SQLite
    would give its id again. Only reads.
    """
    shown = aliased(Generation)
    since = (
        select(shown.id)
        .where(
            shown.user_id == Generation.user_id,
            shown.id > Generation.id,  # as the index has it
            shown.answer_id != Generation.answer_id,
        )
        .order_by(shown.id)
        .offset(seen_lately - 1)
        .limit(1)
    )
    newest = select(func.max(shown.answer_id)).scalar_subquery()
    found = await session.scalars(
        select(Generation.answer_id)
        .where(
            Generation.id == Generation.answer_id,
            Generation.id > after,
            Generation.id < newest,
            Generation.created_at < older_than,
            or_(Generation.user_id.is_(None), since.exists()),
            ~_wanted(Generation.answer_id),
        )
        .order_by(Generation.id)
        .limit(limit)
    )
    return list(found)


async def fold_names(session: AsyncSession, answers: list[int]) -> int:
    """Delete the names of these answers and count them with their versions; how many those were.

    What was rated or kept meanwhile stays.
    """
    # On PostgreSQL a rating may be on its way: the lock lets it arrive, the next statement sees it.
    await session.execute(
        select(Generation.id).where(Generation.answer_id.in_(answers)).with_for_update()
    )
    folded = Counter(
        await session.scalars(
            delete(Generation)
            .where(Generation.answer_id.in_(answers), ~_wanted(Generation.answer_id))
            .returning(Generation.model_version_id)
            .execution_options(synchronize_session=False)
        )
    )
    for version_id, names in folded.items():
        await session.execute(
            update(ModelVersion)
            .where(ModelVersion.id == version_id)
            .values(folded_names=ModelVersion.folded_names + names)
        )
    return folded.total()


def _wanted(answer_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether anybody rated or keeps a name of the answer."""
    shown = aliased(Generation)
    return or_(
        *(
            select(shown.id)
            .join(table, table.generation_id == shown.id)
            .where(shown.answer_id == answer_id)
            .correlate(Generation)
            .exists()
            for table in (Rating, Favorite)
        )
    )
