"""A run from its start to its end, with children that behave well and badly."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import model_store
from bot.retrain.process import FailureCause
from bot.retrain.retrainer import (
    STALE_SECONDS,
    Accepted,
    Cancelled,
    Failed,
    NotEnoughRatings,
    Outcome,
    Rejected,
    Retrainer,
    RunAlreadyActive,
    outcome_of,
    write_down,
)
from bot.retrain.scratch import PREFIX, remove_abandoned, scratch_directory
from db import Database, model_versions, training_runs
from db.models import ModelVersion, RatingValue, TrainingRun
from ml.learning.report import FinetuneReport
from ml.models.checkpoint import model_bytes
from ml.progress import Step
from ml.writing.generator import NameGenerator
from tests.bot.retrain import children
from tests.rated_names import rate_names
from tests.tiny_model import tiny_model

ADMIN = 11
LEARNT = model_bytes(tiny_model(2))


@dataclass
class Bot:
    """What surrounds the retrainer, as `bot.lifecycle` makes it."""

    database: Database
    generator: NameGenerator
    base: int
    folder: Path
    scratch: Path
    progress: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    at_work: asyncio.Event = field(default_factory=asyncio.Event)
    retrainers: list[Retrainer] = field(default_factory=list)

    def retrainer(
        self,
        command: Sequence[str],
        *,
        timeout: float = 60,
        scratch_root: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Retrainer:
        retrainer = Retrainer(
            self.database,
            self.generator,
            min_ratings=4,
            command=command,
            timeout=timeout,
            scratch_root=scratch_root or self.scratch,
            clock=clock,
        )
        self.retrainers.append(retrainer)
        return retrainer

    async def start(self, retrainer: Retrainer) -> None:
        await retrainer.start(ADMIN, self.on_progress, self.on_outcome)

    async def outcome(self, retrainer: Retrainer) -> Outcome:
        """Start a run and see it to its end."""
        self.told.clear()
        await self.start(retrainer)
        await self.told.wait()
        return self.outcomes[-1]

    def on_progress(self, progress: Step) -> None:
        self.progress.append(progress)
        self.at_work.set()

    async def on_outcome(self, outcome: Outcome) -> bool:
        self.outcomes.append(outcome)
        self.told.set()
        return True

    async def execute(self, statement: str) -> None:
        async with self.database.begin() as session:
            await session.execute(text(statement))

    async def run(self) -> TrainingRun:
        """The last run as the database has it."""
        async with self.database.read() as session:
            return (await training_runs.latest(session, 1))[0]

    async def versions(self) -> list[ModelVersion]:
        async with self.database.read() as session:
            return [each.version for each in await model_versions.list_statistics(session)]

    async def assert_the_old_model_serves(self) -> None:
        assert self.generator.version == self.base
        assert [(v.id, v.is_current) for v in await self.versions()] == [(self.base, True)]
        assert not list(self.scratch.iterdir())

    def child_pid(self) -> int:
        return int((self.folder / "child.pid").read_text())


@pytest.fixture
async def empty_bot(database: Database, tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot whose names nobody has rated."""
    shipped = tmp_path / "shipped.safetensors"
    await asyncio.to_thread(shipped.write_bytes, model_bytes(tiny_model(1)))
    _, base = await model_store.open_current(database, shipped)
    scratch = tmp_path / "scratch"
    await asyncio.to_thread(scratch.mkdir)
    bot = Bot(database, NameGenerator(tiny_model(1), base), base, tmp_path, scratch)
    yield bot
    for retrainer in bot.retrainers:
        await retrainer.close(15)


@pytest.fixture
async def bot(empty_bot: Bot) -> Bot:
    """A bot with four likes and two dislikes."""
    await rate_names(empty_bot.database, empty_bot.base, ADMIN, (1, 1, 1, 1, -1, -1))
    return empty_bot


async def test_a_model_that_passes_serves_at_once(bot: Bot) -> None:
    outcome = await bot.outcome(bot.retrainer(children.succeeding(bot.folder, LEARNT)))

    assert isinstance(outcome, Accepted)
    assert outcome.base == bot.base
    assert bot.generator.version == outcome.version
    assert [p.phase for p in bot.progress] == ["prepare", "train", "train", "gate"]
    old, new = await bot.versions()
    assert (old.is_current, new.is_current) == (False, True)
    assert (new.source, new.parent_id, new.id) == ("retrain", bot.base, outcome.version)
    run = await bot.run()
    assert (run.status, run.requested_by, run.ratings_count) == ("succeeded", ADMIN, 6)
    assert run.metrics is not None
    assert run.metrics["gate"]["like_rate"] == {
        "passed": True,
        "before": 0.3,
        "after": 0.45,
        "limit": None,
        "low": 0.35,
        "high": 0.55,
        "effective": 40.0,
        "probability": 0.998,
    }
    assert not list(bot.scratch.iterdir())


