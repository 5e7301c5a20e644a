"""The bot itself without any limits, which would be all one measured."""

import os

from bot.cli import app
from bot.pace import Pace

if __name__ == "__main__":
    os.environ |= {"PERSON_LIMIT": "0", "GROUP_LIMIT": "0"}
    app(["run"], obj=Pace(requests_a_second=0, group_requests_a_minute=0, chat_burst=0))
