"""People who are erased, the issues that name them and are restricted, and what is kept for a time only."""

from alembic import op

from muster_shared import audit_erasing, erasing_heard, keeping

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    erasing_heard.CREATE,
    "ALTER TABLE issue ADD COLUMN restricted_at timestamptz",
    keeping.CREATE,
    *audit_erasing.CREATE,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
