"""Why an instant started no run, as a word; a schedule's policies stand in its specification alone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CAUSES = ("closed", "paused", "overlap", "too_late", "superseded", "refused")


def upgrade() -> None:
    op.add_column(
        "firings",
        sa.Column("cause", sa.Enum(*CAUSES, name="cause", native_enum=False, length=20), nullable=True),
    )
    op.execute("UPDATE firings SET cause = 'paused' WHERE reason = 'paused'")
    op.execute("UPDATE firings SET cause = 'superseded' WHERE reason LIKE 'superseded%'")
    op.execute("UPDATE firings SET cause = 'too_late' WHERE reason LIKE 'too late%'")
    op.execute("UPDATE firings SET cause = 'overlap' WHERE reason LIKE 'an earlier run%'")
    op.execute("UPDATE firings SET cause = 'refused' WHERE decision = 'skipped' AND cause IS NULL")
    for name in (
        "params",
        "calendar",
        "catch_up",
        "grace_seconds",
        "overlap",
        "jitter_seconds",
        "deadline",
        "starts_at",
        "ends_at",
        "stop_after_failures",
    ):
        op.drop_column("schedules", name)


def downgrade() -> None:
    json = sa.JSON(none_as_null=True)
    op.add_column("schedules", sa.Column("stop_after_failures", sa.Integer(), nullable=True))
    op.add_column("schedules", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("schedules", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("schedules", sa.Column("deadline", json, nullable=True))
    op.add_column("schedules", sa.Column("jitter_seconds", sa.Double(), nullable=False, server_default="0"))
    op.add_column(
        "schedules", sa.Column("overlap", sa.String(length=200), nullable=False, server_default="queue")
    )
    op.add_column("schedules", sa.Column("grace_seconds", sa.Double(), nullable=True))
    op.add_column(
        "schedules", sa.Column("catch_up", sa.String(length=200), nullable=False, server_default="latest")
    )
    op.add_column("schedules", sa.Column("calendar", json, nullable=True))
    op.add_column("schedules", sa.Column("params", json, nullable=False, server_default="{}"))
    # A grace stands in the specification as text; it is taken over again when the pipeline is edited.
    op.execute(
        "UPDATE schedules SET catch_up = spec ->> 'catch_up', overlap = spec ->> 'overlap' "
        "WHERE spec ->> 'catch_up' IS NOT NULL"
    )
    op.drop_column("firings", "cause")
