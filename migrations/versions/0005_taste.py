"""By what a name was chosen, and whether a person wants names chosen by their taste."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _add_filled(
        "generations", sa.Column("chosen", sa.String(), nullable=False, server_default="model")
    )
    _add_filled(
        "users", sa.Column("by_taste", sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    op.drop_column("users", "by_taste")
    op.drop_column("generations", "chosen")


def _add_filled(table: str, column: sa.Column[str] | sa.Column[bool]) -> None:
    op.add_column(table, column)
    # The default was for the rows that there were. SQLite cannot drop it, and does not need to.
    if op.get_context().dialect.supports_alter:
        op.alter_column(table, column.name, server_default=None)
