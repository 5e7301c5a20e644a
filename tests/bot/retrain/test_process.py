"""The child process of a retrain: what it may do to the bot, which is nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retrain.process import (
    LOGGED_LINES,
    FailureCause,
    FinetuneError,
    bounded_lines,
    child_environment,
    run_finetune,
)
from bot.retrain.scratch import CHILD_LOCK, end_leftover
from ml.learning.report import FinetuneReport
from ml.progress import STEP, Step
from tests.bot.retrain import children


async def run(
    command: Sequence[str], folder: Path, seen: list[Step] | None = None
) -> FinetuneReport:
    base = folder / "base.safetensors"
    base.write_bytes(b"weights")
    ratings = folder / "ratings.jsonl"
    ratings.write_text('{"name": "Ева", "value": 1}\n', encoding="utf-8")
    return await run_finetune(
        base,
        ratings,
        folder / "new.safetensors",
        seed=7,
        on_progress=(seen if seen is not None else []).append,
        command=command,
    )


async def test_progress_is_reported_and_the_result_returned(tmp_path: Path) -> None:
    seen: list[Step] = []
    report = await run(children.succeeding(tmp_path, b"learnt"), tmp_path, seen)

    assert [(p.phase, p.done, p.total) for p in seen] == [
        ("prepare", 1, 1),
        ("train", 1, 2),
        ("train", 2, 2),
        ("gate", 3, 3),
    ]
    assert report.passed
    assert report.ratings.likes == 40
    assert report.gate.likelihood.limit == 0.03
    assert (tmp_path / "new.safetensors").read_bytes() == b"learnt"


async def test_a_rejection_is_a_result_and_not_a_failure(tmp_path: Path) -> None:
    report = await run(children.rejected(tmp_path), tmp_path)

    assert not report.passed
    assert not report.gate.like_rate.passed


async def test_a_crash_is_told_by_the_last_line_of_its_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = children.child(tmp_path, "raise ValueError('the ratings are malformed')")
    with pytest.raises(FinetuneError) as failure:
        await run(command, tmp_path)

    assert failure.value.cause is FailureCause.EXITED
    assert failure.value.detail == "ValueError: the ratings are malformed"
    assert "Traceback" in caplog.text


async def test_a_killed_child_is_a_failure(tmp_path: Path) -> None:
    command = children.child(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(FinetuneError) as failure:
        await run(command, tmp_path)

    assert failure.value.cause is FailureCause.KILLED
    assert failure.value.detail == "SIGKILL"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "print('done')",
        "print('[1, 2]')",
        "answer({'passed': True})",
        f"answer({children.report(seconds='soon')!r})",
        f"answer({children.report(gate={})!r})",
        f"answer({children.report(passed=True) | {'passed': False}!r})",
        f"answer({children.report()!r} | {{'seconds': float('nan')}})",
        f"answer({children.report()!r} | {{'after': {{'nats_per_symbol': float('nan')}}}})",
        "sys.stdout.buffer.write(b'\\xff\\xfe\\x00' * 100_000)",
        "print('{' * 5_000_000)",
    ],
)
async def test_an_unreadable_result_is_a_failure(tmp_path: Path, body: str) -> None:
    with pytest.raises(FinetuneError) as failure:
        await run(children.child(tmp_path, body), tmp_path)

    assert failure.value.cause is FailureCause.GARBLED
    assert len(str(failure.value)) < 500


async def test_noise_on_both_streams_does_not_hide_the_result(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    noise = f"""
print("x" * 3_000_000, file=sys.stderr)
for number in range(1000):
    print(f"warning {{number}}", file=sys.stderr)
    print("chatter")
