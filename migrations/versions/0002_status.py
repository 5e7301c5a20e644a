"""What is known of a name; the peoples of Russia and the world apart."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _replace(
        sa.Column("status", sa.String(), nullable=False, server_default="known"),
        "UPDATE generations SET status = 'novel' WHERE novel",
        "novel",
    )
    op.execute("UPDATE generations SET origin = 'peoples' WHERE origin = 'other'")


def downgrade() -> None:
    _replace(
        sa.Column("novel", sa.Boolean(), nullable=False, server_default=sa.false()),
        "UPDATE generations SET novel = true WHERE status = 'novel'",
        "status",
    )
    op.execute("UPDATE generations SET origin = 'other' WHERE origin != 'russian'")


def _replace(column: sa.Column[str] | sa.Column[bool], fill: str, former: str) -> None:
    op.add_column("generations", column)
    op.execute(fill)
    # The default was for the rows that there were. SQLite cannot drop it, and does not need to.
    if op.get_context().dialect.supports_alter:
        op.alter_column("generations", column.name, server_default=None)
    op.drop_column("generations", former)
