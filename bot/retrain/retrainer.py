"""Learning from the ratings while the bot goes on answering; one run at a time."""

import asyncio
import contextlib
import errno
import logging
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from bot.model_store import read_model_file, sha256
from bot.retrain.process import FINETUNE_COMMAND, FailureCause, FinetuneError, run_finetune
from bot.retrain.scratch import is_abandoned, remove_abandoned, scratch_directory
from db import AsyncSession, model_versions, ratings, training_runs
from db.engine import Database
from db.models import TrainingRun
from db.ratings import ExportedRating, RatingCounts
from db.training_runs import RunAlreadyActive, RunNotActive
from ml.errors import ModelFileError
from ml.learning.ratings import Rating, write_ratings
from ml.learning.report import FinetuneReport
from ml.models.model import NameModel
from ml.progress import Report
from ml.writing.generator import NameGenerator

__all__ = [
    "Accepted",
    "Cancelled",
    "Failed",
    "NotEnoughRatings",
    "Outcome",
    "Rejected",
    "Retrainer",
    "RunAlreadyActive",
]

logger = logging.getLogger(__name__)

BASE, RATINGS = "base.safetensors", "ratings.jsonl"  # what the child is given
STALE_SECONDS = 20.0  # without a sign of life, after which a run elsewhere is taken for dead


