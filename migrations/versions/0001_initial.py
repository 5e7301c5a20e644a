"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language_code", sa.String()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_table(
        "model_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("training_run_id", sa.Integer()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("activated_at", TIME),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("source IN ('file', 'retrain')", name=op.f("ck_model_versions_source")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["model_versions.id"],
            name=op.f("fk_model_versions_parent_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["training_run_id"],
            ["training_runs.id"],
            name=op.f("fk_model_versions_training_run_id_training_runs"),
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_model_versions_sha256")),
    )
    op.create_index(
        "uq_model_versions_current",
        "model_versions",
        ["is_current"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "training_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requested_by", sa.BigInteger()),
        sa.Column("base_version_id", sa.Integer(), nullable=False),
        sa.Column("ratings_count", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("metrics", sa.JSON()),
        sa.Column("error", sa.String()),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'rejected', 'failed', 'cancelled')",
            name=op.f("ck_training_runs_status"),
        ),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["model_versions.id"],
            name=op.f("fk_training_runs_base_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
    )
    op.create_index(
        "uq_training_runs_active",
        "training_runs",
        [sa.text("(1)")],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    # SQLite cannot add a key to a table, and does not mind one to a table not yet made.
    if op.get_context().dialect.supports_alter:
        op.create_foreign_key(
            op.f("fk_model_versions_training_run_id_training_runs"),
            "model_versions",
            "training_runs",
            ["training_run_id"],
            ["id"],
        )
    op.create_table(
        "generations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("answer_id", sa.BigInteger()),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("gender", sa.String()),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("requested_gender", sa.String()),
        sa.Column("novel", sa.Boolean(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=False),
        sa.Column("top_k", sa.Integer()),
        sa.Column("top_p", sa.Double()),
        sa.Column("novel_only", sa.Boolean(), nullable=False),
        sa.Column("log_prob", sa.Double(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("gender IN ('m', 'f')", name=op.f("ck_generations_gender")),
        sa.CheckConstraint(
            "requested_gender IN ('m', 'f')", name=op.f("ck_generations_requested_gender")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_generations_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_generations_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
    )
    op.create_index(op.f("ix_generations_user_id_id"), "generations", ["user_id", "id"])
    op.create_index(op.f("ix_generations_answer_id"), "generations", ["answer_id"])
    op.create_index(op.f("ix_generations_model_version_id"), "generations", ["model_version_id"])
    op.create_table(
        "ratings",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("generation_id", BIG_ID, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("value IN (-1, 1)", name=op.f("ck_ratings_value")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_ratings_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name=op.f("fk_ratings_generation_id_generations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "generation_id", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_generation_id"), "ratings", ["generation_id"])
    op.create_table(
        "favorites",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("generation_id", BIG_ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_favorites_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name=op.f("fk_favorites_generation_id_generations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "generation_id", name=op.f("pk_favorites")),
    )
    op.create_index(op.f("ix_favorites_generation_id"), "favorites", ["generation_id"])


def downgrade() -> None:
    op.drop_table("favorites")
    op.drop_table("ratings")
    op.drop_table("generations")
    if op.get_context().dialect.supports_alter:
        op.drop_constraint(
            op.f("fk_model_versions_training_run_id_training_runs"),
            "model_versions",
            type_="foreignkey",
        )
    op.drop_table("training_runs")
    op.drop_table("model_versions")
    op.drop_table("users")
