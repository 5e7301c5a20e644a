"""The bot itself without its limit of 30 messages a second, which would be all one measured."""

from bot.cli import app
from bot.pace import Pace

if __name__ == "__main__":
    app(["run"], obj=Pace(requests_a_second=0, group_requests_a_minute=0))
