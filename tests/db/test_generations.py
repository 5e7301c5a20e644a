import pytest

from db import Database, generations, users
from db.generations import NewGeneration
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
                NewGeneration("Абба", "surname", None, "peoples", status="known", log_prob=-3.5),
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
