"""Whether the database takes writes."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Heartbeat, utcnow
from db.upsert import insert


async def beat(session: AsyncSession) -> None:
    """Write something: a full disk shows itself only then."""
    statement = insert(session, Heartbeat).values(id=1, beaten_at=utcnow())
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Heartbeat.id], set_={"beaten_at": statement.excluded.beaten_at}
        )
    )
