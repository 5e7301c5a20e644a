"""Ratings as data: what people thought of names, one JSON object a line, hostile until parsed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ml.errors import RatingsFileError
from ml.learning.fair_sample import FairSample
from ml.names.records import Gender, Kind, Origin, current_origin, fold

_LARGEST_FILE = 2**30  # bytes: four million ratings as the bot writes them
_LONGEST_LINE = 2**16  # bytes
# So many are kept in memory, and learnt from; of more a sample in which everybody has a part.
MOST_RATINGS = 50_000

Chooser = Literal["model", "taste"]


def _thumb(value: int) -> int:
    # A Literal would also take `true` and 1.0, which are equal to 1.
    if value not in (1, -1):
        raise PydanticCustomError("thumb", "must be 1 or -1")
    return value


def _none_is_empty(prefix: Any) -> Any:
    return "" if prefix is None else prefix


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("moment", "is not within the years 1 to 9999") from error


_Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Rating(BaseModel):
    """One 👍 (+1) or 👎 (-1) of one user for one name.

    `prefix` are the letters that the user had asked for. The name was written by the model of
    `version`, with `log_prob` in nats, and `chosen` by that alone or by the user's own taste. `at`
    is when it was rated, `since` when the user was first seen, both in UTC, as a moment without a
    time zone is taken to be. What is `None` is not known.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    name: Annotated[str, Field(min_length=1)]
    value: Annotated[int, AfterValidator(_thumb)]
    user: int | Annotated[str, Field(min_length=1, max_length=200)]
    gender: Gender | None = None
    prefix: Annotated[str, BeforeValidator(_none_is_empty)] = ""
    kind: Kind = "given"
    origin: Annotated[Origin | None, BeforeValidator(current_origin)] = None
    at: _Moment | None = None
    since: _Moment | None = None
    version: int | None = None
    log_prob: Annotated[float, Field(allow_inf_nan=False)] | None = None
    chosen: Chooser | None = None

    @property
    def forced(self) -> int:
        """How many of the first letters were asked for rather than written by the model."""
        asked_for = fold(self.name).startswith(fold(self.prefix))
        return min(len(self.prefix), len(self.name)) if asked_for else 0


def read_ratings(path: Path, *, most: int = MOST_RATINGS) -> list[Rating]:
    """The ratings of a JSONL file; of several ratings of one user for one name, the last.

    The file is read as a stream. Of more than `most` ratings a sample is kept that leaves each
    user as much room as any other (`ml.learning.fair_sample`). Empty lines are passed over, and so
    are keys that are not those of `Rating`.

    Raises:
        RatingsFileError: the file cannot be read, is not UTF-8, has a malformed line, or holds no
            rating.
    """
    kept: FairSample[Rating] = FairSample(most)
    for number, line in enumerate(_read_lines(path), start=1):
        if line.strip():
            rating = _parse_line(line, path, number)
            kept.put(rating.user, fold(rating.name), rating)
    if ratings := kept.items():
        return ratings
    raise RatingsFileError(f"{path}: the file holds no ratings")


def write_ratings(ratings: Iterable[Rating], path: Path, *, append: bool = False) -> None:
    """Write a JSONL file, the inverse of `read_ratings`, or more lines to its end."""
    with path.open("a" if append else "w", encoding="utf-8") as file:
        file.writelines(f"{rating.model_dump_json(exclude_none=True)}\n" for rating in ratings)


def last_words(ratings: Sequence[Rating]) -> list[Rating]:
    """Of several ratings of one user for one name (compared folded), only the last."""
    return thin_out(ratings, len(ratings))


def thin_out(ratings: Sequence[Rating], most: int) -> list[Rating]:
    """`last_words`, and of more than `most` a sample that is as fair to users as can be."""
    kept: FairSample[Rating] = FairSample(most)
    for rating in ratings:
        kept.put(rating.user, fold(rating.name), rating)
    return kept.items()


def _read_lines(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            if path.stat().st_size > _LARGEST_FILE:
                raise RatingsFileError(f"{path}: larger than {_LARGEST_FILE // 2**20} MiB")
            number = 0
            while line := file.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise RatingsFileError(
                        f"{path}, line {number}: longer than {_LONGEST_LINE // 2**10} KiB"
                    )
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise RatingsFileError(f"{path}, line {number}: not UTF-8") from error
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
