"""Names that were shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import ScalarSelect, Table, bindparam, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Choice, Gender, Generation, NameStatus, User, utcnow
from db.own_id import NextId, OwnId


class UnknownGeneration(LookupError):
    """There is no generation with this id."""


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """A name as the sampler made it; ``log_prob`` in nats, ``status``: what is known of it.

    ``chosen`` is "taste" if it was picked for this person among several.
    """

    name: str
    kind: str
    gender: Gender | None
    origin: str
    status: NameStatus
    log_prob: float
    chosen: Choice = "model"


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
    after: int | None = None,
) -> list[Generation]:
    """Store the names of one answer, at least one, in the order in which they are shown.

    ``chat_id`` is the chat that sees them, `db.models.INLINE_CHAT` for a message sent inline.

    With ``after`` a single name is stored in a single statement, if the user is known and has been
    shown nothing since the generation of this id (see `latest_id`); otherwise nothing is.
    """
    if not names:
        raise ValueError("an answer without names")
    if after is not None and len(names) > 1:
        raise ValueError("several names in a single statement")
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
    if after is not None:
        return [lone for lone in generations if await _add_after(session, lone, after)]
    session.add_all(generations)
    await session.flush()
    for generation in generations:
        generation.answer_id = generations[0].id
    await session.flush()
    return generations


async def _add_after(session: AsyncSession, generation: Generation, after: int) -> bool:
    generation.created_at = utcnow()
    values = {name: getattr(generation, name) for name in _GIVEN}
    row = await session.execute(_ADD_AFTER, {**values, "after": after})
    generation.id = generation.answer_id = row.scalar()
    return generation.id is not None


def _latest_id(user_id: Any) -> ScalarSelect[int]:
    latest = select(func.coalesce(func.max(Generation.id), 0)).where(Generation.user_id == user_id)
    return latest.scalar_subquery()


_TABLE = cast("Table", Generation.__table__)
_TYPES = {column.name: column.type for column in _TABLE.columns}
_GIVEN = [name for name in _TYPES if name not in ("id", "answer_id")]
_ADD_AFTER = (
    insert(_TABLE)
    .from_select(
        ["id", "answer_id", *_GIVEN],
        select(NextId(), OwnId(), *(bindparam(name, type_=_TYPES[name]) for name in _GIVEN)).where(
            exists().where(User.id == bindparam("user_id", type_=_TYPES["user_id"])),
            _latest_id(bindparam("user_id", type_=_TYPES["user_id"])) == bindparam("after"),
        ),
    )
    .returning(_TABLE.c.id)
)


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


async def latest_id(session: AsyncSession, user_id: int) -> int:
    """The id of the generation that the user was shown last, 0 if there is none."""
    return (await session.execute(select(_latest_id(user_id)))).scalar_one()


async def recent_names(session: AsyncSession, user_id: int, limit: int) -> list[str]:
    """The names that the user saw last, newest first, so that the bot need not repeat them."""
    found = await session.scalars(
        select(Generation.name)
        .where(Generation.user_id == user_id)
        .order_by(Generation.id.desc())
        .limit(limit)
    )
    return list(found)
