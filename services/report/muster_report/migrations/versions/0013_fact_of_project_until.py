"""What holds of a project is found without what held before: a change costs the same however long its history."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    """
    CREATE INDEX fact_of_project_until ON fact ((fields ->> 'project_code'), until)
    WHERE kind IN ('project', 'grant', 'progress_report', 'extension')
    """,
    "DROP INDEX fact_of_project",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
