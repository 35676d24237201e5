"""Issues that notify has not heard of yet."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE untold_issue (
            issue_id uuid PRIMARY KEY REFERENCES issue ON DELETE CASCADE,
            content jsonb NOT NULL,
            told_at timestamptz
        )
        """
    )
