"""Workbooks: where in a sheet a record stands, large ones in the background, undoing."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "ALTER TABLE submission ADD COLUMN file_name text",
    "ALTER TABLE submission ADD COLUMN dry_run boolean NOT NULL DEFAULT false",
    "ALTER TABLE submission ADD COLUMN reverts uuid REFERENCES submission",
    "ALTER TABLE submission ADD COLUMN sheets jsonb",
    # revisions are written batch by batch, before it is known how their submission ends
    "ALTER TABLE revision ALTER CONSTRAINT revision_submission_id_fkey DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE revision ADD COLUMN sheet bigint",
    "ALTER TABLE revision ADD COLUMN row_number bigint",
    "ALTER TABLE revision ADD COLUMN entry_rows jsonb",
    """
    CREATE TABLE workbook_job (
        submission_id uuid PRIMARY KEY REFERENCES submission,
        caller jsonb NOT NULL,
        office text NOT NULL,
        kind text,
        note text,
        attempt bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        progress double precision NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX submission_processing ON submission (number) WHERE status = 'processing'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
