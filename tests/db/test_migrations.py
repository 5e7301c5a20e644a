import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import migrations
from db import Database, DatabaseUnavailable
from db.engine import create_engine
from db.migrate import upgrade
from db.models import Base
from tests.db.rows import add_answer, add_version

pytestmark = pytest.mark.filterwarnings(
    # SQLite's expression index is compared as text below.
    "ignore:Skipped unsupported reflection of expression-based index",
    "ignore:autogenerate skipping metadata-specified expression-based index",
)


T = TypeVar("T")


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def schema(connection: Connection) -> dict[str, Any]:
    """All that the database knows of its tables, in comparable form."""
    inspector = inspect(connection)
    found: dict[str, Any] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(inspector.get_foreign_keys(table), key=lambda k: str(k["name"])),
            "unique": sorted(inspector.get_unique_constraints(table), key=str),
            "checks": sorted(inspector.get_check_constraints(table), key=lambda c: str(c["name"])),
        }
    indexes = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if connection.dialect.name == "sqlite"
        else "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename != 'alembic_version'"
    )
    found["indexes"] = {row.name: row.sql for row in connection.execute(text(indexes))}
    return found


async def run(url: str, function: Callable[[Connection], T]) -> T:
    engine = create_engine(url, foreign_keys=False)
    async with engine.begin() as connection:
        result = await connection.run_sync(function)
    await engine.dispose()
    return result


def config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return config


def downgrade(connection: Connection, revision: str = "base") -> None:
    command.downgrade(config(connection), revision)


async def test_from_empty_to_today_and_back(empty_url: str) -> None:
    await upgrade(empty_url)
    assert await run(empty_url, tables) == {*Base.metadata.tables, "alembic_version"}
    await run(empty_url, downgrade)
    assert await run(empty_url, tables) == {"alembic_version"}
    await upgrade(empty_url)
    assert await run(empty_url, tables) == {*Base.metadata.tables, "alembic_version"}


async def test_down_with_rows(url: str) -> None:
    database = Database(url)
    async with database.begin() as session:
        await add_answer(session, "Евлампия")
    await database.close()
    await run(url, downgrade)
    assert await run(url, tables) == {"alembic_version"}


async def test_rows_of_before_there_was_a_status(url: str) -> None:
    database = Database(url)
    async with database.begin() as session:
        await add_answer(session, "Евлампея", novel=True)
        await add_answer(session, "Прохор", novel=False)
        await add_answer(session, "Ира", "Айгуль", "Ванесса", novel=False)
    await database.close()

    def mark(connection: Connection) -> None:
        for name, column, value in (
            ("Ира", "status", "short"),
            ("Айгуль", "origin", "peoples"),
            ("Ванесса", "origin", "world"),
        ):
            connection.execute(
                text(f"UPDATE generations SET {column} = :value WHERE name = :name"),  # noqa: S608
                {"value": value, "name": name},
            )

    def rows(columns: str) -> Callable[[Connection], list[tuple[Any, ...]]]:
        query = text(f"SELECT name, {columns} FROM generations ORDER BY id")  # noqa: S608
        return lambda connection: [tuple(row) for row in connection.execute(query)]

    await run(url, mark)
    await run(url, lambda connection: downgrade(connection, "0001"))
    assert await run(url, rows("novel, origin")) == [
        ("Евлампея", True, "russian"),
        ("Прохор", False, "russian"),
        ("Ира", False, "russian"),
        ("Айгуль", False, "other"),
        ("Ванесса", False, "other"),
    ]
    await upgrade(url)
    assert await run(url, rows("status, origin")) == [
        ("Евлампея", "novel", "russian"),
        ("Прохор", "known", "russian"),
        ("Ира", "known", "russian"),
        ("Айгуль", "known", "peoples"),
        ("Ванесса", "known", "peoples"),
    ]


