"""An index of the names that were shown in a chat, for /top and /history there."""

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

NAME = "ix_generations_chat_id_user_id_id"


def upgrade() -> None:
    op.create_index(op.f(NAME), "generations", ["chat_id", "user_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f(NAME), "generations")