async def test_the_accepted_model_is_there_after_a_restart(bot: Bot) -> None:
    outcome = await bot.outcome(bot.retrainer(children.succeeding(bot.folder, LEARNT)))
    model, version = await model_store.open_current(
        bot.database, bot.folder / "shipped.safetensors"
    )

    assert isinstance(outcome, Accepted)
    assert version == outcome.version
    assert model_bytes(model) == LEARNT


async def test_a_rejected_model_leaves_the_old_one(bot: Bot) -> None:
    outcome = await bot.outcome(bot.retrainer(children.rejected(bot.folder)))

    assert isinstance(outcome, Rejected)
    run = await bot.run()
    assert run.status == "rejected"
    assert run.metrics is not None
    assert not run.metrics["gate"]["like_rate"]["passed"]
    await bot.assert_the_old_model_serves()


@pytest.mark.parametrize(
    ("body", "cause", "error"),
    [
        ("raise ValueError('bad ratings')", FailureCause.EXITED, "ValueError: bad ratings"),
        ("sys.exit('disk full')", FailureCause.EXITED, "disk full"),
        (
            "print('error: ' + args.ratings + ': no names', file=sys.stderr)\nsys.exit(2)",
            FailureCause.REFUSED,
            ": ratings.jsonl: no names",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", FailureCause.KILLED, "SIGKILL"),
        ("print('{}')", FailureCause.GARBLED, "passed"),
        (f"answer({children.report()!r})", FailureCause.DAMAGED, ""),
        (
            "shutil.copyfile(args.ratings, args.out)\n" + f"answer({children.report()!r})",
            FailureCause.DAMAGED,
            "damaged",
        ),
        (
            "open(args.out, 'wb').write(open(args.base, 'rb').read()[:-9])\n"
            + f"answer({children.report()!r})",
            FailureCause.DAMAGED,
            "damaged",
        ),
    ],
)
async def test_a_failed_run_leaves_the_old_model(
    bot: Bot, body: str, cause: FailureCause, error: str
) -> None:
    outcome = await bot.outcome(bot.retrainer(children.child(bot.folder, body)))

    assert isinstance(outcome, Failed)
    assert outcome.cause is cause
    run = await bot.run()
    assert run.status == "failed"
    assert run.error is not None
    assert run.error.startswith(cause)
    assert error in run.error
    assert str(bot.scratch) not in run.error
    await bot.assert_the_old_model_serves()


async def test_a_child_killed_while_it_works_is_a_failed_run(bot: Bot) -> None:
    await bot.start(bot.retrainer(children.waiting(bot.folder)))
    await bot.at_work.wait()
    os.kill(bot.child_pid(), signal.SIGKILL)
    await bot.told.wait()

    assert bot.outcomes == [Failed(FailureCause.KILLED, "SIGKILL")]
    assert (await bot.run()).status == "failed"
    await bot.assert_the_old_model_serves()


async def test_after_a_failure_the_next_run_succeeds(bot: Bot) -> None:
    await bot.outcome(bot.retrainer(children.child(bot.folder, "sys.exit(1)")))
    outcome = await bot.outcome(bot.retrainer(children.succeeding(bot.folder, LEARNT)))

    assert isinstance(outcome, Accepted)


async def test_a_run_that_takes_too_long_fails(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder), timeout=0.5)
    assert await bot.outcome(retrainer) == Failed(FailureCause.TIMED_OUT)
    await bot.assert_the_old_model_serves()


async def test_no_room_for_the_working_files_is_a_failure(bot: Bot) -> None:
    retrainer = bot.retrainer(
        children.rejected(bot.folder), scratch_root=bot.folder / "no" / "such" / "folder"
    )
    outcome = await bot.outcome(retrainer)

    assert isinstance(outcome, Failed)
    assert outcome.cause is FailureCause.FILES
    assert (await bot.run()).status == "failed"


async def test_cancel_ends_the_child_and_the_run(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder))
    await bot.start(retrainer)
    await bot.at_work.wait()
    assert retrainer.active

    assert retrainer.cancel()
    assert retrainer.cancel()
    await bot.told.wait()
    assert bot.outcomes == [Cancelled(bot_stopped=False)]
    assert (await bot.run()).status == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(bot.child_pid(), 0)
    await bot.assert_the_old_model_serves()
    assert not retrainer.active
    assert not retrainer.cancel()


