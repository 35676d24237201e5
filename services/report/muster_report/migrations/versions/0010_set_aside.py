"""Changes that could not be applied, how often one was applied late, and troubles that notify is told of."""

from alembic import op

from muster_shared import set_aside

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    set_aside.CREATE,
    "ALTER TABLE cursor ADD COLUMN mended bigint NOT NULL DEFAULT 0",
    """
    CREATE TABLE trouble (
        kind text NOT NULL,
        subject text NOT NULL,
        detail text NOT NULL,
        since timestamptz NOT NULL,
        stands boolean NOT NULL,
        told_at timestamptz,
        heard boolean NOT NULL,
        PRIMARY KEY (kind, subject)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
