"""Model versions: weights with their history, one of them current."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Generation, ModelVersion, ModelWeights, Rating, VersionSource, utcnow
from db.ratings import DISLIKES, LIKES, RatingCounts
from db.upsert import insert


class UnknownModelVersion(LookupError):
    """There is no model version with this id."""


class WeightsGone(LookupError):
    """The version is known, but its weights were thinned out (`db.upkeep`)."""


@dataclass(frozen=True, slots=True)
class VersionStatistics:
    """A version with what came of it: names shown (those that are gone included), and ratings."""

    version: ModelVersion
    generations: int
    ratings: RatingCounts
    has_weights: bool = True


async def add(
    session: AsyncSession,
    *,
    source: VersionSource,
    weights: bytes,
    sha256: str,
    metrics: dict[str, Any],
    parent_id: int | None = None,
    training_run_id: int | None = None,
    make_current: bool = False,
    activated_at: datetime | None = None,
) -> ModelVersion:
    """Store a version with its weights; weights that were there before keep their old version.

    ``weights`` are the bytes of a ``.safetensors`` file, ``sha256`` their hexadecimal digest.
    ``parent_id`` is the version it was made from, or for a file the one it replaces: what
    `previous` goes back to. With `make_current` it serves from the end of the transaction, as after
    `activate`; ``activated_at`` is the time to note for that, by default the present.
    """
    if make_current:
        await _take_turns(session)
        await _put_down_current(session)
    version_id = await session.scalar(
        insert(session, ModelVersion)
        .values(
            source=source,
            sha256=sha256,
            metrics=metrics,
            parent_id=parent_id,
            training_run_id=training_run_id,
            is_current=make_current,
            activated_at=(activated_at or utcnow()) if make_current else None,
        )
        .on_conflict_do_nothing(index_elements=[ModelVersion.sha256])
        .returning(ModelVersion.id)
    )
    wanted = ModelVersion.sha256 == sha256 if version_id is None else ModelVersion.id == version_id
    version = (await session.scalars(select(ModelVersion).where(wanted))).one()
    await session.execute(
        insert(session, ModelWeights)
        .values(version_id=version.id, content=weights)
        .on_conflict_do_nothing()
    )
    if make_current and version_id is None:
        return await activate(session, version.id)
    return version


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
        WeightsGone: there was one, whose weights are no longer kept.
    """
    found = await session.scalar(
        select(ModelWeights.content).where(ModelWeights.version_id == version_id)
    )
    if found is not None:
        return found
    if await session.get(ModelVersion, version_id) is None:
        raise UnknownModelVersion(f"no model version {version_id}")
    raise WeightsGone(f"the weights of model version {version_id} are gone")


async def activate(session: AsyncSession, version_id: int) -> ModelVersion:
    """Make this version the current one, and the only one, when the transaction commits.

    Raises:
        UnknownModelVersion: there is no such version; the current one stays.
    """
    await _take_turns(session)
    version = await session.get(ModelVersion, version_id, populate_existing=True)
    if version is None:
        raise UnknownModelVersion(f"no model version {version_id}")
    await _put_down_current(session, except_for=version_id)
    version.is_current = True
    version.activated_at = utcnow()
    await session.flush()
    return version


async def _take_turns(session: AsyncSession) -> None:
    # On PostgreSQL two activations at once would both put down the old version, and the second
    # would break the index. The first row lock makes them wait for each other.
    await session.execute(select(ModelVersion.id).order_by(ModelVersion.id).with_for_update())


async def _put_down_current(session: AsyncSession, except_for: int | None = None) -> None:
    await session.execute(
        update(ModelVersion)
        .where(ModelVersion.is_current, ModelVersion.id.is_distinct_from(except_for))
        .values(is_current=False)
    )


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
            func.coalesce(shown.c.generations, 0) + ModelVersion.folded_names,
            func.coalesce(rated.c.likes, 0),
            func.coalesce(rated.c.dislikes, 0),
            ModelWeights.version_id.is_not(None),
        )
        .join(shown, shown.c.model_version_id == ModelVersion.id, isouter=True)
        .join(rated, rated.c.model_version_id == ModelVersion.id, isouter=True)
        .join(ModelWeights, ModelWeights.version_id == ModelVersion.id, isouter=True)
        .order_by(ModelVersion.id)
    )
    return [
        VersionStatistics(version, generations, RatingCounts(likes, dislikes), bool(has_weights))
        for version, generations, likes, dislikes, has_weights in rows
    ]
