"""Ratings as data: what people thought of names, one JSON object a line, hostile until parsed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ml.errors import RatingsFileError
from ml.names.records import Gender, Kind, Origin, current_origin, fold

_LARGEST_FILE = 64 * 2**20  # bytes


def _thumb(value: int) -> int:
    # A Literal would also take `true` and 1.0, which are equal to 1.
    if value not in (1, -1):
        raise PydanticCustomError("thumb", "must be 1 or -1")
    return value


def _none_is_empty(prefix: Any) -> Any:
    return "" if prefix is None else prefix


class Rating(BaseModel):
    """One 👍 (+1) or 👎 (-1) of one user for one name.

    `prefix` are the letters that the user had asked for. A `gender` or `origin` of `None` is not
    known.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    name: Annotated[str, Field(min_length=1)]
    value: Annotated[int, AfterValidator(_thumb)]
    user: int | Annotated[str, Field(min_length=1, max_length=200)]
    gender: Gender | None = None
    prefix: Annotated[str, BeforeValidator(_none_is_empty)] = ""
    kind: Kind = "given"
    origin: Annotated[Origin | None, BeforeValidator(current_origin)] = None


def read_ratings(path: Path) -> list[Rating]:
    """The ratings of a JSONL file; of several ratings of one user for one name, the last.

    Empty lines are passed over, and so are keys that are not those of `Rating`.

    Raises:
        RatingsFileError: the file cannot be read, is not UTF-8, has a malformed line, or holds no
            rating.
    """
    ratings = [
        _parse_line(line, path, number)
        for number, line in enumerate(_read_text(path).removeprefix("\ufeff").split("\n"), start=1)
        if line.strip()
    ]
    if not ratings:
        raise RatingsFileError(f"{path}: the file holds no ratings")
    return last_words(ratings)


def write_ratings(ratings: Iterable[Rating], path: Path, *, append: bool = False) -> None:
    """Write a JSONL file, the inverse of `read_ratings`, or more lines to its end."""
    with path.open("a" if append else "w", encoding="utf-8") as file:
        file.writelines(f"{rating.model_dump_json()}\n" for rating in ratings)


def last_words(ratings: Sequence[Rating]) -> list[Rating]:
    """Of several ratings of one user for one name (compared folded), only the last."""
    return list({(rating.user, fold(rating.name)): rating for rating in ratings}.values())


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise RatingsFileError(f"{path}: larger than {_LARGEST_FILE // 2**20} MiB")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RatingsFileError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise RatingsFileError(f"{path}: {error.strerror}") from error


def _parse_line(line: str, path: Path, number: int) -> Rating:
    try:
        return Rating.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # The parser counts lines from the start of its text, which is this line alone.
        said = "not a JSON object" if first["type"] == "json_invalid" else first["msg"]
        where = f"{first['loc'][0]}: " if first["loc"] else ""
        raise RatingsFileError(f"{path}, line {number}: {where}{said}") from error
