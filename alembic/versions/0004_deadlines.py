"""When schedules' runs have to be finished and which were late; schedules that stop after failures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JUDGED = sa.text("judge_at IS NOT NULL")
DELAYS = ("undecided", "not_run", "unfinished", "failed")


def upgrade() -> None:
    op.drop_column("schedules", "failures_in_row")
    op.add_column("schedules", sa.Column("paused_why", sa.Text(), nullable=True))
    op.add_column("schedules", sa.Column("ended_pauses", sa.JSON(none_as_null=True), nullable=True))
    for name in ("resumed_at", "followed_since", "judged", "judge_at"):
        op.add_column("schedules", sa.Column(name, MOMENT, nullable=True))
    op.create_index(
        "ix_schedules_judge_at", "schedules", ["judge_at"], postgresql_where=JUDGED, sqlite_where=JUDGED
    )
    op.create_table(
        "lateness",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("instant", MOMENT, nullable=False),
        sa.Column("last_instant", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("deadline", MOMENT, nullable=False),
        sa.Column("delay", sa.Enum(*DELAYS, name="delay", native_enum=False, length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name="fk_lateness_schedule_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_lateness_run_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_lateness"),
        sa.UniqueConstraint("schedule_id", "instant", name="uq_lateness_schedule_id_instant"),
    )
    op.create_index("ix_lateness_run_id", "lateness", ["run_id"])


def downgrade() -> None:
    op.drop_table("lateness")
    op.drop_index("ix_schedules_judge_at", "schedules")
    for name in ("judge_at", "judged", "followed_since", "resumed_at", "ended_pauses", "paused_why"):
        op.drop_column("schedules", name)
    op.add_column("schedules", sa.Column("failures_in_row", sa.Integer(), nullable=False, server_default="0"))