async def test_a_run_can_be_cancelled_before_its_child_is_born(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder))
    await bot.start(retrainer)
    assert retrainer.cancel()
    await bot.told.wait()

    assert (await bot.run()).status == "cancelled"
    await bot.assert_the_old_model_serves()


async def test_the_end_of_the_bot_ends_the_run(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder))
    await bot.start(retrainer)
    await bot.at_work.wait()
    await retrainer.close(15)

    assert bot.outcomes == [Cancelled(bot_stopped=True)]
    run = await bot.run()
    assert (run.status, run.error) == ("cancelled", "the bot was stopped")
    with pytest.raises(ProcessLookupError):
        os.kill(bot.child_pid(), 0)


async def test_the_database_refuses_a_second_run(bot: Bot) -> None:
    first = bot.retrainer(children.waiting(bot.folder))
    await bot.start(first)
    with pytest.raises(RunAlreadyActive):
        await bot.start(first)
    # As another copy of the bot would find it.
    with pytest.raises(RunAlreadyActive):
        await bot.start(bot.retrainer(children.rejected(bot.folder)))

    first.cancel()
    await bot.told.wait()
    assert len(bot.outcomes) == 1


async def test_of_many_starts_at_once_one_wins(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder))
    results = await asyncio.gather(
        *(bot.start(retrainer) for _ in range(5)), return_exceptions=True
    )

    assert sorted(map(type, results), key=str) == sorted(
        [type(None), *[RunAlreadyActive] * 4], key=str
    )


@pytest.mark.parametrize("values", [[], [1, -1, 1], [1, 1, 1, 1, 1], [-1, -1, -1, -1]])
async def test_too_little_to_learn_from_starts_nothing(
    empty_bot: Bot, values: list[RatingValue]
) -> None:
    if values:
        await rate_names(empty_bot.database, empty_bot.base, ADMIN, values)
    with pytest.raises(NotEnoughRatings) as refusal:
        await empty_bot.start(empty_bot.retrainer(children.rejected(empty_bot.folder)))

    assert refusal.value.counts.total == len(values)
    assert refusal.value.needed == 4
    async with empty_bot.database.read() as session:
        assert await training_runs.latest(session, 1) == []