class NotEnoughRatings(Exception):
    """There is too little to learn from: fewer ratings than needed, or all of them alike."""

    def __init__(self, counts: RatingCounts, needed: int) -> None:
        super().__init__(f"{counts.likes} likes and {counts.dislikes} dislikes of {needed} needed")
        self.counts = counts
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Accepted:
    """The new model passed the gate and serves as `version`, made from `base`."""

    report: FinetuneReport
    version: int
    base: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The new model did not pass the gate; the old one serves."""

    report: FinetuneReport


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no new model; the old one serves. `detail` is for people, in one line."""

    cause: FailureCause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An admin stopped the run, or the bot itself was stopped; the old model serves."""

    bot_stopped: bool


Outcome: TypeAlias = Accepted | Rejected | Failed | Cancelled


@dataclass(frozen=True, slots=True)
class _NewModel:
    content: bytes  # of its file
    model: NameModel


_Learnt: TypeAlias = tuple[FinetuneReport, _NewModel | None]


@dataclass(slots=True)
class _Run:
    """The run under way; `learning` is the part of it that can be cancelled.

    `folder` is its scratch directory, which shows other bots of this machine that its owner lives;
    `open` closes it.
    """

    row: TrainingRun
    folder: Path | OSError
    open: ExitStack
    cancelled: bool = False
    learning: asyncio.Task[_Learnt] | None = None


@dataclass(frozen=True, slots=True)
class _Sign:
    """The last sign of life of a run elsewhere, and when it was seen first, on our clock."""

    run_id: int
    alive_at: datetime | None
    seen: float = field(compare=False)


class Retrainer:
    """Owns the one run there may be, from `/retrain` until its outcome is told.

    `command` is the command line of fine-tuning without its arguments, `timeout` the seconds it
    may take, `stop_grace` the seconds it has between being asked to stop and being killed;
    `scratch_root` is where its temporary directory is made, by default the system's. `clock` counts
    seconds.

    Hold `model_lock` to change the model that serves: the version that is current in the database
    and the one in `generator` then change together. `adopted` is set when a run has changed it;
    `untold` while there may be runs of whose end their chat has not heard.
    """

    def __init__(
        self,
        database: Database,
        generator: NameGenerator,
        *,
        min_ratings: int,
        command: Sequence[str] = FINETUNE_COMMAND,
        timeout: float = 30 * 60,
        stop_grace: float = 5.0,
        scratch_root: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model_lock = asyncio.Lock()
        self.adopted = asyncio.Event()
        self.untold = asyncio.Event()
        self.untold.set()  # in a former life
        self._database = database
        self._generator = generator
        self._min_ratings = min_ratings
        self._command = command
        self._timeout = timeout
        self._stop_grace = stop_grace
        self._scratch_root = scratch_root
        self._clock = clock
        self._run: _Run | None = None
        # By the numbers of their runs; an outcome may take long to tell.
        self._following: dict[int, asyncio.Task[None]] = {}
        self._bot_stopped = False
        self._last_sign: _Sign | None = None
        # A run whose end the database did not take, which would look active for ever.
        self._unrecorded: tuple[int, Rejected | Failed | Cancelled] | None = None

    async def look_after(self) -> bool:
        """Give the sign of life of our run, or end what a dead bot left: its run, its child, its
        files. Whether there was such a run. For the start, and every few seconds from then on.

        Whose bot lives, on this machine or another, has nothing to fear.
        """
        async with self._database.read() as session:
            active = await training_runs.active(session)
        if self._run is not None and active is not None and active.id == self._run.row.id:
            async with self._database.begin() as session:
                await training_runs.note_alive(session, active.id)
            return False
        root = self._root()
        abandoned = active is not None and await asyncio.to_thread(self._is_abandoned, active, root)
        if root is not None:
            await asyncio.to_thread(remove_abandoned, root)
        if active is None or not abandoned:
            return False
        async with self._database.begin() as session:
            with contextlib.suppress(RunNotActive):
                await training_runs.fail_interrupted(session, active.id)
        logger.warning("Training run %d was interrupted by the end of its bot", active.id)
        self.untold.set()
        return True

    def _is_abandoned(self, run: TrainingRun, root: Path | None) -> bool:
        """Whether the bot whose run it is has died."""
        if run.scratch is None:
            return True
        dead = is_abandoned(root / run.scratch) if root is not None else None
        if dead is not None:
            return dead
        sign = _Sign(run.id, run.alive_at, self._clock())
        if self._last_sign != sign:
            self._last_sign = sign
        return sign.seen - self._last_sign.seen > STALE_SECONDS

    def _root(self) -> Path | None:
        """Where scratch directories are; None when there is no temporary folder."""
        try:
            return self._scratch_root or Path(tempfile.gettempdir())
        except FileNotFoundError:
            return None

    @property
    def active(self) -> bool:
        """Whether a run of this process has yet to end."""
        return self._run is not None

    @property
    def followed(self) -> frozenset[int]:
        """The runs of this process that have yet to end, or are telling how they did."""
        return frozenset(self._following)

    async def start(
        self,
        requested_by: int | None,
        on_progress: Report,
        on_outcome: Callable[[Outcome], Awaitable[bool]],
        *,
        chat_id: int | None = None,
        language: str | None = None,
    ) -> int:
        """Begin a run and return its number; the rest happens in the background.

        `on_progress` is called often and must not block. `on_outcome` is called once, when the
        database knows how the run ended and the model that then serves does so; it returns whether
        that was told. Until it was, the run is among `db.training_runs.untold`, with its chat and
        language. `requested_by` is None for a run that the bot begins by itself.

        Raises:
            RunAlreadyActive: another run has yet to end; the database decides.
            NotEnoughRatings: fewer ratings than `min_ratings`, or only likes, or only dislikes.
        """
        await self._record()
        await self.look_after()
        with ExitStack() as stack:
            folder = self._open_scratch(stack)
            async with self._database.begin() as session:
                counts = await ratings.count(session)
                if counts.total < self._min_ratings or not counts.likes or not counts.dislikes:
                    raise NotEnoughRatings(counts, self._min_ratings)
                base = await model_versions.current(session)
                if base is None:
                    raise model_versions.UnknownModelVersion("no model version is current")
                row = await training_runs.start(
                    session,
                    requested_by=requested_by,
                    base_version_id=base.id,
                    ratings_count=counts.total,
                    seed=secrets.randbits(31),
                    scratch=folder.name if isinstance(folder, Path) else None,
                    chat_id=chat_id,
                    language=language,
                )
            self._run = _Run(row, folder, stack.pop_all())
        following = asyncio.create_task(self._follow(self._run, on_progress, on_outcome))
        self._following[row.id] = following
        following.add_done_callback(lambda _: self._leave_alone(row.id))
        logger.info("Training run %d begins with %d ratings", row.id, counts.total)
        return row.id

    def _open_scratch(self, stack: ExitStack) -> Path | OSError:
        """The scratch directory of a run; or why there is none, which is the end of the run."""
        if (root := self._root()) is None:
            return FileNotFoundError(errno.ENOENT, "no temporary folder")
        try:
            return stack.enter_context(scratch_directory(root))
        except OSError as error:
            return error

    def cancel(self) -> bool:
        """Stop the run; False when there is none or its verdict is there already."""
        run = self._run
        if run is None or (run.learning is not None and run.learning.done()):
            return False
        # A second cancellation would break into the ending of the child.
        if run.learning is not None and not run.cancelled:
            run.learning.cancel()
        run.cancelled = True
        return True

    async def close(self, seconds: float) -> None:
        """Stop the run, if there is one, and give it so long to write that down and tell it."""
        self._bot_stopped = True
        self.cancel()
        if self._following:
            _, late = await asyncio.wait(self._following.values(), timeout=seconds)
            for following in late:
                following.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _follow(
        self,
        run: _Run,
        on_progress: Report,
        on_outcome: Callable[[Outcome], Awaitable[bool]],
    ) -> None:
        """See a run to its end, whatever happens on the way."""
        outcome = await self._conclude(run, on_progress)
        logger.info("Training run %d ends: %s", run.row.id, type(outcome).__name__.lower())
        if not isinstance(outcome, Accepted):
            self._unrecorded = (run.row.id, outcome)
            try:
                await self._record()
            except Exception:
                logger.exception("The end of training run %d is not written down yet", run.row.id)
        run.open.close()
        if self._run is run:
            self._run = None
        try:
            if await on_outcome(outcome):
                async with self._database.begin() as session:
                    await training_runs.note_told(session, run.row.id)
        except Exception:
            logger.exception("The outcome of training run %d could not be told", run.row.id)

    def _leave_alone(self, run_id: int) -> None:
        """From now on it is for others to tell how the run ended, if that is not known yet."""
        del self._following[run_id]
        self.untold.set()

    async def _conclude(self, run: _Run, on_progress: Report) -> Outcome:
        try:
            report, new = await self._learn(run, on_progress)
            if new is None:
                return Rejected(report)
            return await self._adopt(run.row, report, new)
        except asyncio.CancelledError:
            return Cancelled(self._bot_stopped)
        except FinetuneError as error:
            return Failed(error.cause, error.detail)
        except Exception as error:
            logger.exception("Training run %d failed", run.row.id)
            return Failed(FailureCause.INTERNAL, type(error).__name__)

    async def _learn(self, run: _Run, on_progress: Report) -> _Learnt:
        """What the child found out, and the new model if it passed.

        Only work with files and the child is ever cancelled: to break into a transaction would
        leave the database locked for a while.

        Raises FinetuneError, and whatever the database raises.
        """
        async with self._database.begin() as session:
            await training_runs.mark_running(session, run.row.id)
        try:
            if isinstance(run.folder, OSError):
                raise run.folder
            await self._write_down(run.row.base_version_id, run.folder)
            run.learning = asyncio.create_task(self._train(run.row, run.folder, on_progress))
            if run.cancelled:
                run.learning.cancel()
            return await run.learning
        except OSError as error:
            raise FinetuneError(FailureCause.FILES, error.strerror or "") from error

    async def _write_down(self, base_version: int, folder: Path) -> None:
        """The files that the child reads, a few ratings at a time: there may be very many."""
        async with self._database.read() as session:
            base = await model_versions.weights(session, base_version)
        await asyncio.to_thread((folder / BASE).write_bytes, base)
        async with self._database.read() as session:
            async for page in ratings.export_pages(session):
                some = [as_rating(rated) for rated in page]
                await asyncio.to_thread(write_ratings, some, folder / RATINGS, append=True)

    async def _train(self, run: TrainingRun, folder: Path, on_progress: Report) -> _Learnt:
        new = folder / "new.safetensors"
        try:
            async with asyncio.timeout(self._timeout):
                report = await run_finetune(
                    folder / BASE,
                    folder / RATINGS,
                    new,
                    seed=run.seed,
                    on_progress=on_progress,
                    command=self._command,
                    stop_grace=self._stop_grace,
                )
        except TimeoutError:
            raise FinetuneError(FailureCause.TIMED_OUT) from None
        if not report.passed:
            return report, None
        try:
            return report, _NewModel(*await asyncio.to_thread(read_model_file, new))
        except ModelFileError as error:
            detail = str(error).removeprefix(f"{new}: ")
            raise FinetuneError(FailureCause.DAMAGED, detail) from error

    async def _adopt(self, run: TrainingRun, report: FinetuneReport, new: _NewModel) -> Accepted:
        async with self.model_lock:
            async with self._database.begin() as session:
                version = await training_runs.succeed(
                    session,
                    run.id,
                    weights=new.content,
                    sha256=sha256(new.content),
                    metrics=report.model_dump(mode="json"),
                )
            self._generator.swap(new.model, version.id)
        self.adopted.set()
        return Accepted(report, version.id, run.base_version_id)

    async def _record(self) -> None:
        """Write down how the last run ended, unless that is done."""
        if self._unrecorded is None:
            return
        async with self._database.begin() as session:
            # Another bot may have taken the run for interrupted meanwhile.
            with contextlib.suppress(RunNotActive):
                await write_down(session, *self._unrecorded)
        self._unrecorded = None


def as_rating(rated: ExportedRating) -> Rating:
    """A rating of the database as `ml` learns from it."""
    return Rating.model_validate(rated, from_attributes=True)


async def write_down(
    session: AsyncSession, run_id: int, outcome: Rejected | Failed | Cancelled
) -> None:
    """The end of a run without a new model, so that `outcome_of` can read it.

    Raises RunNotActive: the run has ended already.
    """
    match outcome:
        case Rejected(report):
            metrics = report.model_dump(mode="json")
            await training_runs.finish(session, run_id, "rejected", metrics=metrics)
        case Failed(cause, detail):
            reason = f"{cause}: {detail}" if detail else str(cause)
            await training_runs.finish(session, run_id, "failed", error=reason)
        case Cancelled(bot_stopped):
            why = "the bot was stopped" if bot_stopped else None
            await training_runs.finish(session, run_id, "cancelled", error=why)


def outcome_of(run: TrainingRun, version: int | None) -> Outcome:
    """How a run of former days ended, by its row and the number of the version that it made.

    Raises ValidationError: its figures are those of another version of this program.
    """
    match run.status:
        case "succeeded":
            report = FinetuneReport.model_validate(run.metrics)
            return Accepted(report, version or run.base_version_id, run.base_version_id)
        case "rejected":
            return Rejected(FinetuneReport.model_validate(run.metrics))
        case "cancelled":
            return Cancelled(bot_stopped=run.error is not None)
        case _:
            cause, _, detail = (run.error or "").partition(": ")
            known = cause in set(FailureCause)
            return Failed(FailureCause(cause), detail) if known else Failed(FailureCause.INTERNAL)
