"""The heartbeat: a file in which the running bot says how it is, and which `health` reads.

Times in it come from the monotonic clock, which all processes of a machine share and nobody sets.
The file is opened, and as long as it will ever be, at the start: a disk that is full later, or a
folder that is gone, does not silence the bot.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

STALE_SECONDS = 60.0
TELEGRAM_SECONDS = 30.0  # a request for updates takes ten
DATABASE_SECONDS = 120.0  # a write is tried every forty
BUSY_SECONDS = 300.0
_FILE_BYTES = 4096
_LONGEST_PROBLEM = 200
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Clock = Callable[[], float]


class Vital:
    """Something that the bot needs: when it last worked, and what was wrong since."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worked_at = clock()  # at first: since when it is waited for
        self.problem = ""

    def worked(self) -> None:
        """It works."""
        self.worked_at = self._clock()
        self.problem = ""

    def failed(self, problem: str) -> None:
        """It does not work."""
        self.problem = " ".join(problem.split()).rstrip(".")[:_LONGEST_PROBLEM] or "unknown"


@dataclass
class Vitals:
    """What the running bot knows of itself; ``redact`` strikes secrets out of it."""

    clock: Clock = time.monotonic
    redact: Callable[[str], str] = str
    telegram: Vital = field(init=False)
    database: Vital = field(init=False)

    def __post_init__(self) -> None:
        self.telegram = Vital(self.clock)
        self.database = Vital(self.clock)

    def to_json(self) -> dict[str, Any]:
        """What stands in the file."""
        return {
            "at": self.clock(),
            "boot": _boot_id(),
            **{
                name: {"at": vital.worked_at, "problem": self.redact(vital.problem)}
                for name, vital in (("telegram", self.telegram), ("database", self.database))
            },
        }


def heartbeat_files(database_url: str) -> list[Path]:
    """Where the bot with this database may leave its heartbeat, the best place first.

    Beside the file of the database; for a database elsewhere, or if that cannot be, among temporary
    files, or else in `data`. Two bots do not share one.
    """
    name = f"imyarek-{hashlib.sha256(database_url.encode()).hexdigest()[:16]}.heartbeat"
    scheme, _, path = database_url.partition(":///")
    beside = [Path(f"{path.partition('?')[0]}-heartbeat")] if scheme.startswith("sqlite") else []
    # Not tempfile's idea of the folder, for which it tries to write there.
    temporary = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108
    return [*beside, temporary / name, Path("data") / name]


@contextlib.asynccontextmanager
async def heart(files: list[Path], vitals: Vitals, seconds: float) -> AsyncIterator[None]:
    """The file is there as long as the block lasts, and written every so many ``seconds``."""
    opened = await asyncio.to_thread(_open_first, files)
    if opened is None:
        logger.warning("There is no place for a heartbeat: %s", ", ".join(map(str, files)))
        yield
        return
    file, descriptor = opened
    _write(descriptor, vitals)
    beating = asyncio.create_task(_beat(descriptor, vitals, seconds))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})
        os.close(descriptor)
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def _beat(descriptor: int, vitals: Vitals, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        # A few bytes into the memory of the operating system: not worth a thread.
        _write(descriptor, vitals)


async def keep_testing(
    vital: Vital,
    test: Callable[[], Awaitable[object]],
    *,
    every: float,
    again: float,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Try something out every so many seconds, sooner after a failure, until cancelled."""
    while True:
        try:
            await test()
        except Exception as error:
            vital.failed(str(error).partition("\n")[0] or type(error).__name__)
            await sleep(again)
        else:
            vital.worked()
            await sleep(every)


def ailment(
    files: list[Path], *, clock: Clock = time.monotonic, boot_id: Callable[[], str] | None = None
) -> str | None:
    """What is wrong with the bot, in one sentence; None when it is well."""
    said = _read_newest(files)
    if said is None or said["boot"] != (boot_id or _boot_id)():
        return "The bot is not running here."
    now = clock()
    if (age := now - said["at"]) > STALE_SECONDS:
        return f"The bot has not been seen alive for {age:.0f} seconds."
    telegram, database = said["telegram"], said["database"]
    if problem := database["problem"]:
        return f"The database takes no writes: {problem}."
    if (age := now - database["at"]) > DATABASE_SECONDS:
        return f"The database has taken no write for {age:.0f} seconds."
    age = now - telegram["at"]
    if (problem := telegram["problem"]) and age > TELEGRAM_SECONDS:
        return f"Telegram has not served the bot for {age:.0f} seconds: {problem}."
    if age > BUSY_SECONDS:
        return f"The bot has taken no update from Telegram for {age:.0f} seconds."
    return None


def _open_first(files: list[Path]) -> tuple[Path, int] | None:
    for file in files:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            os.pwrite(descriptor, b" " * _FILE_BYTES, 0)
            return file, descriptor
    return None


def _write(descriptor: int, vitals: Vitals) -> None:
    line = json.dumps(vitals.to_json(), ensure_ascii=False).encode()
    with contextlib.suppress(OSError):
        os.pwrite(descriptor, line.ljust(_FILE_BYTES), 0)


def _read_newest(files: list[Path]) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = []
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            found.append(json.loads(file.read_bytes()))
    return max(found, key=lambda said: said["at"], default=None)


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:  # another operating system
        return ""
