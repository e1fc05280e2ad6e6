"""Express lanes for short stages, named resources, time limits in SQL, attempts that failed are kept.

Columns are added and dropped in place: to make a table anew would, on SQLite, delete what refers to its rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HELD = sa.text("lease_until IS NOT NULL")
FREE = sa.text("stage_id IS NULL")
PINNING = sa.text("CAST(pins AS TEXT) <> '{}'")
RERUN = sa.text("rerun_of IS NOT NULL")
UNSUCCESSFUL = sa.text("state <> 'succeeded'")
SUPERSEDING = sa.text("supersedes IS NOT NULL")
OF_STAGE = sa.text("stage_id IS NOT NULL")
OF_TASK = sa.text("task_id IS NOT NULL")
WAITING = sa.text("waiting")
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.drop_column("outbox", "attempts")
    op.drop_column("outbox", "error")
    op.drop_column("runs", "events")
    op.drop_column("runs", "cancel_asked_at")
    op.add_column(
        "stages",
        sa.Column(
            "lane",
            sa.Enum("express", "bulk", name="lane", native_enum=False, length=20),
            nullable=False,
            server_default="bulk",
        ),
    )
    op.add_column("tasks", sa.Column("resource", sa.String(length=200), nullable=True))
    op.add_column("tasks", sa.Column("time_limit_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("results_pruned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_runs_pinning", "runs", ["id"], postgresql_where=PINNING, sqlite_where=PINNING)
    op.create_index(
        "ix_runs_unsuccessful", "runs", ["id"], postgresql_where=UNSUCCESSFUL, sqlite_where=UNSUCCESSFUL
    )
    op.create_index("ix_runs_rerun_of", "runs", ["rerun_of"], postgresql_where=RERUN, sqlite_where=RERUN)
    op.create_index("ix_reports_task_id", "reports", ["task_id"])
    op.create_index(
        "ix_reports_supersedes",
        "reports",
        ["supersedes"],
        postgresql_where=SUPERSEDING,
        sqlite_where=SUPERSEDING,
    )
    op.create_index(
        "ix_outbox_stage_id", "outbox", ["stage_id"], postgresql_where=OF_STAGE, sqlite_where=OF_STAGE
    )
    op.create_index(
        "ix_outbox_task_id", "outbox", ["task_id"], postgresql_where=OF_TASK, sqlite_where=OF_TASK
    )
    op.drop_index("ix_tasks_lease", "tasks")
    op.create_index(
        "ix_tasks_free",
        "tasks",
        ["run_id", "step", "position"],
        postgresql_where=FREE,
        sqlite_where=FREE,
    )
    op.create_index("ix_tasks_held", "tasks", ["run_id", "step"], postgresql_where=HELD, sqlite_where=HELD)
    op.create_index(
        "ix_tasks_turned_away", "tasks", ["resource"], postgresql_where=WAITING, sqlite_where=WAITING
    )
    op.create_table(
        "failed_attempts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("error_type", sa.String(length=200), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("log", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_failed_attempts_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "attempt", name=op.f("pk_failed_attempts")),
    )


def downgrade() -> None:
    op.drop_table("failed_attempts")
    op.drop_index("ix_tasks_turned_away", "tasks")
    op.drop_index("ix_tasks_held", "tasks")
    op.drop_index("ix_tasks_free", "tasks")
    op.drop_index("ix_outbox_task_id", "outbox")
    op.drop_index("ix_outbox_stage_id", "outbox")
    op.create_index(
        "ix_tasks_lease", "tasks", ["lease_until"], postgresql_where=RUNNING, sqlite_where=RUNNING
    )
    op.drop_index("ix_reports_supersedes", "reports")
    op.drop_index("ix_reports_task_id", "reports")
    op.drop_index("ix_runs_rerun_of", "runs")
    op.drop_index("ix_runs_unsuccessful", "runs")
    op.drop_index("ix_runs_pinning", "runs")
    op.drop_column("runs", "results_pruned_at")
    op.drop_column("runs", "admitted_at")
    op.drop_column("tasks", "time_limit_at")
    op.drop_column("tasks", "resource")
    op.drop_column("stages", "lane")
    op.add_column("runs", sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("events", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE runs SET events = (SELECT coalesce(max(number), 0) FROM events WHERE events.run_id = runs.id)"
    )
    op.add_column("outbox", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
