"""What users think of names."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.generations import UnknownGeneration
from db.models import Choice, Gender, Generation, Rating, RatingValue, User, utcnow
from db.upsert import insert


@dataclass(frozen=True, slots=True)
class RatingCounts:
    """How many thumbs went up and down."""

    likes: int
    dislikes: int

    @property
    def total(self) -> int:
        """The number of ratings."""
        return self.likes + self.dislikes


@dataclass(frozen=True, slots=True)
class GenerationRatings:
    """The ratings of one generation, and the one that the asking user gave, if any."""

    generation_id: int
    counts: RatingCounts
    own: RatingValue | None


@dataclass(frozen=True, slots=True)
class ExportedRating:
    """One rating with what a model needs to learn from it; ``gender`` is that of the name.

    ``at`` is when the person rated so, ``since`` when they first talked to the bot; ``version``
    wrote the name, with ``log_prob`` in nats, and it was ``chosen`` as `db.models.Generation` says.
    """

    name: str
    value: RatingValue
    user: int
    gender: Gender | None
    prefix: str
    kind: str
    origin: str
    at: datetime
    since: datetime
    version: int
    log_prob: float
    chosen: Choice


async def put(
    session: AsyncSession, user_id: int, generation_id: int, value: RatingValue | None
) -> None:
    """Let this be the user's rating: 👍 (1), 👎 (-1) or none. The same one again changes nothing.

    The user must be known (`db.users.remember`). `db.presses.note` says whether a press may still
    decide.

    Raises:
        UnknownGeneration: there is no such generation to rate.
    """
    if value is None:
        await session.execute(
            delete(Rating).where(Rating.user_id == user_id, Rating.generation_id == generation_id)
        )
        return
    now = utcnow()
    statement = insert(session, Rating).from_select(
        ["user_id", "generation_id", "value", "created_at", "updated_at"],
        select(
            literal(user_id),
            Generation.id,
            literal(value),
            literal(now, Rating.created_at.type),
            literal(now, Rating.updated_at.type),
        ).where(Generation.id == generation_id),
    )
    new = statement.excluded
    stored = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Rating.user_id, Rating.generation_id],
            set_={
                "value": new.value,
                "updated_at": case(
                    (Rating.value == new.value, Rating.updated_at), else_=new.updated_at
                ),
            },
        ).returning(Rating.generation_id)
    )
    if stored is None:
        raise UnknownGeneration(f"no generation {generation_id}")


async def of_user(session: AsyncSession, user_id: int, generation_id: int) -> RatingValue | None:
    """What the user thinks of the generation."""
    return await session.scalar(
        select(Rating.value).where(Rating.user_id == user_id, Rating.generation_id == generation_id)
    )


async def for_taste(
    session: AsyncSession, user_id: int, kind: str, limit: int
) -> list[tuple[str, RatingValue]]:
    """The names of a kind that the user rated, with the ratings, those shown last first.

    None if the user does not wish to be shown names by their taste.
    """
    found = await session.execute(
        select(Generation.name, Rating.value)
        .join(Generation, Generation.id == Rating.generation_id)
        .join(User, User.id == Rating.user_id)
        .where(Rating.user_id == user_id, User.by_taste, Generation.kind == kind)
        .order_by(Rating.generation_id.desc())
        .limit(limit)
    )
    return [(name, value) for name, value in found]


# Columns of a query that groups ratings.
LIKES = func.count().filter(Rating.value == 1)
DISLIKES = func.count().filter(Rating.value == -1)


async def of_answer(
    session: AsyncSession, answer_id: int, user_id: int | None = None
) -> list[GenerationRatings]:
    """The ratings of every generation of an answer, in the order in which they were shown.

    ``user_id`` is the user whose own ratings are wanted too.
    """
    rows = await session.execute(
        select(
            Generation.id,
            LIKES,
            DISLIKES,
            func.max(Rating.value).filter(Rating.user_id == user_id),
        )
        .join(Rating, Rating.generation_id == Generation.id, isouter=True)
        .where(Generation.answer_id == answer_id)
        .group_by(Generation.id)
        .order_by(Generation.id)
    )
    return [
        GenerationRatings(generation_id, RatingCounts(likes, dislikes), own)
        for generation_id, likes, dislikes, own in rows
    ]


async def export(session: AsyncSession) -> list[ExportedRating]:
    """Every rating, ordered by generation, then user: the same ratings give the same list."""
    return [rating async for page in export_pages(session) for rating in page]


async def export_pages(
    session: AsyncSession, at_once: int = 500
) -> AsyncIterator[list[ExportedRating]]:
    """The same, at most so many at once, for others to come between."""
    generation_id = user_id = 0
    while True:
        rows = (
            await session.execute(
                select(
                    Rating.generation_id,
                    Rating.user_id,
                    Generation.name,
                    Rating.value,
                    Generation.gender,
                    Generation.prefix,
                    Generation.kind,
                    Generation.origin,
                    Rating.updated_at,
                    User.created_at,
                    Generation.model_version_id,
                    Generation.log_prob,
                    Generation.chosen,
                )
                .join(Generation, Generation.id == Rating.generation_id)
                .join(User, User.id == Rating.user_id)
                .where(
                    Rating.generation_id >= generation_id,
                    or_(Rating.generation_id > generation_id, Rating.user_id > user_id),
                )
                .order_by(Rating.generation_id, Rating.user_id)
                .limit(at_once)
            )
        ).all()
        if not rows:
            return
        generation_id, user_id = rows[-1][:2]
        yield [ExportedRating(name, value, user, *rest) for _, user, name, value, *rest in rows]


async def count(session: AsyncSession) -> RatingCounts:
    """How many ratings there are."""
    row = await session.execute(select(LIKES, DISLIKES).select_from(Rating))
    return RatingCounts(*row.one())
