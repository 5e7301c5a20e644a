from db import Database, ratings, statistics
from db.ratings import RatingCounts
from db.statistics import Totals
from tests.db.rows import OTHER_USER, USER, add_answer


async def test_an_empty_database(database: Database) -> None:
    async with database.read() as session:
        totals = await statistics.totals(session)
    assert totals == Totals(0, 0, novel=RatingCounts(0, 0), known=RatingCounts(0, 0))


async def test_totals(database: Database) -> None:
    async with database.begin() as session:
        novel = await add_answer(session, "Евлампея", "Ефстолия", novel=True)
        [known] = await add_answer(session, "Прохор", novel=False, user_id=OTHER_USER)
        await ratings.put(session, USER, novel[0].id, 1)
        await ratings.put(session, OTHER_USER, novel[0].id, 1)
        await ratings.put(session, USER, novel[1].id, -1)
        await ratings.put(session, USER, known.id, -1)
    async with database.read() as session:
        totals = await statistics.totals(session)
    assert totals == Totals(
        users=2,
        generations=3,
        novel=RatingCounts(likes=2, dislikes=1),
        known=RatingCounts(likes=0, dislikes=1),
    )
    assert totals.ratings == RatingCounts(likes=2, dislikes=2)
