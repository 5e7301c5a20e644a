"""Runs `python -m ml finetune` as a child process and believes nothing it says unchecked.

The child works at the lowest priority in a process group of its own, with none of the bot's
secrets in its environment, and on a leash (`bot/retrain/leash.py`): it does not outlive the bot.
Its standard error carries progress, one JSON object a line; the last line of its standard output is
the result.
"""

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from bot.retrain.scratch import CHILD_LOCK
from ml.learning.report import FinetuneReport
from ml.progress import STEP, Report

logger = logging.getLogger(__name__)

FINETUNE_COMMAND: Sequence[str] = (sys.executable, "-m", "ml", "finetune")

# Without site and environment it starts in ten milliseconds.
_LEASH = (sys.executable, "-I", "-S", str(Path(__file__).with_name("leash.py")))
_KILL_SECONDS = 5.0  # for the leash to kill the child

LINE_LIMIT = 64 * 1024  # bytes; the result is a few hundred, a progress line fewer
LOGGED_LINES = 50  # of what the child says besides progress; a traceback fits
LOGGED_CHARACTERS = 300  # of one such line
BAD_INPUT = 2  # the exit code with which the child says that the ratings or the base won't do

# What a Python program needs to start, and nothing that could be a secret.
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH")


class FailureCause(StrEnum):
    """Why a run gave no verdict on a new model; the value is how the database's row says it."""

    REFUSED = "the fine-tuning process refused what it was given"
    EXITED = "the fine-tuning process ended with an error"
    KILLED = "the fine-tuning process was killed"
    GARBLED = "the fine-tuning process gave an unreadable result"
    DAMAGED = "the new model file is damaged"
    TIMED_OUT = "the fine-tuning process took too long"
    FILES = "the working files could not be written or read"
    INTERRUPTED = "interrupted"  # by the sudden end of the bot
    INTERNAL = "an internal error"


class FinetuneError(Exception):
    """The child gave no usable result. `detail` is one short line for people, maybe empty."""

    def __init__(self, cause: FailureCause, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else str(cause))
        self.cause = cause
        self.detail = detail


async def run_finetune(
    base: Path,
    ratings: Path,
    out: Path,
    *,
    seed: int,
    on_progress: Report,
    command: Sequence[str] = FINETUNE_COMMAND,
    stop_grace: float = 5.0,
) -> FinetuneReport:
    """Fine-tune the model file `base` on the `ratings` file in a child process.

    The new model is at `out` when the report says it passed. `on_progress` is called for every
    line of progress. When this coroutine is cancelled the child's whole process group is asked to
    end, killed after `stop_grace` seconds, and gone when the cancellation arrives.

    Raises FinetuneError, and OSError when the child cannot be started.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    process = await asyncio.create_subprocess_exec(
        *(*_LEASH, str(out.parent / CHILD_LOCK)),
        *(*command, str(base)),
        *("--ratings", str(ratings), "--out", str(out), "--seed", str(seed)),
        *("--json", "--progress", "json"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=child_environment(os.environ, scratch=out.parent),
        process_group=0,  # Ctrl+C is meant for the bot, which then asks the child to end
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for with PIPE
        assert process.stderr is not None  # noqa: S101
        async with asyncio.TaskGroup() as readers:
            result = readers.create_task(_last_line(process.stdout))
            complaint = readers.create_task(_watch(process.stderr, on_progress))
        exit_code = await process.wait()
    finally:
        await _end(process, stop_grace)

    if exit_code < 0:
        raise FinetuneError(FailureCause.KILLED, _signal_name(-exit_code))
    if exit_code > 0:
        cause = FailureCause.REFUSED if exit_code == BAD_INPUT else FailureCause.EXITED
        sentence = complaint.result().removeprefix("error: ").replace(f"{out.parent}{os.sep}", "")
        raise FinetuneError(cause, sentence or f"exit code {exit_code}")
    try:
        return FinetuneReport.model_validate_json(result.result())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        detail = f"{where}: {first['msg']}" if where else first["msg"]
        raise FinetuneError(FailureCause.GARBLED, detail[:LOGGED_CHARACTERS]) from None


def child_environment(own: Mapping[str, str], *, scratch: Path) -> dict[str, str]:
    """The environment of the child: a short list of harmless variables from `own`, and its own.

    One thread is enough for a network this small, and leaves the other cores to the bot.
    """
    inherited = {name: own[name] for name in INHERITED_VARIABLES if name in own}
    return inherited | {
        "TMPDIR": str(scratch),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


async def bounded_lines(stream: asyncio.StreamReader, limit: int) -> AsyncIterator[bytes]:
    """The lines of `stream` without their ends; what a line has beyond `limit` bytes is dropped."""
    line = bytearray()
    while chunk := await stream.read(LINE_LIMIT):
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line += piece[: limit - len(line)]
            yield bytes(line)
            line.clear()
        line += rest[: limit - len(line)]
    if line:
        yield bytes(line)


async def _last_line(stdout: asyncio.StreamReader) -> bytes:
    last = b""
    async for line in bounded_lines(stdout, LINE_LIMIT):
        if line.strip():
            last = line
    return last


async def _watch(stderr: asyncio.StreamReader, on_progress: Report) -> str:
    """Report progress and log the rest; returns the last line of the rest, in short."""
    complaint = ""
    logged = 0
    async for line in bounded_lines(stderr, LINE_LIMIT):
        try:
            step = STEP.validate_json(line)
        except ValidationError:
            text = line.decode(errors="replace").strip()[:LOGGED_CHARACTERS]
            if not text:
                continue
            complaint = text
            logged += 1
            if logged <= LOGGED_LINES:
                logger.warning("finetune: %s", text)
            elif logged == LOGGED_LINES + 1:
                logger.warning("finetune says more than %d lines, the rest is left out", logged - 1)
        else:
            on_progress(step)
    return complaint


async def _end(process: asyncio.subprocess.Process, grace: float) -> None:
    """End the child and what it started: kindly first, then for certain."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(grace):
            await process.wait()
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_KILL_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
