"""People who are erased, what names them and is restricted, and what is kept for a time only."""

from alembic import op

from muster_shared import audit_erasing, keeping

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    CREATE TABLE erasure (
        erasure_id uuid PRIMARY KEY,
        mark text NOT NULL UNIQUE,
        salt text NOT NULL,
        digest text NOT NULL,
        address text,
        names text[],
        void_before double precision NOT NULL,
        asked_at timestamptz NOT NULL,
        asked_by text NOT NULL,
        passes bigint NOT NULL DEFAULT 0,
        rewritten_at timestamptz,
        looked_upto bigint NOT NULL DEFAULT 0,
        looked_at timestamptz,
        restricted bigint NOT NULL DEFAULT 0,
        touched jsonb NOT NULL,
        done_at timestamptz
    )
    """,
    "CREATE INDEX erasure_open ON erasure (asked_at) WHERE done_at IS NULL",
    "ALTER TABLE submission ADD COLUMN restricted_at timestamptz",
    keeping.CREATE,
    *audit_erasing.CREATE,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