async def test_the_child_gets_every_rating_and_no_secret(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret")
    await bot.outcome(bot.retrainer(children.dumping(bot.folder)))
    started = children.started_with(bot.folder)

    assert "very-secret" not in str(started)
    assert started["nice"] == 19
    assert started["mode"] == 0o700
    assert started["seed"] == (await bot.run()).seed
    assert [rating["value"] for rating in started["ratings"]] == [1, 1, 1, 1, -1, -1]
    rating = started["ratings"][0]
    since, at = rating.pop("since"), rating.pop("at")
    assert datetime.fromisoformat(since) <= datetime.fromisoformat(at)
    assert rating == {
        "chosen": "model",
        "name": "Ева",
        "value": 1,
        "user": ADMIN,
        "gender": "f",
        "prefix": "",
        "kind": "given",
        "origin": "russian",
        "version": (await bot.run()).base_version_id,
        "log_prob": -9.5,
    }


async def test_a_database_that_fails_at_the_end_costs_the_run_and_nothing_else(bot: Bot) -> None:
    retrainer = bot.retrainer(children.waiting(bot.folder))
    await bot.start(retrainer)
    await bot.at_work.wait()
    await bot.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON training_runs"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    retrainer.cancel()
    await bot.told.wait()
    assert (await bot.run()).status == "running"

    # The next start writes down first what the database missed.
    await bot.execute("DROP TRIGGER full")
    bot.at_work.clear()
    await bot.start(retrainer)
    async with bot.database.read() as session:
        statuses = [run.status for run in await training_runs.latest(session, 2)]
    assert statuses[1] == "cancelled"
    assert statuses[0] in ("queued", "running")


async def test_a_model_that_cannot_be_stored_does_not_serve(bot: Bot) -> None:
    # The last step of the transaction: the weights have been written already.
    await bot.execute(
        "CREATE TRIGGER full AFTER INSERT ON model_versions"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    outcome = await bot.outcome(bot.retrainer(children.succeeding(bot.folder, LEARNT)))

    assert outcome == Failed(FailureCause.INTERNAL, "IntegrityError")
    assert (await bot.run()).status == "failed"
    await bot.assert_the_old_model_serves()


async def test_an_outcome_that_cannot_be_told_is_still_written_down(bot: Bot) -> None:
    told = asyncio.Event()

    async def fail(_: Outcome) -> bool:
        told.set()
        raise ConnectionError("no network")

    retrainer = bot.retrainer(children.rejected(bot.folder))
    await retrainer.start(ADMIN, bot.on_progress, fail)
    await told.wait()
    assert (await bot.run()).status == "rejected"
    assert not retrainer.active


@pytest.mark.parametrize("told", [True, False])
async def test_an_outcome_that_was_not_told_is_left_to_be_told(bot: Bot, told: bool) -> None:
    async def tell(_: Outcome) -> bool:
        assert retrainer.followed == {run_id}
        return told

    retrainer = bot.retrainer(children.rejected(bot.folder))
    retrainer.untold.clear()
    run_id = await retrainer.start(ADMIN, bot.on_progress, tell, chat_id=ADMIN, language="ru")
    await retrainer.untold.wait()
    assert not retrainer.followed
    async with bot.database.read() as session:
        left = await training_runs.untold(session)
    assert [run.id for run, _ in left] == ([] if told else [run_id])


async def test_what_a_killed_bot_left_behind_is_cleaned_up(bot: Bot) -> None:
    abandoned = bot.scratch / f"{PREFIX}dead"
    await asyncio.to_thread(abandoned.mkdir)
    async with bot.database.begin() as session:
        await training_runs.start(
            session, requested_by=ADMIN, base_version_id=bot.base, ratings_count=6, seed=0
        )
    retrainer = bot.retrainer(children.succeeding(bot.folder, LEARNT))
    assert await retrainer.look_after()

    run = await bot.run()
    assert (run.status, run.error) == ("failed", "interrupted")
    assert not abandoned.exists()
    assert isinstance(await bot.outcome(retrainer), Accepted)


async def test_a_second_bot_leaves_the_run_of_the_first_alone(bot: Bot) -> None:
    first, second = (bot.retrainer(children.waiting(bot.folder)) for _ in range(2))
    await bot.start(first)
    await bot.at_work.wait()
    assert not await second.look_after()
    with pytest.raises(RunAlreadyActive):
        await bot.start(second)

    assert (await bot.run()).status == "running"
    os.kill(bot.child_pid(), 0)
    first.cancel()
    await bot.told.wait()


async def test_a_run_on_another_machine_lives_as_long_as_it_shows_it(bot: Bot) -> None:
    now = 0.0
    run_elsewhere = bot.retrainer(children.waiting(bot.folder))
    await bot.start(run_elsewhere)
    await bot.at_work.wait()
    other_folder = bot.folder / "of another machine"
    await asyncio.to_thread(other_folder.mkdir)
    watching = bot.retrainer([], scratch_root=other_folder, clock=lambda: now)
    for _ in range(3):
        assert not await watching.look_after()
        now += STALE_SECONDS - 1
        await run_elsewhere.look_after()
    assert (await bot.run()).status == "running"

    assert not await watching.look_after()
    now += STALE_SECONDS + 1
    assert await watching.look_after()
    assert (await bot.run()).status == "failed"
    run_elsewhere.cancel()
    await bot.told.wait()
    assert (await bot.run()).error == "interrupted"


@pytest.mark.parametrize(
    "outcome",
    [
        Rejected(FinetuneReport.model_validate(children.report(passed=False))),
        Failed(FailureCause.REFUSED, "ratings.jsonl: no: names"),
        Failed(FailureCause.INTERRUPTED),
        Cancelled(bot_stopped=True),
        Cancelled(bot_stopped=False),
    ],
)
async def test_the_row_of_a_run_says_how_it_ended(
    bot: Bot, outcome: Rejected | Failed | Cancelled
) -> None:
    async with bot.database.begin() as session:
        run = await training_runs.start(
            session, requested_by=ADMIN, base_version_id=bot.base, ratings_count=6, seed=0
        )
        await write_down(session, run.id, outcome)
    assert outcome_of(await bot.run(), None) == outcome


def test_only_abandoned_directories_are_removed(tmp_path: Path) -> None:
    abandoned = tmp_path / f"{PREFIX}dead"
    abandoned.mkdir()
    (abandoned / "base.safetensors").write_bytes(b"weights")
    unrelated = tmp_path / "unrelated"
    unrelated.mkdir()
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(unrelated)
    with scratch_directory(tmp_path) as used:
        assert used.stat().st_mode & 0o777 == 0o700
        assert remove_abandoned(tmp_path) == 1
        assert sorted(tmp_path.iterdir()) == sorted([used, unrelated, link])
    assert not used.exists()
