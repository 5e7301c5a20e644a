"""aiosqlite for SQLAlchemy, at one hop to the thread of the connection a statement.

A hop costs more than most statements: the thread is woken, takes the interpreter's lock, and wakes
the event loop. SQLAlchemy's adapter makes four for a statement with rows (a cursor, its statement,
its rows, its end), and others to commit and to roll back where there is no transaction.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite

_Outcome = tuple[Any, int, int | None, list[Any]]  # description, rowcount, lastrowid, rows


def connect(database: str, **options: Any) -> "Connection":
    """A connection to be awaited, for `async_creator_fn` of SQLAlchemy's dialect."""
    return Connection(partial(sqlite3.connect, database, **options))


class Connection(aiosqlite.Connection):
    """Whose cursors take their rows along."""

    def __init__(self, connector: partial[sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy has it: it must not keep a program alive
        self._settled = True  # no statement goes on whose task was cancelled

    def cursor(self) -> "Cursor":  # type: ignore[override]
        """A cursor, which is nothing yet."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit the transaction, if there is one."""
        if not self._settled or self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back the transaction, if there is one."""
        if not self._settled or self.in_transaction:
            await super().rollback()

    async def run(self, statement: str, parameters: Iterable[Any], *, many: bool) -> _Outcome:
        """Execute a statement and fetch all of its rows."""
        self._settled = False
        outcome: _Outcome = await self._execute(  # type: ignore[no-untyped-call]
            _run, self._conn, statement, parameters, many
        )
        self._settled = True
        return outcome


class Cursor:
    """What SQLAlchemy's adapter asks of one: a statement at a time, with all of its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement."""
        self._keep(await self._connection.run(statement, parameters, many=False))

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement with each of these parameters."""
        self._keep(await self._connection.run(statement, parameters, many=True))

    async def fetchall(self) -> list[Any]:
        """The rows of the last statement."""
        return self._rows

    async def close(self) -> None:
        """Nothing: it was closed when it had its rows."""

    def _keep(self, outcome: _Outcome) -> None:
        self.description, self.rowcount, self.lastrowid, self._rows = outcome


def _run(connection: sqlite3.Connection, statement: str, parameters: Any, many: bool) -> _Outcome:
    cursor = connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(statement, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()
