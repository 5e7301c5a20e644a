"""The bot itself without its limit of 30 messages a second, which would be all one measured."""

from functools import partial
from unittest.mock import patch

from telegram.ext import AIORateLimiter

from bot.cli import app

if __name__ == "__main__":
    unlimited = partial(AIORateLimiter, overall_max_rate=0, group_max_rate=0)
    with patch("bot.app.AIORateLimiter", unlimited):
        app(["run"])
