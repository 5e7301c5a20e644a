"""The way to the database: engines, pragmas, transactions."""

import asyncio
import logging
import math
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from db import one_hop

logger = logging.getLogger(__name__)

# Only another process (a backup, a second bot) makes a writer wait for the lock of the file.
_BUSY_TIMEOUT_MS = 10_000
_RETRY_SECONDS = 0.01
_POSTGRES_CONNECT_SECONDS = 10
# What PostgreSQL says (https://www.postgresql.org/docs/current/errcodes-appendix.html) when it lost
# the connection, lacks room, was stopped by its operator, found its files broken; is read-only.
_OUT_OF_ORDER = ("08", "53", "57", "58", "XX", "25006")
_CHECKPOINT_TRIES = 100
_CHECKPOINT_PAUSE_SECONDS = 0.05
_SMALL_FILE = 16 * 2**20  # bytes; written anew in a fifth of a second
_READ_BYTES = 2**20
_MOSTLY_FREE = 0.5  # of a file's pages
# An option of a connection: SQLite cannot do everything within a transaction.
_WITHOUT_BEGIN = "imyarek_without_begin"


class DatabaseUnavailable(Exception):
    """The database cannot be used; the message is one sentence without credentials."""


def trouble(error: BaseException | None) -> str | None:
    """What keeps the database from being used, as its driver says it: a full or read-only disk, a
    lock that stays, a server that is gone. None for an error that says nothing of the kind.
    """
    match error:
        case OperationalError() | InterfaceError():
            return _first_line(error)
        case DBAPIError() if error.connection_invalidated:
            return "the connection was lost"
        case DBAPIError() if type(error) is DatabaseError or _is_out_of_order(error):
            return _first_line(error)
        case SQLAlchemyTimeoutError():
            return "it is busy with others who write"
        case _:
            return None


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _is_out_of_order(error: DBAPIError) -> bool:
    """Whether PostgreSQL says so, for which SQLAlchemy's adapter has no class of its own."""
    return str(getattr(error.orig, "sqlstate", "")).startswith(_OUT_OF_ORDER)