progress("train", 9, 3)
progress("sing", 1, 1)
progress("train", 1, 0)
progress("train", -1, 2)
answer({children.report()!r})
print()
"""
    seen: list[Step] = []
    report = await run(children.child(tmp_path, noise), tmp_path, seen)

    assert report.passed
    assert [(p.phase, p.share) for p in seen] == [("train", 1.0), ("sing", 1.0)]
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == LOGGED_LINES + 1
    assert max(map(len, warnings)) < 400


async def test_a_program_that_is_not_there_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        await run([str(tmp_path / "nowhere")], tmp_path)


async def test_the_child_runs_at_low_priority_in_its_own_group_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:very-secret")
    monkeypatch.setenv("WEBHOOK_SECRET", "very-secret-too")
    await run(children.dumping(tmp_path), tmp_path)
    started = children.started_with(tmp_path)

    assert "very-secret" not in str(started)
    assert started["environment"]["OMP_NUM_THREADS"] == "1"
    assert started["nice"] == 19
    assert started["group"] == started["pid"] != os.getpgid(0)
    assert started["seed"] == 7


def test_the_environment_is_a_list_of_what_is_allowed() -> None:
    own = {"PATH": "/bin", "DATABASE_URL": "postgresql://user:password@host/db", "LANG": "C"}
    allowed = child_environment(own, scratch=Path("/scratch"))

    assert allowed["PATH"] == "/bin"
    assert allowed["TMPDIR"] == "/scratch"
    assert "DATABASE_URL" not in allowed


@pytest.mark.parametrize("deaf", [False, True])
async def test_a_cancelled_child_is_gone_when_the_cancellation_arrives(
    tmp_path: Path, deaf: bool
) -> None:
    at_work = asyncio.Event()
    command = children.waiting(tmp_path, deaf=deaf)
    task = asyncio.create_task(
        run_finetune(
            tmp_path / "base",
            tmp_path / "ratings",
            tmp_path / "new",
            seed=0,
            on_progress=lambda _: at_work.set(),
            command=command,
            stop_grace=0.05 if deaf else 5.0,
        )
    )
    await at_work.wait()
    pid = int((tmp_path / "child.pid").read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_children_of_the_child_are_ended_with_it(tmp_path: Path) -> None:
    # The grandchild holds the other end of a pipe: the end of the pipe means that it is dead.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    grandchild = f"import time; file = open({str(pipe)!r}, 'w'); time.sleep(1000)"
    command = children.child(
        tmp_path,
        f"""
import subprocess
subprocess.Popen([sys.executable, "-c", {grandchild!r}])
time.sleep(1000)
""",
    )
    task = asyncio.create_task(run(command, tmp_path))
    file = await asyncio.to_thread(pipe.open, "rb")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(file.read) == b""
    file.close()


LIFELINE = """
file = open({pipe!r}, "w")
file.write(f"{{os.getppid()}}\\n")
file.flush()
time.sleep(1000)
"""

BOT = """
import asyncio, sys
from pathlib import Path
from bot.retrain.process import run_finetune

folder = Path(sys.argv[1])
asyncio.run(run_finetune(folder / "base", folder / "ratings", folder / "new", seed=0,
                         on_progress=print, command=sys.argv[2:]))
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that a child holds open: its end means that the child is dead."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


async def test_the_child_does_not_outlive_a_bot_that_is_killed(tmp_path: Path, pipe: Path) -> None:
    command = children.child(tmp_path, LIFELINE.format(pipe=str(pipe)))
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BOT, str(tmp_path), *command)
    )
    file = await asyncio.to_thread(pipe.open, "rb")
    assert await asyncio.to_thread(file.readline)
    bot.kill()
    await bot.wait()
    assert await asyncio.to_thread(file.read) == b""
    file.close()


async def test_the_next_start_ends_a_child_whose_leash_is_gone(tmp_path: Path, pipe: Path) -> None:
    command = children.child(tmp_path, LIFELINE.format(pipe=str(pipe)))
    task = asyncio.create_task(run(command, tmp_path))
    file = await asyncio.to_thread(pipe.open, "rb")
    leash = int(await asyncio.to_thread(file.readline))
    child = int((tmp_path / CHILD_LOCK).read_text())
    os.kill(leash, signal.SIGKILL)
    os.kill(child, 0)

    await asyncio.to_thread(end_leftover, tmp_path)
    assert await asyncio.to_thread(file.read) == b""
    file.close()
    with pytest.raises(FinetuneError):
        await task


@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 20))
async def test_lines_are_what_split_gives_cut_to_the_limit(
    data: bytes, limit: int, piece: int
) -> None:
    stream = asyncio.StreamReader()
    for start in range(0, len(data), piece):
        stream.feed_data(data[start : start + piece])
    stream.feed_eof()
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()

    assert [line async for line in bounded_lines(stream, limit)] == [
        line[:limit] for line in expected
    ]


@given(st.binary() | st.text().map(str.encode))
def test_no_line_of_progress_breaks_the_parser(line: bytes) -> None:
    try:
        progress = STEP.validate_json(line)
    except ValueError:
        return
    assert 0 <= progress.share <= 1
