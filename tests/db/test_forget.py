import asyncio
from pathlib import Path

from sqlalchemy import func, select

from db import Database, favorites, forget, generations, ratings, training_runs, users
from db.migrate import upgrade
from db.models import Favorite, Generation, Rating, TrainingRun, User
from tests.db.rows import OTHER_USER, USER, add_answer


async def test_nothing_points_at_the_person_any_more(database: Database) -> None:
    async with database.begin() as session:
        [own] = await add_answer(session, "Евлампия", prefix="Ев")
        [foreign] = await add_answer(session, "Прохор", prefix="Пр", user_id=OTHER_USER)
        for user_id in (USER, OTHER_USER):
            for shown in (own, foreign):
                await ratings.put(session, user_id, shown.id, 1)
                await favorites.put(session, user_id, shown.id, kept=True)
        run = await training_runs.start(
            session,
            requested_by=USER,
            base_version_id=own.model_version_id,
            ratings_count=4,
            seed=0,
        )

    await forget.forget_user(database, USER)

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
    await forget.forget_user(database, USER)


async def test_a_forgotten_person_may_come_back(database: Database) -> None:
    async with database.begin() as session:
        await add_answer(session, "Евлампия")
    await forget.forget_user(database, USER)
    async with database.begin() as session:
        await add_answer(session, "Прохор")
        assert await generations.recent_names(session, USER, 10) == ["Прохор"]


async def test_the_person_is_in_none_of_the_files(sqlite_url: str) -> None:
    """As SQLite writes a number: it stands in rows and in indexes with its bytes in this order."""
    await upgrade(sqlite_url)
    database = Database(sqlite_url)
    folder = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///")).parent

    def traces() -> int:
        return sum(
            file.read_bytes().count(USER.to_bytes(6, "big"))
            for file in folder.iterdir()
            if not file.name.endswith("-shm")
        )

    for number in range(40):
        async with database.begin() as session:
            for user_id in (USER, OTHER_USER):
                names = [f"Евлампия{number}", "Прохор", "Нил"]
                shown = await add_answer(session, *names, user_id=user_id, prefix="Тайна")
                await ratings.put(session, user_id, shown[number % 3].id, 1)
                await favorites.put(session, user_id, shown[number % 2].id, kept=True)
    assert traces() > 100
    await forget.forget_user(database, USER)
    assert traces() == 0
    await database.close()
    assert traces() == 0


async def test_others_come_between_when_there_is_much_to_forget(database: Database) -> None:
    async with database.begin() as session:
        for _ in range(20):
            await add_answer(session, *["Нил"] * 100, prefix="Н")
    forgetting = asyncio.create_task(forget.forget_user(database, USER))
    while True:
        async with database.begin() as session:  # in line behind one step, not behind all of them
            await users.remember(session, OTHER_USER, "ru")
            names = select(func.count()).where(Generation.user_id == USER)
            left = await session.scalar(names)
        if left != 2000:
            break
    assert left is not None
    assert 0 < left < 2000
    await forgetting
