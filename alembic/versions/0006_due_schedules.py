"""Schedules that are due, and those that changed of late, found by index among a hundred thousand."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_schedules_next_at", "schedules", ["next_at"], postgresql_where=KEPT, sqlite_where=KEPT
    )
    op.create_index("ix_schedules_updated_at", "schedules", ["updated_at"])


def downgrade() -> None:
    op.drop_index("ix_schedules_updated_at", "schedules")
    op.drop_index("ix_schedules_next_at", "schedules")
