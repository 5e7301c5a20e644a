"""Names that people have rated, put into the database without asking the bot for each."""

from collections.abc import Sequence

from db import Database, generations, ratings, users
from db.generations import NewGeneration
from db.models import RatingValue

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
        await users.remember(session, user_id, "ru")
        shown = await generations.add(
            session,
            user_id=user_id,
            model_version_id=version_id,
            names=[
                NewGeneration(name, "given", "f", "russian", novel=novel, log_prob=-9.0)
                for name, _ in zip(NAMES, values, strict=False)
            ],
            temperature=0.8,
        )
        for generation, value in zip(shown, values, strict=True):
            await ratings.toggle(session, user_id, generation.id, value)
