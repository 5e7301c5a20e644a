import asyncio
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from db import Database, DatabaseUnavailable, ratings, trouble, users
from db.engine import RawFile
from db.migrate import upgrade
from db.models import User
from tests.db.rows import OTHER_USER, USER, add_answer


async def test_sqlite_pragmas(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    for session_of in (database.begin, database.read):
        async with session_of() as session:
            values = {
                name: await session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
            }
        normal = 1
        assert values == {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "busy_timeout": 10_000,
            "synchronous": normal,
        }
    await database.close()


async def test_a_new_file_that_another_program_is_writing_to(tmp_path: Path) -> None:
    """SQLite turns away who would switch it to WAL mode meanwhile, without waiting."""
    file = tmp_path / "imyarek.db"
    rival = sqlite3.connect(file, isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")
    migrating = asyncio.create_task(upgrade(f"sqlite+aiosqlite:///{file}"))
    done, _ = await asyncio.wait({migrating}, timeout=0.2)
    assert not done
    rival.execute("COMMIT")
    await migrating
    assert rival.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    rival.close()


async def test_an_exception_takes_everything_back(database: Database) -> None:
    async def remember_and_fail() -> None:
        async with database.begin() as session:
            await users.remember(session, USER, "ru")
            raise KeyError

    with pytest.raises(KeyError):
        await remember_and_fail()
    async with database.read() as session:
        assert await session.get(User, USER) is None


async def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.read() as session:
            await users.remember(session, USER, "ru")


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.begin() as writer:
        await users.remember(writer, USER, "ru")
        async with database.read() as reader:
            assert await reader.get(User, USER) is None
    async with database.read() as reader:
        assert await reader.get(User, USER) is not None


async def test_read_then_write_of_two_processes(database: Database, neighbour: Database) -> None:
    """Each writer reads first; without BEGIN IMMEDIATE one of them fails with a stale snapshot."""
    async with database.begin() as session:
        await users.remember(session, USER, "ru")

    async def append(through: Database, letter: str) -> None:
        async with through.begin() as session:
            user = await session.get_one(User, USER, with_for_update=True)
            user.language_code = f"{user.language_code}{letter}"

    await asyncio.gather(*(append(who, "+") for who in (database, neighbour) * 10))
    async with database.read() as session:
        assert (await session.get_one(User, USER)).language_code == "ru" + "+" * 20


async def test_cancelled_in_the_middle(database: Database) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.begin() as session:
            await users.remember(session, USER, "ru")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_and_wait())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as session:
        assert await session.get(User, USER) is None


async def test_cancelled_while_another_process_writes(
    database: Database, neighbour: Database
) -> None:
    """The one writing connection must not stay behind in a transaction that nobody ends."""
    waiting = asyncio.Event()

    async def write() -> None:
        async with database.begin() as session:
            waiting.set()
            await users.remember(session, USER, "en")

    async with neighbour.begin() as session:
        await users.remember(session, USER, "ru")
        task = asyncio.create_task(write())
        await waiting.wait()
        for _ in range(20):  # let it reach the database
            await session.get_one(User, USER, populate_existing=True)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as session:
        await users.remember(session, OTHER_USER, "ru")
    async with neighbour.read() as session:
        assert (await session.get_one(User, USER)).language_code == "ru"


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    moscow = datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=3)))
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
        await session.execute(update(User).values(created_at=moscow))
    async with database.read() as session:
        created_at = (await session.get_one(User, USER)).created_at
    assert created_at == moscow
    assert created_at.tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        async with database.begin() as session:
            await session.execute(update(User).values(created_at=datetime(2026, 1, 1)))


async def test_errors_do_not_repeat_what_was_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.begin() as session:
            await add_answer(session, "Евлампия", version_id=404)
    assert "Евлампия" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "sqlite:///imyarek.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///file::memory:?uri=true",
        "sqlite+aiosqlite://data/imyarek.db",
        "sqlite+aiosqlite:///imyarek.db?timeout=soon",
        "postgresql://user:s3cret@localhost/imyarek",
        "postgresql+asyncpg://user:s3cret@localhost:port/imyarek",
        "mysql://user:s3cret@localhost/imyarek",
    ],
)
def test_an_unusable_url_is_explained(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"^the database URL (must|has)") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(DatabaseUnavailable, match="needs the Python package asyncpg") as caught:
        Database("postgresql+asyncpg://user:s3cret@localhost/imyarek")
    assert "s3cret" not in str(caught.value)


