"""No list reads all the names that were ever shown, by the plans of SQLite."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from db import AsyncSession, Database, favorites, history, top
from db.migrate import upgrade
from tests.db.rows import USER

Query = Callable[[AsyncSession], Awaitable[object]]


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    await upgrade(sqlite_url)
    database = Database(sqlite_url)
    yield database
    await database.close()


async def plan(session: AsyncSession, query: Query) -> list[str]:
    """How SQLite goes through the tables for the statements of a query."""
    statements: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        statements.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    await query(session)
    event.remove(engine, "before_cursor_execute", note)
    connection = await session.connection()
    steps = []
    for statement, parameters in statements:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps += [row.detail for row in rows]
    return steps


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (lambda s: history.page(s, USER, limit=10), "user_id_id"),
        (lambda s: history.page(s, USER, limit=10, before=7), "user_id_id"),
        (lambda s: history.page(s, USER, limit=10, after=7), "user_id_id"),
        (lambda s: history.page(s, USER, limit=10, chat_id=-1), "chat_id_user_id_id"),
        (lambda s: history.page(s, USER, limit=10, chat_id=-1, before=7), "chat_id_user_id_id"),
        (lambda s: top.liked_names(s, limit=10, chat_id=-1), "chat_id_user_id_id"),
        (lambda s: top.liked_names(s, limit=10), "PRIMARY KEY (rowid=?)"),
        (lambda s: favorites.of_user(s, USER, limit=10), "PRIMARY KEY (rowid=?)"),
    ],
)
async def test_names_are_found_by_an_index(on_sqlite: Database, query: Query, index: str) -> None:
    async with on_sqlite.read() as session:
        steps = await plan(session, query)
    of_names = [step for step in steps if "generations" in step.split()]
    assert of_names
    assert all(step.startswith("SEARCH generations ") and index in step for step in of_names), steps


async def test_the_order_of_the_history_is_that_of_the_index(on_sqlite: Database) -> None:
    async with on_sqlite.read() as session:
        steps = await plan(session, lambda s: history.page(s, USER, limit=10, before=7))
    assert not [step for step in steps if "TEMP B-TREE" in step]


async def test_one_name_is_found_among_the_kept(on_sqlite: Database) -> None:
    async with on_sqlite.read() as session:
        [step] = await plan(session, lambda s: favorites.among(s, USER, [1, 2]))
    assert "(user_id=? AND generation_id=?)" in step
