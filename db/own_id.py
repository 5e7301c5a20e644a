"""The id of the row that is being inserted, which SQLite and PostgreSQL know by different means."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from db.models import Generation

_TABLE = Generation.__tablename__
_SEQUENCE = f"pg_get_serial_sequence('{_TABLE}', 'id')"


class NextId(FunctionElement[int]):
    """The value of a new generation's `id`; before `OwnId` in the same row, and once."""

    inherit_cache = True


class OwnId(FunctionElement[int]):
    """The same number again, for another column of that row."""

    inherit_cache = True


@compiles(NextId, "sqlite")
def _(element: NextId, compiler: Any, **_: Any) -> str:
    return "NULL"  # one more than the largest


@compiles(OwnId, "sqlite")
def _(element: OwnId, compiler: Any, **_: Any) -> str:
    # The same rule; nobody else writes meanwhile.
    return f"(SELECT coalesce(max(id), 0) + 1 FROM {_TABLE})"  # noqa: S608


@compiles(NextId, "postgresql")
def _(element: NextId, compiler: Any, **_: Any) -> str:
    return f"nextval({_SEQUENCE})"


@compiles(OwnId, "postgresql")
def _(element: OwnId, compiler: Any, **_: Any) -> str:
    return f"currval({_SEQUENCE})"
