import pytest
from sqlalchemy import delete

from db import Database, generations, users
from db.generations import NewGeneration
from db.models import Generation, User
from tests.db.rows import OTHER_USER, USER, add_answer, add_version


async def test_an_answer_comes_back_whole_and_in_order(database: Database) -> None:
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
        version = await add_version(session)
        await generations.add(
            session,
            user_id=USER,
            model_version_id=version.id,
            names=[
                NewGeneration("Ёлка", "given", "f", "russian", status="novel", log_prob=-12.25),
                NewGeneration("Абба", "surname", None, "peoples", "known", -3.5, chosen="taste"),
            ],
            prefix="",
            requested_gender="f",
            temperature=0.8,
            top_k=5,
            top_p=0.9,
            novel_only=True,
        )
        [other] = await add_answer(session, "Иван")

    async with database.read() as session:
        first, second = await generations.of_answer(session, other.id - 2)
        assert await generations.of_answer(session, other.id) == [
            await generations.get(session, other.id)
        ]
    assert (first.name, first.kind, first.gender, first.origin) == ("Ёлка", "given", "f", "russian")
    assert (second.name, second.kind, second.gender) == ("Абба", "surname", None)
    assert (first.status, first.log_prob, second.status, second.log_prob) == (
        "novel",
        -12.25,
        "known",
        -3.5,
    )
    assert (first.chosen, second.chosen) == ("model", "taste")
    assert first.answer_id == second.answer_id == first.id
    for generation in (first, second):
        assert generation.user_id == USER
        assert generation.model_version_id == version.id
        assert (generation.requested_gender, generation.novel_only) == ("f", True)
        assert (generation.temperature, generation.top_k, generation.top_p) == (0.8, 5, 0.9)


async def test_an_answer_without_names_is_refused(database: Database) -> None:
    async with database.begin() as session:
        with pytest.raises(ValueError, match="without names"):
            await generations.add(
                session, user_id=USER, model_version_id=1, names=[], temperature=1.0
            )


async def test_unknown_generations(database: Database) -> None:
    async with database.read() as session:
        assert await generations.get(session, 2**40) is None
        assert await generations.of_answer(session, 2**40) == []


async def test_recent_names_are_the_users_own_newest_first(database: Database) -> None:
    async with database.begin() as session:
        await add_answer(session, "Анна", "Инна")
        await add_answer(session, "Чужая", user_id=OTHER_USER)
        await add_answer(session, "Жанна")
        assert await generations.recent_names(session, USER, 2) == ["Жанна", "Инна"]
        assert await generations.recent_names(session, USER, 9) == ["Жанна", "Инна", "Анна"]
        assert await generations.recent_names(session, 1, 9) == []


async def test_the_latest_is_ones_own(database: Database) -> None:
    async with database.begin() as session:
        assert await generations.latest(session, USER) is None
        await add_answer(session, "Ева", "Анна")
        await add_answer(session, "Иван", user_id=OTHER_USER)
        latest = await generations.latest(session, USER)
    assert latest is not None
    assert latest.name == "Анна"


def name(text: str) -> NewGeneration:
    return NewGeneration(text, "given", "f", "russian", status="known", log_prob=-3.5)


async def test_a_name_after_what_was_seen_last(database: Database, neighbour: Database) -> None:
    """Stored in one statement, unless the person was shown something else meanwhile."""
    async with database.begin() as session:
        version = (await add_version(session)).id
        await users.remember(session, USER, "ru")
        assert await generations.latest_id(session, USER) == 0

    async def add(through: Database, text: str, after: int) -> list[Generation]:
        async with through.begin_alone() as session:
            return await generations.add(
                session,
                user_id=USER,
                model_version_id=version,
                names=[name(text)],
                prefix="А",
                temperature=0.8,
                after=after,
            )

    [first] = await add(database, "Анна", after=0)
    assert await add(database, "Агата", after=0) == []
    async with database.begin() as session:
        await add_answer(session, "Чужая", user_id=OTHER_USER, version_id=version)
    [second] = await add(database, "Алла", after=first.id)
    [third] = await add(neighbour, "Ада", after=second.id)
    assert await add(database, "Агата", after=second.id) == []
    async with database.read() as session:
        assert await generations.recent_names(session, USER, 9) == ["Ада", "Алла", "Анна"]
        assert await generations.latest_id(session, USER) == third.id
        for added in (first, second, third):
            stored = await generations.get(session, added.id)
            assert stored is not None
            assert stored.answer_id == stored.id == added.answer_id
            for column in Generation.__table__.columns:
                assert getattr(stored, column.name) == getattr(added, column.name)


async def test_a_name_for_somebody_unknown(database: Database) -> None:
    async with database.begin() as session:
        version = (await add_version(session)).id
        [shown] = await add_answer(session, "Ева", version_id=version)
        await session.execute(delete(User))
    for after in (0, shown.id):
        async with database.begin_alone() as session:
            assert not await generations.add(
                session,
                user_id=USER,
                model_version_id=version,
                names=[name("Анна")],
                temperature=0.8,
                after=after,
            )


async def test_its_answer_is_its_own_when_the_last_one_was_deleted(database: Database) -> None:
    async with database.begin() as session:
        version = (await add_version(session)).id
        first, last = await add_answer(session, "Ева", "Анна", version_id=version)
        await session.execute(delete(Generation).where(Generation.id == last.id))
        [added] = await generations.add(
            session,
            user_id=USER,
            model_version_id=version,
            names=[name("Ада")],
            temperature=0.8,
            after=first.id,
        )
    async with database.read() as session:
        assert [g.name for g in await generations.of_answer(session, added.id)] == ["Ада"]
        assert [g.name for g in await generations.of_answer(session, first.id)] == ["Ева"]


async def test_several_names_take_more_than_one_statement(database: Database) -> None:
    async with database.begin() as session:
        with pytest.raises(ValueError, match="single statement"):
            await generations.add(
                session,
                user_id=USER,
                model_version_id=1,
                names=[name("Ада"), name("Ева")],
                temperature=1.0,
                after=0,
            )
