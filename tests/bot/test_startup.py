"""What is loaded before the bot can answer: every module is time that people wait after a start."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        # The health check runs every half a minute.
        ("bot.cli", {"torch", "numpy", "telegram", "sqlalchemy", "aiohttp", "matplotlib"}),
        # Pictures, the playground and the lab are for those who ask for them.
        (
            "bot.serving",
            {"bot.playground", "matplotlib", "pandas", "scipy", "ml.training.trainer", "ml.lab"},
        ),
    ],
)
def test_what_is_seldom_used_is_loaded_when_it_is(module: str, unwanted: set[str]) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert module in loaded
    assert not unwanted & set(loaded)