async def test_a_server_that_is_away() -> None:
    pytest.importorskip("asyncpg")
    database = Database("postgresql+asyncpg://user:s3cret@127.0.0.1:1/imyarek")
    with pytest.raises(DBAPIError) as caught:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
    problem = trouble(caught.value)
    assert problem is not None
    assert "127.0.0.1" in problem
    assert "s3cret" not in problem
    await database.close()


class Said(Exception):
    """What SQLAlchemy's adapter makes of an error of PostgreSQL's."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("no room\nDETAIL: none at all")
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["53100", "57P03", "25006"])
def test_a_server_that_is_out_of_order(sqlstate: str) -> None:
    assert trouble(DBAPIError(None, None, Said(sqlstate))) == "no room"


async def test_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("dear diary, " * 1000)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/broken.db")
    with pytest.raises(DBAPIError) as caught:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
    assert trouble(caught.value) == "file is not a database"
    await database.close()


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        FileNotFoundError(2, "No such file"),
        IntegrityError(None, None, Said("23505")),
        DBAPIError(None, None, Said("42601")),
        None,
    ],
)
def test_what_is_no_fault_of_the_database(error: Exception | None) -> None:
    assert trouble(error) is None


def test_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot make the folder"):
        Database(f"sqlite+aiosqlite:///{tmp_path}/file/imyarek.db")


@pytest.mark.parametrize(
    "number", [0, -1, 127, 128, 40_000, 2**31, 7_000_000_001, -(10**12), 2**62]
)
def test_a_number_is_found_as_sqlite_writes_it(tmp_path: Path, number: int) -> None:
    path = tmp_path / "numbers.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER, name TEXT)")
        connection.execute("INSERT INTO numbers VALUES (?, 'x')", (number,))
    connection.close()
    file = RawFile(path)
    assert number in (0, 1) or file.holds(number)  # of these two only the type is written
    assert not file.holds(7_123_456_789)
    file.close()


RATE_AND_WAIT = """
import asyncio, sys
from db import Database, ratings

async def main():
    database = Database(sys.argv[1])
    async with database.begin() as session:
        await ratings.put(session, int(sys.argv[2]), int(sys.argv[3]), 1)
    print("committed", flush=True)
    async with database.begin() as session:
        await ratings.put(session, int(sys.argv[2]), int(sys.argv[3]), -1)
        print("halfway", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_kill_9_keeps_what_was_committed_and_nothing_else(url: str) -> None:
    before = Database(url)
    async with before.begin() as session:
        [generation] = await add_answer(session, "Евлампия")
    await before.close()

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RATE_AND_WAIT,
        url,
        str(USER),
        str(generation.id),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"committed\n"
    assert await process.stdout.readline() == b"halfway\n"
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL

    after = Database(url)
    async with after.begin() as session:
        assert await ratings.count(session) == ratings.RatingCounts(likes=1, dislikes=0)
        assert await ratings.of_user(session, USER, generation.id) == 1
    await after.close()


async def test_closing_leaves_one_file(sqlite_url: str) -> None:
    """A backup of a bot that stands still is a copy of one file."""
    await upgrade(sqlite_url)
    database = Database(sqlite_url)
    async with database.begin() as session:
        await users.remember(session, USER, "ru")
    await database.close()
    path = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT id FROM users").fetchall() == [(USER,)]
    connection.close()


async def test_a_statement_that_is_cancelled_leaves_no_transaction_open(database: Database) -> None:
    long = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
        "SELECT count(*) FROM n"
    )

    async def count(began: asyncio.Event) -> None:
        async with database.begin() as session:
            await users.remember(session, USER, "ru")
            began.set()
            await session.execute(long)

    began = asyncio.Event()
    counting = asyncio.create_task(count(began))
    await began.wait()
    await asyncio.sleep(0)
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting
    async with database.begin_alone() as session:
        await users.remember(session, OTHER_USER, "ru")
    async with database.read() as session:
        assert await session.get(User, USER) is None
        assert await session.get(User, OTHER_USER) is not None


async def test_a_statement_alone_is_a_transaction(database: Database, neighbour: Database) -> None:
    async with database.begin_alone() as session:
        await users.remember(session, USER, "ru")
    async with neighbour.read() as session:
        assert await session.get(User, USER) is not None
    with pytest.raises(DBAPIError):
        async with database.begin_alone() as session:
            await session.execute(update(User).values(id=None))
    async with neighbour.begin() as session:
        await users.remember(session, OTHER_USER, "ru")
