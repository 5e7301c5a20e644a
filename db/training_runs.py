"""Attempts to learn from the ratings, one at a time."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import model_versions
from db.models import ModelVersion, Rating, RunStatus, TrainingRun, utcnow
from db.upsert import insert

ACTIVE: tuple[RunStatus, ...] = ("queued", "running")

# The ``chat_id`` of a run whose end all admins shall hear of, each in private; no chat has this id.
EVERY_ADMIN = 0


class RunAlreadyActive(Exception):
    """Another run is queued or running."""


class RunNotActive(Exception):
    """The run has ended already (or never was): its end does not change."""


async def start(
    session: AsyncSession,
    *,
    requested_by: int | None,
    base_version_id: int,
    ratings_count: int,
    seed: int,
    scratch: str | None = None,
    chat_id: int | None = None,
    language: str | None = None,
) -> TrainingRun:
    """Queue a run. The unique index decides between two starts at once.

    ``scratch`` is the temporary directory of its owner; the chat, or `EVERY_ADMIN`, hears in
    ``language`` how the run ends.

    Raises:
        RunAlreadyActive: another run is queued or running; the transaction stays usable.
    """
    run_id = await session.scalar(
        insert(session, TrainingRun)
        .values(
            status="queued",
            requested_by=requested_by,
            base_version_id=base_version_id,
            ratings_count=ratings_count,
            seed=seed,
            scratch=scratch,
            chat_id=chat_id,
            language=language,
        )
        .on_conflict_do_nothing()
        .returning(TrainingRun.id)
    )
    if run_id is None:
        raise RunAlreadyActive("a training run is queued or running")
    return await session.get_one(TrainingRun, run_id)


async def mark_running(session: AsyncSession, run_id: int) -> None:
    """The process of a queued run has started.

    Raises:
        RunNotActive: the run is not queued, for instance cancelled meanwhile.
    """
    await _change(session, run_id, ("queued",), status="running", started_at=utcnow())


async def finish(
    session: AsyncSession,
    run_id: int,
    status: Literal["rejected", "failed", "cancelled"],
    metrics: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """End a run that made no model; see `succeed` for one that did.

    Raises:
        RunNotActive: the run has ended already.
    """
    await _change(
        session,
        run_id,
        ACTIVE,
        status=status,
        metrics=metrics,
        error=error,
        finished_at=utcnow(),
    )


async def succeed(
    session: AsyncSession, run_id: int, weights: bytes, sha256: str, metrics: dict[str, Any]
) -> ModelVersion:
    """Store what the run has learnt as the current version; all of it with the transaction, or
    nothing.

    ``weights`` are the bytes of a ``.safetensors`` file, ``sha256`` their hexadecimal digest. A
    run that arrives at weights that are there already makes their version current again. A new
    version is activated when its run is finished, by the same clock: `db.trials` looks for that.

    Raises:
        RunNotActive: the run has ended already.
    """
    await _change(
        session, run_id, ACTIVE, status="succeeded", metrics=metrics, finished_at=utcnow()
    )
    run = await session.get_one(TrainingRun, run_id, populate_existing=True)
    return await model_versions.add(
        session,
        source="retrain",
        weights=weights,
        sha256=sha256,
        metrics=metrics,
        parent_id=run.base_version_id,
        training_run_id=run_id,
        make_current=True,
        activated_at=run.finished_at,
    )


async def active(session: AsyncSession) -> TrainingRun | None:
    """The run that is queued or running, if there is one."""
    found: TrainingRun | None = await session.scalar(
        select(TrainingRun).where(TrainingRun.status.in_(ACTIVE))
    )
    return found


async def note_alive(session: AsyncSession, run_id: int) -> None:
    """The owner of the run is there still."""
    await session.execute(
        update(TrainingRun).where(TrainingRun.id == run_id).values(alive_at=utcnow())
    )


async def fail_interrupted(session: AsyncSession, run_id: int) -> None:
    """Mark a run that a dead program left behind as failed.

    Raises:
        RunNotActive: the run has ended already.
    """
    await finish(session, run_id, "failed", error="interrupted")


async def note_message(session: AsyncSession, run_id: int, message_id: int) -> None:
    """The message that follows the run is there."""
    await session.execute(
        update(TrainingRun)
        .where(TrainingRun.id == run_id, TrainingRun.chat_id.is_not(None))
        .values(message_id=message_id)
    )


async def note_told(session: AsyncSession, run_id: int) -> None:
    """The chat knows how the run ended."""
    await session.execute(
        update(TrainingRun)
        .where(TrainingRun.id == run_id)
        .values(chat_id=None, message_id=None, language=None)
    )


async def untold(session: AsyncSession) -> list[tuple[TrainingRun, int | None]]:
    """The runs of whose end their chat does not know, each with the version that it made."""
    rows = await session.execute(
        select(TrainingRun, ModelVersion.id)
        .join(ModelVersion, ModelVersion.training_run_id == TrainingRun.id, isouter=True)
        .where(TrainingRun.chat_id.is_not(None), TrainingRun.status.not_in(ACTIVE))
        .order_by(TrainingRun.id)
    )
    return [(run, version_id) for run, version_id in rows]


async def due_since(session: AsyncSession, every: int) -> datetime | None:
    """When so many ratings had been given since the last run began; None: they have not yet.

    However that run ended, its ratings are not new; nor is one that somebody has changed since.
    """
    last = select(func.max(TrainingRun.created_at)).scalar_subquery()
    return await session.scalar(
        select(Rating.created_at)
        .where(or_(last.is_(None), Rating.created_at > last))
        .order_by(Rating.created_at)
        .offset(every - 1)
        .limit(1)
    )


async def latest(session: AsyncSession, limit: int) -> list[TrainingRun]:
    """The last runs, newest first."""
    found = await session.scalars(select(TrainingRun).order_by(TrainingRun.id.desc()).limit(limit))
    return list(found)


async def _change(
    session: AsyncSession, run_id: int, expected: tuple[RunStatus, ...], **values: object
) -> None:
    changed = await session.scalar(
        update(TrainingRun)
        .where(TrainingRun.id == run_id, TrainingRun.status.in_(expected))
        .values(**values)
        .returning(TrainingRun.id)
    )
    if changed is None:
        raise RunNotActive(f"training run {run_id} is not {' or '.join(expected)}")
