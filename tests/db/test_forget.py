from sqlalchemy import select

from db import Database, favorites, forget, generations, ratings, training_runs
from db.models import Favorite, Rating, TrainingRun, User
from tests.db.rows import OTHER_USER, USER, add_answer


async def test_nothing_points_at_the_person_any_more(database: Database) -> None:
    async with database.begin() as session:
        [own] = await add_answer(session, "Евлампия", prefix="Ев")
        [foreign] = await add_answer(session, "Прохор", prefix="Пр", user_id=OTHER_USER)
        for user_id in (USER, OTHER_USER):
            for shown in (own, foreign):
                await ratings.put(session, user_id, shown.id, 1)
                await favorites.toggle(session, user_id, shown.id)
        run = await training_runs.start(
            session,
            requested_by=USER,
            base_version_id=own.model_version_id,
            ratings_count=4,
            seed=0,
        )

    async with database.begin() as session:
        await forget.forget_user(session, USER)

    async with database.read() as session:
        assert (await session.scalars(select(User.id))).all() == [OTHER_USER]
        assert set(await session.scalars(select(Rating.user_id))) == {OTHER_USER}
        assert set(await session.scalars(select(Favorite.user_id))) == {OTHER_USER}
        assert (await session.get_one(TrainingRun, run.id)).requested_by is None

        left = await generations.get(session, own.id)
        assert left is not None
        assert (left.name, left.user_id, left.prefix) == ("Евлампия", None, "")
        untouched = await generations.get(session, foreign.id)
        assert untouched is not None
        assert (untouched.user_id, untouched.prefix) == (OTHER_USER, "Пр")
        assert (await ratings.count(session)).total == 2


async def test_a_stranger_is_forgotten_without_a_word(database: Database) -> None:
    async with database.begin() as session:
        await forget.forget_user(session, USER)


async def test_a_forgotten_person_may_come_back(database: Database) -> None:
    async with database.begin() as session:
        await add_answer(session, "Евлампия")
        await forget.forget_user(session, USER)
        await add_answer(session, "Прохор")
        assert await generations.recent_names(session, USER, 10) == ["Прохор"]
