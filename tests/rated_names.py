"""Names that people have rated, put into the database without asking the bot for each."""

from collections.abc import Sequence

from db import Database, ratings
from db.models import RatingValue
from tests.db.rows import add_answer

# Distinct, Russian, and of letters that every model in the tests knows.
NAMES = ("Ева", "Анна", "Инна", "Яна", "Ада", "Нина", "Вера", "Дана", "Рада", "Лада", "Ия", "Рита")

LIKES_AND_DISLIKES: tuple[RatingValue, ...] = (1, 1, 1, 1, -1, -1, -1, -1)


async def rate_names(
    database: Database,
    version_id: int,
    user_id: int,
    values: Sequence[RatingValue],
    *,
    novel: bool = True,
) -> None:
    """Show the user one name for each of `values` and give it that rating."""
    async with database.begin() as session:
        names = NAMES[: len(values)]
        shown = await add_answer(
            session, *names, user_id=user_id, novel=novel, version_id=version_id
        )
        for generation, value in zip(shown, values, strict=True):
            await ratings.put(session, user_id, generation.id, value)
