"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy apart."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Base


def insert(session: AsyncSession, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into ``table`` that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``,
    for the database of the session.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
