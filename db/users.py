"""People who talked to the bot."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User, utcnow
from db.upsert import insert


async def remember(session: AsyncSession, user_id: int, language_code: str | None) -> None:
    """Note that the user (a Telegram id) was here now; generations and ratings need the row."""
    now = utcnow()
    statement = insert(session, User).values(
        id=user_id, language_code=language_code, created_at=now, last_seen_at=now
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[User.id],
            set_={
                "language_code": statement.excluded.language_code,
                "last_seen_at": statement.excluded.last_seen_at,
            },
        )
    )


async def language_codes(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str | None]:
    """The language that the Telegram of each of these users speaks, as far as that is known."""
    rows = await session.execute(select(User.id, User.language_code).where(User.id.in_(user_ids)))
    return {row.id: row.language_code for row in rows}
