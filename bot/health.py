"""The heartbeat: a file that the running bot touches, and whose age tells whether it is alive."""

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STALE_SECONDS = 60.0


def heartbeat_file(database_url: str) -> Path:
    """Where the bot with this database leaves its heartbeat: two bots do not share one."""
    digest = hashlib.sha256(database_url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"imyarek-{digest}.heartbeat"


async def keep_beating(file: Path, is_alive: Callable[[], bool], seconds: float) -> None:
    """Touch the file every so many ``seconds`` as long as the event loop turns and ``is_alive``
    says so; until cancelled.
    """
    try:
        while True:
            if is_alive():
                await asyncio.to_thread(file.touch)
            await asyncio.sleep(seconds)
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


def ailment(file: Path) -> str | None:
    """What is wrong with the bot, in one sentence; None when it is alive."""
    try:
        age = time.time() - file.stat().st_mtime
    except OSError:
        return "The bot is not running here."
    if age > STALE_SECONDS:
        return f"The bot has not been seen alive for {age:.0f} seconds."
    return None
