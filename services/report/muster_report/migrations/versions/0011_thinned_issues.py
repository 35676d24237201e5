"""Old issues whose workbook is no longer kept, and the bytes that no issue names any more."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    "ALTER TABLE issue ADD COLUMN thinned_at timestamptz",
    "CREATE INDEX issue_of_content ON issue (sha256)",
    "CREATE TABLE unnamed_object (sha256 text PRIMARY KEY)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