class Database:
    """One database for the life of a program: sessions out, connections kept in pools.

    ``url`` is a SQLAlchemy URL, ``sqlite+aiosqlite:///FILE`` or ``postgresql+asyncpg://...``.
    The schema must be there already: see `db.migrate.upgrade`. ``clock`` counts seconds.

    Raises:
        DatabaseUnavailable: as `create_engine`.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = create_engine(url)
        self._reader = create_engine(url, read_only=True)
        parsed = parse_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        self._file = RawFile(Path(str(parsed.database))) if sqlite else None
        self._clock = clock
        self._last_write = -math.inf
        self._has_traces = False
        event.listen(self._writer.sync_engine, "checkin", self._note_write)
        self._begin = async_sessionmaker(self._writer, expire_on_commit=False).begin
        self._read = async_sessionmaker(self._reader, expire_on_commit=False).begin
        alone = self._writer.execution_options(**{_WITHOUT_BEGIN: True})
        self._begin_alone = async_sessionmaker(alone, expire_on_commit=False).begin

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session in a transaction that may write: committed at the end of the block, rolled
        back by an exception.

        SQLite has one writer at a time, and the others of this process wait in line. Keep the
        block short, do not talk to the network inside, and do not open a second one within.
        """
        return self._begin()

    def begin_alone(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The same for exactly one statement, which SQLite takes for a transaction: cheaper."""
        return self._begin_alone()

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session that only reads, and never waits for a writer; the database refuses writes."""
        return self._read()

    @property
    def busy(self) -> bool:
        """Whether this process writes at this moment; what can wait then does."""
        pool = self._writer.pool
        return isinstance(pool, QueuePool) and pool.checkedout() > 0

    def at_rest(self, seconds: float) -> bool:
        """Whether this process has written nothing for so long; for what had better wait."""
        return not self.busy and self._clock() - self._last_write >= seconds

    async def erase_traces(self, number: int) -> None:
        """See to it that a ``number`` which no row has any more is not in SQLite's files either.

        The ``-wal`` file still has it, and the free room of a page may: SQLite overwrites what it
        deletes, not the copies that it left behind when it moved rows between pages. If that
        takes a compaction that others would notice, it is left to `compact_if_wanted`.
        """
        if self._file is None:
            return
        await self._empty_wal()
        if await asyncio.to_thread(self._file.holds, number):
            self._has_traces = True
            if await asyncio.to_thread(self._file.size) <= _SMALL_FILE:
                await self.compact_if_wanted()

    @property
    def has_traces(self) -> bool:
        """Whether `erase_traces` left something to be done."""
        return self._has_traces

    async def compact_if_wanted(self) -> bool:
        """Write a SQLite file anew that has traces of deleted rows, or is mostly free room.

        Writers wait meanwhile, 15 seconds a gigabyte; whether that was done. Needs as much room
        again on the disk.
        """
        if self._file is None or not (self._has_traces or await self._is_mostly_free()):
            return False
        async with self.outside_transactions() as connection:
            await connection.exec_driver_sql("VACUUM")
        self._has_traces = False
        return await self._empty_wal()

    async def _is_mostly_free(self) -> bool:
        async with self._reader.connect() as connection:
            pages, free = [
                (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("page_count", "freelist_count")
            ]
        return bool(free > pages * _MOSTLY_FREE)

    async def _empty_wal(self) -> bool:
        """Move what is in the ``-wal`` file to the database, and cut that file to nothing; False
        when somebody reads all the time what is in there.
        """
        for attempt in range(_CHECKPOINT_TRIES):
            if attempt:
                await asyncio.sleep(_CHECKPOINT_PAUSE_SECONDS)
            async with self.outside_transactions() as connection:
                # To wait for readers, which others must wait for meanwhile, is left to the pauses.
                await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
                try:
                    done = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    blocked = done.scalar_one()
                finally:
                    await connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            if not blocked:
                return True
        logger.warning("The -wal file could not be emptied, for it is being read")
        return False

    @asynccontextmanager
    async def outside_transactions(self) -> AsyncIterator[AsyncConnection]:
        """The writing connection of SQLite, for what it cannot do in a transaction."""
        async with self._writer.connect() as connection:
            yield await connection.execution_options(**{_WITHOUT_BEGIN: True})

    def _note_write(self, *_: object) -> None:
        self._last_write = self._clock()

    async def close(self) -> None:
        """Close every connection; open transactions are rolled back."""
        await self._writer.dispose()
        await self._reader.dispose()
        if self._file is not None:
            self._file.close()


def create_engine(url: str, *, read_only: bool = False, foreign_keys: bool = True) -> AsyncEngine:
    """An engine for a SQLite or PostgreSQL URL; the folder of a SQLite file is made.

    ``foreign_keys=False`` is for migrations alone: SQLite changes a table by dropping the old
    one, which would delete the rows that point at it.

    Raises:
        DatabaseUnavailable: the URL is malformed, its driver is not installed, or the folder of
            the file cannot be made.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _create(
            parsed,
            pool_pre_ping=True,
            execution_options={"postgresql_readonly": True} if read_only else {},
            connect_args={
                "timeout": _POSTGRES_CONNECT_SECONDS,
                "async_creator_fn": _connect_postgresql,
            },
        )

    _make_folder(Path(str(parsed.database)).parent)
    # A pool of one puts the writers of this process in a fair line, where SQLite would have each
    # of them sleep and try again.
    pool: dict[str, int] = {} if read_only else {"pool_size": 1, "max_overflow": 0}
    engine = _create(parsed, connect_args={"async_creator_fn": one_hop.connect}, **pool)
    _listen_sqlite(engine, read_only=read_only, foreign_keys=foreign_keys)
    return engine


async def _connect_postgresql(*where: Any, **options: Any) -> Any:
    """A connection. That there is none is an error of the driver's, like all others: as the bare
    OSError that asyncpg lets through it could be anybody's.
    """
    import asyncpg  # only where it is wanted is it installed

    try:
        return await asyncpg.connect(*where, **options)
    except OSError as error:
        raise asyncpg.InterfaceError(str(error) or type(error).__name__) from error


def parse_url(url: str) -> URL:
    """The parsed database URL.

    Raises:
        DatabaseUnavailable: it is malformed, names another driver, or a database in memory.
    """
    expected = "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        # The reason would repeat parts of the URL, the password among them.
        raise DatabaseUnavailable(f"the database URL must look like {expected}") from None
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise DatabaseUnavailable(
            f"the database URL must look like {expected}, not {parsed.drivername}://..."
        )
    if parsed.drivername == "sqlite+aiosqlite" and not _names_a_file(parsed):
        raise DatabaseUnavailable(
            "the database URL must name a file, as sqlite+aiosqlite:///data/imyarek.db"
        )
    return parsed


def _names_a_file(url: URL) -> bool:
    # sqlite+aiosqlite://data/imyarek.db, one slash short, has a host.
    return bool(
        url.database
        and url.host is None
        and url.database != ":memory:"
        and not url.database.startswith("file:")
    )


def _create(url: URL, **options: Any) -> AsyncEngine:
    try:
        # Parameters stay out of error messages: they hold what people wrote, and whole models.
        return create_async_engine(url, hide_parameters=True, **options)
    except ImportError as error:
        raise DatabaseUnavailable(
            f"{url.drivername}:// needs the Python package {error.name}"
        ) from error
    except (SQLAlchemyError, ValueError):
        raise DatabaseUnavailable(
            f"the database URL has an option that {url.drivername} does not take"
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"cannot make the folder {folder} for the database: {error.strerror}"
        ) from error


def _listen_sqlite(engine: AsyncEngine, *, read_only: bool, foreign_keys: bool) -> None:
    """Set what SQLite keeps per connection, and begin transactions ourselves.

    In WAL mode with synchronous=NORMAL a commit has reached the operating system: it survives
    the death of this process (kill -9 included), while a power cut may take back the last
    commits, never the integrity of the file. FULL would pay one fsync a commit for those.
    """
    pragmas = {
        "busy_timeout": _BUSY_TIMEOUT_MS,  # first: the others may have to wait
        "synchronous": "NORMAL",
        "foreign_keys": "ON" if foreign_keys else "OFF",
        "secure_delete": "ON",  # what /forget deletes is overwritten in the file
        "temp_store": "MEMORY",  # a full or missing temporary folder stops nothing
        "query_only": "ON" if read_only else "OFF",
    }
    # Taking the lock at the start lets writers queue; a transaction that turns from reading to
    # writing halfway fails at once when another one wrote meanwhile, whatever the timeout.
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-enabling-transactions
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(
        connection: AsyncAdapt_aiosqlite_connection, _record: ConnectionPoolEntry
    ) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        cursor.close()
        connection.run_async(_switch_to_wal)

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_WITHOUT_BEGIN):
            connection.exec_driver_sql(begin)


async def _switch_to_wal(connection: aiosqlite.Connection) -> None:
    """Turn the file to WAL mode, which it keeps.

    SQLite does not wait for another program that is writing to the file at that moment, whatever
    the timeout: two programs that meet a new file would wait for each other.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return


class RawFile:
    """The bytes of a database file beside SQLite, which must not be read by any other means.

    POSIX drops the locks of a process on a file when the process closes the file, whoever opened
    it: this one stays open until the connections are closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def size(self) -> int:
        """In bytes."""
        return self._path.stat().st_size

    def holds(self, number: int) -> bool:
        """Whether an integer stands somewhere in it, in the bytes that SQLite writes it with."""
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDONLY)
        size = next(
            size for size in (1, 2, 3, 4, 6, 8) if -(1 << 8 * size) <= 2 * number < 1 << 8 * size
        )
        wanted = number.to_bytes(size, "big", signed=True)
        position = 0
        while len(chunk := os.pread(self._descriptor, _READ_BYTES, position)) >= size:
            if wanted in chunk:
                return True
            position += len(chunk) - size + 1
        return False

    def close(self) -> None:
        """Close it; after the connections."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
