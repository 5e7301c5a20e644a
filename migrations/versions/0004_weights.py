"""Weights in a table of their own; names that nobody rated as counts; who owns a training run."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

OF_RUNS: dict[str, sa.types.TypeEngine[Any]] = {
    "scratch": sa.String(),
    "alive_at": sa.DateTime(timezone=True),
    "chat_id": sa.BigInteger(),
    "message_id": sa.BigInteger(),
    "language": sa.String(),
}


def upgrade() -> None:
    op.create_table(
        "model_weights",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["model_versions.id"],
            name=op.f("fk_model_weights_version_id_model_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_model_weights")),
    )
    # One version after the other: the pages that one leaves hold the next, so the file of many
    # versions grows by one of them and not by all.
    connection = op.get_bind()
    for version_id in connection.scalars(sa.text("SELECT id FROM model_versions")).all():
        for statement in (
            "INSERT INTO model_weights SELECT id, weights FROM model_versions WHERE id = :id",
            "UPDATE model_versions SET weights = '' WHERE id = :id",
        ):
            connection.execute(sa.text(statement), {"id": version_id})
    op.drop_column("model_versions", "weights")
    _add_filled(
        "model_versions",
        sa.Column("folded_names", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    for name, kind in OF_RUNS.items():
        op.add_column("training_runs", sa.Column(name, kind))


def downgrade() -> None:
    for name in OF_RUNS:
        op.drop_column("training_runs", name)
    op.drop_column("model_versions", "folded_names")
    _add_filled(
        "model_versions",
        sa.Column("weights", sa.LargeBinary(), nullable=False, server_default=sa.text("''")),
    )
    connection = op.get_bind()
    # What was thinned out stays empty.
    connection.execute(sa.text("UPDATE model_versions SET weights = :none"), {"none": b""})
    for version_id in connection.scalars(sa.text("SELECT version_id FROM model_weights")).all():
        for statement in (
            "UPDATE model_versions SET weights = (SELECT content FROM model_weights"
            " WHERE version_id = :id) WHERE id = :id",
            "DELETE FROM model_weights WHERE version_id = :id",
        ):
            connection.execute(sa.text(statement), {"id": version_id})
    op.drop_table("model_weights")


def _add_filled(table: str, column: sa.Column[int] | sa.Column[bytes]) -> None:
    op.add_column(table, column)
    # The default was for the rows that there were. SQLite cannot drop it, and does not need to.
    if op.get_context().dialect.supports_alter:
        op.alter_column(table, column.name, server_default=None)
