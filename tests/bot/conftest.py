"""What several tests of the bot begin with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db import Database
from db.migrate import upgrade


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database file with today's tables, without rows."""
    url = f"sqlite+aiosqlite:///{tmp_path}/imyarek.db"
    await upgrade(url)
    database = Database(url)
    yield database
    await database.close()
