"""The tables."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

Gender = Literal["m", "f"]
NameStatus = Literal["known", "short", "novel"]
Choice = Literal["model", "taste"]
RatingValue = Literal[-1, 1]
VersionSource = Literal["file", "retrain"]
RunStatus = Literal["queued", "running", "succeeded", "rejected", "failed", "cancelled"]

# Telegram does not say in which chat a message was sent inline; no chat has this id.
INLINE_CHAT = 0

# SQLite numbers rows by itself only in a column whose type is exactly INTEGER (64 bits there).
_BigId = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which has no time zones, keeps it as naive UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: nobody knows what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What all tables share: names of constraints that migrations can rely on, column types."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
    }


class User(Base):
    """A person who talked to the bot; ``id`` is Telegram's.

    ``by_taste`` is a preference of theirs, see `db.users.Preferences`.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    by_taste: Mapped[bool] = mapped_column(default=True)


class Generation(Base):
    """One name shown to one user, with all that is needed to compare models honestly.

    The names of one message share ``answer_id``, which is the ``id`` of the first of them.
    ``gender`` is that of the name, ``requested_gender`` what was asked for; ``status`` says whether
    people of this gender bear it, or call each other so, or it was found nowhere; ``log_prob`` is
    in nats. ``chosen`` says how it was: drawn as the model draws (``model``), or picked among such
    draws by what the person had rated (``taste``), which ``log_prob`` knows nothing of.
    ``chat_id`` is the Telegram chat of the message, `INLINE_CHAT` if it was sent inline, empty for
    names shown before chats were noted. ``user_id`` and ``chat_id`` are empty once the person
    asked to be forgotten.
    """

    __tablename__ = "generations"
    __table_args__ = (
        CheckConstraint("gender IN ('m', 'f')", name="gender"),
        CheckConstraint("requested_gender IN ('m', 'f')", name="requested_gender"),
        Index(None, "user_id", "id"),
        Index(None, "chat_id", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    # Empty only between the two statements of `db.generations.add`: the id is not known before.
    answer_id: Mapped[int] = mapped_column(BigInteger, nullable=True, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    gender: Mapped[Gender | None] = mapped_column(String)
    origin: Mapped[str]
    prefix: Mapped[str]
    requested_gender: Mapped[Gender | None] = mapped_column(String)
    status: Mapped[NameStatus] = mapped_column(String)
    temperature: Mapped[float]
    top_k: Mapped[int | None]
    top_p: Mapped[float | None]
    novel_only: Mapped[bool]
    log_prob: Mapped[float]
    chosen: Mapped[Choice] = mapped_column(String, default="model")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Rating(Base):
    """What one user thinks of one generation; a withdrawn rating has no row."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("value IN (-1, 1)", name="value"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    generation_id: Mapped[int] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    value: Mapped[RatingValue] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class Press(Base):
    """The last press of one user's thumbs under one generation, so that none counts twice.

    ``update_id`` is Telegram's number of the update that brought it. The row outlives a withdrawn
    rating: that is when a repeat would do harm.
    """

    __tablename__ = "presses"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    generation_id: Mapped[int] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    update_id: Mapped[int] = mapped_column(BigInteger)
    pressed_at: Mapped[datetime]


class Favorite(Base):
    """A generation that a user keeps."""

    __tablename__ = "favorites"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    generation_id: Mapped[int] = mapped_column(
        ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Heartbeat(Base):
    """The one row that is written again and again to see whether writing works."""

    __tablename__ = "heartbeats"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    beaten_at: Mapped[datetime]


class ModelVersion(Base):
    """A model with its history: the file it came from or the run that made it.

    ``sha256`` is the hexadecimal digest of its weights, which lie in `ModelWeights`: they are
    stored in the transaction that makes the version, and go when enough newer ones are there.
    ``folded_names`` counts the generations that are gone, see `db.upkeep`.
    """

    __tablename__ = "model_versions"
    __table_args__ = (
        CheckConstraint("source IN ('file', 'retrain')", name="source"),
        Index(
            "uq_model_versions_current",
            "is_current",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    # use_alter: the two tables point at each other, so one of them is made before its key.
    training_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("training_runs.id", use_alter=True)
    )
    source: Mapped[VersionSource] = mapped_column(String)
    sha256: Mapped[str] = mapped_column(unique=True)
    metrics: Mapped[dict[str, Any]]
    is_current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    activated_at: Mapped[datetime | None]
    folded_names: Mapped[int] = mapped_column(default=0)


class ModelWeights(Base):
    """The bytes of the ``.safetensors`` file of a version: megabytes, written and read alone."""

    __tablename__ = "model_weights"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("model_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TrainingRun(Base):
    """One attempt to learn from the ratings; at most one is queued or running.

    ``scratch`` names the temporary directory of its owner, who notes every few seconds in
    ``alive_at`` that the run goes on. ``chat_id`` and ``message_id`` are the message that follows
    the run, in ``language``, as long as it does not show how the run ended.
    """

    __tablename__ = "training_runs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'rejected', 'failed', 'cancelled')",
            name="status",
        ),
        Index(
            "uq_training_runs_active",
            text("(1)"),
            unique=True,
            sqlite_where=text("status IN ('queued', 'running')"),
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[RunStatus] = mapped_column(String)
    # A Telegram id without a foreign key: an admin may never have talked to the bot as a user.
    requested_by: Mapped[int | None] = mapped_column(BigInteger)
    base_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    ratings_count: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    metrics: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    scratch: Mapped[str | None]
    alive_at: Mapped[datetime | None]
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str | None]
