"""Express lanes for short stages, named resources, time limits in SQL; events count themselves.

Columns are added and dropped in place: to make a table anew would, on SQLite, delete what refers to its rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HELD = sa.text("lease_until IS NOT NULL")
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
    op.drop_index("ix_tasks_lease", "tasks")
    op.create_index("ix_tasks_held", "tasks", ["run_id", "step"], postgresql_where=HELD, sqlite_where=HELD)
    op.create_index(
        "ix_tasks_turned_away", "tasks", ["resource"], postgresql_where=WAITING, sqlite_where=WAITING
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_turned_away", "tasks")
    op.drop_index("ix_tasks_held", "tasks")
    op.create_index(
        "ix_tasks_lease", "tasks", ["lease_until"], postgresql_where=RUNNING, sqlite_where=RUNNING
    )
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
