"""What is kept: models, engine, queries.

Every query function takes the session of one transaction first; the caller opens it::

    async with database.begin() as session:
        await users.remember(session, user_id, language_code="ru")
"""

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database, DatabaseUnavailable, trouble

__all__ = ["AsyncSession", "Database", "DatabaseUnavailable", "trouble"]
