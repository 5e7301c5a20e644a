"""People who talked to the bot, and what they prefer."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import User, utcnow
from db.upsert import insert


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person can set for themselves, a column of ``users`` each; as long as they have not.

    ``by_taste``: whether their own ratings decide what they are shown.
    """

    by_taste: bool = True


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


async def preferences(session: AsyncSession, user_id: int) -> Preferences:
    """What the user set, or what holds for somebody unknown."""
    user = await session.execute(select(User.by_taste).where(User.id == user_id))
    row = user.one_or_none()
    return Preferences(*row) if row else Preferences()


async def put_preferences(session: AsyncSession, user_id: int, wanted: Preferences) -> None:
    """Let these be the preferences of a user, who must be known (`remember`)."""
    await session.execute(update(User).where(User.id == user_id).values(asdict(wanted)))
