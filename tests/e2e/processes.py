"""The bot as a process of its own."""

import asyncio
import os
import sys
from pathlib import Path

from bot.playground.standin import StandIn
from bot.settings import Settings
from tests.e2e.talk import TOKEN

Process = asyncio.subprocess.Process


async def start_bot(
    standin: StandIn, settings: Settings, model_file: Path, folder: Path, **environment: str
) -> Process:
    """`python -m bot run` against the stand-in, in `folder`; it logs all to its output."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env={
            **os.environ,
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": standin.url,
            "DATABASE_URL": settings.database_url,
            "MODEL_PATH": str(model_file),
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            **environment,
        },
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
