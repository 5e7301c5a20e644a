"""Real databases: a SQLite file for every test, and PostgreSQL too where one is at hand.

TEST_POSTGRES_URL (``postgresql+asyncpg://...``) names an empty PostgreSQL database to run the
same tests on. What its schema ``public`` holds is destroyed.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db import Database
from db.engine import create_engine
from db.migrate import upgrade

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/data/imyarek.db"


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES_URL else [])])
async def empty_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return sqlite_url
    assert POSTGRES_URL is not None
    engine = create_engine(POSTGRES_URL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return POSTGRES_URL


@pytest.fixture
async def url(empty_url: str) -> str:
    """The URL of a database with today's tables, without rows."""
    await upgrade(empty_url)
    return empty_url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def neighbour(url: str) -> AsyncIterator[Database]:
    """The same database as another process sees it: through connections of its own."""
    database = Database(url)
    yield database
    await database.close()
