"""An index by which the records of a project are found, for what a change of one of them affects."""

from __future__ import annotations

from alembic import op

revision, down_revision, branch_labels, depends_on = "0007", "0006", None, None


def upgrade() -> None:
    """Index the kinds that belong to projects."""
    op.execute(
        "CREATE INDEX fact_of_project ON fact ((fields ->> 'project_code'))"
        " WHERE kind IN ('project', 'grant', 'progress_report', 'extension')"
    )
