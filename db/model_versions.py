"""Model versions: weights with their history, one of them current."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Generation, ModelVersion, Rating, VersionSource, utcnow
from db.ratings import DISLIKES, LIKES, RatingCounts
from db.upsert import insert


class UnknownModelVersion(LookupError):
    """There is no model version with this id."""


@dataclass(frozen=True, slots=True)
class VersionStatistics:
    """A version with what came of it: names shown, and their ratings."""

    version: ModelVersion
    generations: int
    ratings: RatingCounts


async def add(
    session: AsyncSession,
    *,
    source: VersionSource,
    weights: bytes,
    sha256: str,
    metrics: dict[str, Any],
    parent_id: int | None = None,
    training_run_id: int | None = None,
) -> ModelVersion:
    """Store a version, not current yet; weights that are there already keep their old version.

    ``weights`` are the bytes of a ``.safetensors`` file, ``sha256`` their hexadecimal digest.
    ``parent_id`` is the version it was made from, or for a file the one it replaces: what
    `previous` goes back to.
    """
    version_id = await session.scalar(
        insert(session, ModelVersion)
        .values(
            source=source,
            weights=weights,
            sha256=sha256,
            metrics=metrics,
            parent_id=parent_id,
            training_run_id=training_run_id,
        )
        .on_conflict_do_nothing(index_elements=[ModelVersion.sha256])
        .returning(ModelVersion.id)
    )
    wanted = ModelVersion.sha256 == sha256 if version_id is None else ModelVersion.id == version_id
    return (await session.scalars(select(ModelVersion).where(wanted))).one()


async def current(session: AsyncSession) -> ModelVersion | None:
    """The version that serves; None before the first is activated."""
    found: ModelVersion | None = await session.scalar(
        select(ModelVersion).where(ModelVersion.is_current)
    )
    return found


async def previous(session: AsyncSession) -> ModelVersion | None:
    """The parent of the current version, None when it has none.

    This is what ``/rollback`` without an argument activates. Since every version has one parent,
    repeated rollbacks walk back to the first version and stop there, and a retrain after a
    rollback starts a new branch.
    """
    current_parent = select(ModelVersion.parent_id).where(ModelVersion.is_current)
    found: ModelVersion | None = await session.scalar(
        select(ModelVersion).where(ModelVersion.id == current_parent.scalar_subquery())
    )
    return found


async def weights(session: AsyncSession, version_id: int) -> bytes:
    """The bytes of the version's ``.safetensors`` file.

    Raises:
        UnknownModelVersion: there is no such version.
    """
    found = await session.scalar(select(ModelVersion.weights).where(ModelVersion.id == version_id))
    if found is None:
        raise UnknownModelVersion(f"no model version {version_id}")
    return found


async def activate(session: AsyncSession, version_id: int) -> ModelVersion:
    """Make this version the current one, and the only one, when the transaction commits.

    Raises:
        UnknownModelVersion: there is no such version; the current one stays.
    """
    # On PostgreSQL two activations at once would both put down the old version, and the second
    # would break the index. The first row lock makes them take turns.
    await session.execute(select(ModelVersion.id).order_by(ModelVersion.id).with_for_update())
    version = await session.get(ModelVersion, version_id, populate_existing=True)
    if version is None:
        raise UnknownModelVersion(f"no model version {version_id}")
    await session.execute(
        update(ModelVersion)
        .where(ModelVersion.is_current, ModelVersion.id != version_id)
        .values(is_current=False)
    )
    version.is_current = True
    version.activated_at = utcnow()
    await session.flush()
    return version


async def list_statistics(session: AsyncSession) -> list[VersionStatistics]:
    """Every version, oldest first, with the counts that a like rate and its interval need."""
    shown = (
        select(Generation.model_version_id, func.count().label("generations"))
        .group_by(Generation.model_version_id)
        .subquery()
    )
    rated = (
        select(
            Generation.model_version_id,
            LIKES.label("likes"),
            DISLIKES.label("dislikes"),
        )
        .join(Rating, Rating.generation_id == Generation.id)
        .group_by(Generation.model_version_id)
        .subquery()
    )
    rows = await session.execute(
        select(
            ModelVersion,
            func.coalesce(shown.c.generations, 0),
            func.coalesce(rated.c.likes, 0),
            func.coalesce(rated.c.dislikes, 0),
        )
        .join(shown, shown.c.model_version_id == ModelVersion.id, isouter=True)
        .join(rated, rated.c.model_version_id == ModelVersion.id, isouter=True)
        .order_by(ModelVersion.id)
    )
    return [
        VersionStatistics(version, generations, RatingCounts(likes, dislikes))
        for version, generations, likes, dislikes in rows
    ]
