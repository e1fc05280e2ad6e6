"""One report of a run may be stored in several formats, each with versions of its own."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_constraint("uq_reports_run_id_name", type_="unique")
        batch_op.drop_constraint("uq_reports_pipeline_name_version", type_="unique")
        batch_op.create_unique_constraint("uq_reports_run_id_name_format", ["run_id", "name", "format"])
        batch_op.create_unique_constraint(
            "uq_reports_pipeline_name_format_version", ["pipeline", "name", "format", "version"]
        )


def downgrade() -> None:
    """Fails where a report has several formats: none of them is to be lost in silence."""
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_constraint("uq_reports_run_id_name_format", type_="unique")
        batch_op.drop_constraint("uq_reports_pipeline_name_format_version", type_="unique")
        batch_op.create_unique_constraint("uq_reports_run_id_name", ["run_id", "name"])
        batch_op.create_unique_constraint("uq_reports_pipeline_name_version", ["pipeline", "name", "version"])
