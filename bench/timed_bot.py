"""The unthrottled bot, which says at its end where time went: ``python -m bench.timed_bot run``.

It writes to the file that BENCH_SPLIT names, as one JSON object, seconds by part in all, and the
number of updates.
"""

import json
import os
import runpy
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

from telegram.ext import Application

from bot.sampling import Sampling
from bot.transport import AiohttpRequest
from db import AsyncSession, Database

_WARM_UP = 20  # updates that are not counted: everybody's first, and some more
_Open = Callable[[Database], AbstractAsyncContextManager[AsyncSession]]


def main() -> None:
    """Run until a signal comes."""
    seconds: dict[str, float] = defaultdict(float)
    warming_up = [True] * _WARM_UP

    def timed_session(part: str, open_session: _Open) -> _Open:
        @asynccontextmanager
        async def timed(database: Database) -> AsyncIterator[AsyncSession]:
            started = time.perf_counter()
            async with open_session(database) as session:
                yield session
            seconds[part] += time.perf_counter() - started

        return timed

    def timed_call(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        async def timed(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            result = await call(*arguments, **named)
            # Not the call that waits for updates.
            if part != "transport" or str(named.get("url")).endswith("/sendMessage"):
                seconds[part] += time.perf_counter() - started
            if part == "update":
                seconds["updates"] += 1
                if warming_up:
                    warming_up.pop()
                    seconds.clear()
            return result

        return timed

    for part, owner, method, timed in (
        ("reading", Database, "read", timed_session),
        ("reading", Database, "begin", timed_session),
        ("writing", Database, "begin_alone", timed_session),
        ("drawing", Sampling, "names", timed_call),
        ("transport", AiohttpRequest, "do_request", timed_call),
        ("update", Application, "process_update", timed_call),
    ):
        setattr(owner, method, timed(part, getattr(owner, method)))
    with suppress(SystemExit):
        runpy.run_module("bench.unthrottled_bot", run_name="__main__")
    Path(os.environ["BENCH_SPLIT"]).write_text(json.dumps(seconds))


if __name__ == "__main__":
    main()
