"""Run by Alembic: migrates over the connection it is given, or over one to DATABASE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from db.engine import create_engine
from db.models import Base


def migrate(connection: Connection) -> None:
    """Run the migrations that the Alembic command asks for, in the connection's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite changes a table by writing it anew
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        violations = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if violations:
            raise RuntimeError(f"the migration left {len(violations)} rows pointing at nothing")


async def connect_and_migrate() -> None:
    """For the `alembic` command line."""
    engine = create_engine(
        os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///data/imyarek.db"), foreign_keys=False
    )
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


given: Connection | None = context.config.attributes.get("connection")
if given is None:
    asyncio.run(connect_and_migrate())
else:
    migrate(given)
