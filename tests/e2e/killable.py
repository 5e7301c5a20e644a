"""``python -m tests.e2e.killable COMMAND...``: the bot in a process of its own, fine-tuning by
COMMAND; for tests that kill it. The settings come from the environment.
"""

import asyncio
import sys

from bot.lifecycle import running
from bot.logs import configure_logging
from bot.pace import Pace
from bot.settings import load_settings


async def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format, settings.secrets())
    # Without Telegram's limits more is under way at each moment.
    pace = Pace(private_edits=0.05, requests_a_second=0, group_requests_a_minute=0, chat_burst=0)
    async with running(settings, pace, sys.argv[1:]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