async def test_weights_move_to_a_table_of_their_own_and_back(url: str) -> None:
    database = Database(url)
    async with database.begin() as session:
        for content in (b"\x00first\xff" * 1000, b"second", b"thinned out later"):
            await add_version(session, content)
    await database.close()

    def column(statement: str) -> Callable[[Connection], list[bytes]]:
        return lambda connection: list(map(bytes, connection.scalars(text(statement))))

    before = "SELECT weights FROM model_versions ORDER BY id"
    after = "SELECT content FROM model_weights ORDER BY version_id"
    await run(url, lambda connection: downgrade(connection, "0003"))
    weights = await run(url, column(before))
    assert weights == [b"\x00first\xff" * 1000, b"second", b"thinned out later"]
    await upgrade(url)
    assert await run(url, column(after)) == weights

    await run(url, lambda c: c.execute(text("DELETE FROM model_weights WHERE version_id = 3")))
    await run(url, lambda connection: downgrade(connection, "0003"))
    assert await run(url, column(before)) == [*weights[:2], b""]


async def test_rows_of_before_names_were_chosen_by_taste(url: str) -> None:
    database = Database(url)
    async with database.begin() as session:
        await add_answer(session, "Евлампия")
    await database.close()

    def rows(connection: Connection) -> list[tuple[Any, ...]]:
        query = text("SELECT chosen, by_taste FROM generations JOIN users ON users.id = user_id")
        return [tuple(row) for row in connection.execute(query)]

    await run(url, lambda c: c.execute(text("UPDATE generations SET chosen = 'taste'")))
    await run(url, lambda c: c.execute(text("UPDATE users SET by_taste = false")))
    await run(url, lambda connection: downgrade(connection, "0004"))
    await upgrade(url)
    assert await run(url, rows) == [("model", True)]


async def test_a_second_upgrade_changes_nothing(url: str) -> None:
    before = await run(url, schema)
    await upgrade(url)
    assert await run(url, schema) == before


async def test_two_programs_start_at_once(empty_url: str) -> None:
    await asyncio.gather(upgrade(empty_url), upgrade(empty_url))
    assert await run(empty_url, tables) == {*Base.metadata.tables, "alembic_version"}


async def test_models_are_what_alembic_finds(url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    assert await run(url, differences) == []


async def test_migrations_make_what_the_models_say(empty_url: str) -> None:
    """Constraints and partial indexes included, which Alembic does not compare."""
    await run(empty_url, Base.metadata.create_all)
    modelled = await run(empty_url, schema)
    await run(empty_url, Base.metadata.drop_all)
    await upgrade(empty_url)
    assert await run(empty_url, schema) == modelled


async def test_a_database_of_a_newer_program(url: str) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'f00d'"))
    await engine.dispose()
    with pytest.raises(DatabaseUnavailable, match=r"another version of Imyarek.*f00d"):
        await upgrade(url)


async def test_a_failed_upgrade_leaves_nothing(empty_url: str) -> None:
    """The last table is there already, so the migration fails after making the others."""
    engine = create_engine(empty_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE favorites (id INTEGER)"))
    await engine.dispose()
    with pytest.raises(DatabaseUnavailable, match="favorites"):
        await upgrade(empty_url)
    assert await run(empty_url, tables) == {"favorites"}


async def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Дорогой дневник, " * 100, encoding="utf-8")
    with pytest.raises(DatabaseUnavailable, match=r"notes\.txt: file is not a database"):
        await upgrade(f"sqlite+aiosqlite:///{path}")
    assert path.read_text(encoding="utf-8") == "Дорогой дневник, " * 100


async def test_a_damaged_database(sqlite_url: str, tmp_path: Path) -> None:
    await upgrade(sqlite_url)
    path = tmp_path / "data" / "imyarek.db"
    with sqlite3.connect(path) as connection:
        [(page,)] = connection.execute("PRAGMA page_size")
    connection.close()
    path.write_bytes(path.read_bytes()[: page // 2])
    with pytest.raises(DatabaseUnavailable, match=r"cannot use the SQLite file .*imyarek\.db"):
        await upgrade(sqlite_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://user:s3cret@127.0.0.1:1/imyarek",
        "postgresql+asyncpg://user:p@s3cret@127.0.0.1:1/imyarek",
        "postgresql+asyncpg://user@127.0.0.1:1/imyarek?password=s3cret",
        "postgresql+asyncpg://user@127.0.0.1:1/imyarek?unknown=s3cret",
    ],
)
async def test_an_unreachable_server(url: str) -> None:
    pytest.importorskip("asyncpg")
    expected = r"^cannot use the PostgreSQL database imyarek at 127\.0\.0\.1: ."
    with pytest.raises(DatabaseUnavailable, match=expected) as caught:
        await upgrade(url)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
