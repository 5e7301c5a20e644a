"""What holds for every test."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, and no clock: a busy machine must not decide what passes.
settings.register_profile(
    "imyarek", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("imyarek")


@pytest.fixture
def _logging_restored() -> Iterator[None]:
    """For tests in which `bot.logs` sets up the logging of the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.setLevel(logging.NOTSET)
