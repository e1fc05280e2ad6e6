"""Backfills and the periods that they take; an index that finds the runs of a period."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WITH_INTERVAL = sa.text("interval_start IS NOT NULL")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=20)


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pipeline", sa.String(length=200), nullable=False),
        sa.Column("schedule", sa.String(length=200), nullable=True),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "state",
            words("backfillstate", "running", "paused", "cancelled", "finished"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("max_active", sa.Integer(), nullable=False),
        sa.Column("newest_first", sa.Boolean(), nullable=False),
        sa.Column("rerun", words("rerun", "missing", "failed", "all"), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["pipeline"], ["pipelines.name"], name="fk_backfills_pipeline"),
        sa.PrimaryKeyConstraint("id", name="pk_backfills"),
    )
    op.create_index("ix_backfills_pipeline", "backfills", ["pipeline"])
    op.create_table(
        "backfill_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("backfill_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", words("itemstate", "pending", "started", "left_out"), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("interval_start", MOMENT, nullable=False),
        sa.Column("interval_end", MOMENT, nullable=False),
        sa.Column("interval_label", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["backfill_id"], ["backfills.id"], name="fk_backfill_items_backfill_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name="fk_backfill_items_run_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_backfill_items"),
        sa.UniqueConstraint("backfill_id", "number", name="uq_backfill_items_backfill_id_number"),
    )
    op.create_index("ix_backfill_items_run_id", "backfill_items", ["run_id"])
    op.create_index(
        "ix_runs_interval",
        "runs",
        ["pipeline", "interval_start"],
        postgresql_where=WITH_INTERVAL,
        sqlite_where=WITH_INTERVAL,
    )


def downgrade() -> None:
    op.drop_index("ix_runs_interval", "runs")
    op.drop_table("backfill_items")
    op.drop_table("backfills")
