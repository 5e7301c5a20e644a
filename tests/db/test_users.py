import asyncio

from db import Database, users
from db.forget import forget_user
from db.models import User
from db.users import Preferences
from tests.db.rows import OTHER_USER, USER


async def test_the_first_visit_and_the_next(database: Database) -> None:
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
    async with database.read() as session:
        first = await session.get_one(User, USER)
    assert first.created_at == first.last_seen_at

    async with database.begin() as session:
        await users.remember(session, USER, None)
    async with database.read() as session:
        second = await session.get_one(User, USER)
    assert second.language_code is None
    assert second.created_at == first.created_at
    assert second.last_seen_at > first.last_seen_at


async def test_two_first_visits_at_once(database: Database, neighbour: Database) -> None:
    async def visit(through: Database) -> None:
        async with through.begin() as session:
            await users.remember(session, USER, "ru")

    await asyncio.gather(*(visit(who) for who in (database, neighbour) * 5))
    async with database.read() as session:
        assert await session.get(User, USER) is not None


async def test_preferences_are_ones_own_and_last(database: Database) -> None:
    async with database.begin() as session:
        assert await users.preferences(session, USER) == Preferences(by_taste=True)
        for user in (USER, OTHER_USER):
            await users.remember(session, user, "ru")
        await users.put_preferences(session, USER, Preferences(by_taste=False))
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
        assert await users.preferences(session, USER) == Preferences(by_taste=False)
        assert await users.preferences(session, OTHER_USER) == Preferences(by_taste=True)
    await forget_user(database, USER)
    async with database.read() as session:
        assert await users.preferences(session, USER) == Preferences(by_taste=True)
