"""The schema is brought up to date when the program starts."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from db.engine import DatabaseUnavailable, create_engine, parse_url

# Any number that nothing else in the same PostgreSQL database locks.
_POSTGRES_LOCK = 7_209_341


async def upgrade(url: str) -> None:
    """Apply the migrations that the database lacks, all or none, up to the newest.

    Safe when several programs start at once: the others wait and find nothing left to do.

    Raises:
        DatabaseUnavailable: the database cannot be reached or read, refuses the credentials, or
            was written by a newer version of this program.
    """
    engine = create_engine(url, foreign_keys=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except CommandError as error:
        raise DatabaseUnavailable(
            f"{_place(parse_url(url))} was written by another version of Imyarek: {error}"
        ) from error
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:  # the last two: bad options
        raise DatabaseUnavailable(
            f"cannot use {_place(parse_url(url))}: {_reason(error)}"
        ) from error
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
    with as_file(files("migrations")) as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        command.upgrade(config, "head")


def _place(url: URL) -> str:
    """Where the database is, without user, password and options (which may hold one too)."""
    if url.get_backend_name() == "sqlite":
        return f"the SQLite file {url.database}"
    # A password with an unescaped @ spills into the host.
    host = (url.host or "localhost").rpartition("@")[2]
    return f"the PostgreSQL database {url.database} at {host}"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
