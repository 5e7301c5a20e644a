"""Names that were shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Gender, Generation, NameStatus


class UnknownGeneration(LookupError):
    """There is no generation with this id."""


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """A name as the sampler made it; ``log_prob`` in nats, ``status``: what is known of it."""

    name: str
    kind: str
    gender: Gender | None
    origin: str
    status: NameStatus
    log_prob: float


async def add(
    session: AsyncSession,
    *,
    user_id: int,
    chat_id: int | None = None,
    model_version_id: int,
    names: Sequence[NewGeneration],
    prefix: str = "",
    requested_gender: Gender | None = None,
    temperature: float,
    top_k: int | None = None,
    top_p: float | None = None,
    novel_only: bool = False,
) -> list[Generation]:
    """Store the names of one answer, at least one, in the order in which they are shown.

    ``chat_id`` is the chat that sees them, `db.models.INLINE_CHAT` for a message sent inline.
    """
    if not names:
        raise ValueError("an answer without names")
    generations = [
        Generation(
            **asdict(name),
            user_id=user_id,
            chat_id=chat_id,
            model_version_id=model_version_id,
            prefix=prefix,
            requested_gender=requested_gender,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            novel_only=novel_only,
        )
        for name in names
    ]
    session.add_all(generations)
    await session.flush()
    for generation in generations:
        generation.answer_id = generations[0].id
    await session.flush()
    return generations


async def get(session: AsyncSession, generation_id: int) -> Generation | None:
    """The generation with this id."""
    return await session.get(Generation, generation_id)


async def latest(session: AsyncSession, user_id: int) -> Generation | None:
    """The generation that the user was shown last."""
    return await session.scalar(
        select(Generation)
        .where(Generation.user_id == user_id)
        .order_by(Generation.id.desc())
        .limit(1)
    )


async def of_answer(session: AsyncSession, answer_id: int) -> list[Generation]:
    """The generations of one answer, in the order in which they were shown."""
    found = await session.scalars(
        select(Generation).where(Generation.answer_id == answer_id).order_by(Generation.id)
    )
    return list(found)


async def recent_names(session: AsyncSession, user_id: int, limit: int) -> list[str]:
    """The names that the user saw last, newest first, so that the bot need not repeat them."""
    found = await session.scalars(
        select(Generation.name)
        .where(Generation.user_id == user_id)
        .order_by(Generation.id.desc())
        .limit(limit)
    )
    return list(found)
