"""What leaving issues hide and were protected against, and what each release told of counts of people."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    ALTER TABLE issue
        ADD COLUMN protected_against uuid[] NOT NULL DEFAULT '{}',
        ADD COLUMN suppression jsonb,
        ADD COLUMN marks jsonb
    """,
    """
    CREATE TABLE release (
        number bigint PRIMARY KEY,
        issue_id uuid NOT NULL UNIQUE REFERENCES issue,
        told bytea NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
