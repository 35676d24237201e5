"""Submissions, records, revisions, the change log."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    "CREATE SEQUENCE submission_number",
    """
    CREATE TABLE submission (
        submission_id uuid PRIMARY KEY,
        number bigint NOT NULL DEFAULT nextval('submission_number') UNIQUE,
        receipt text UNIQUE,
        office text,
        status text NOT NULL CHECK (status IN ('accepted', 'rejected', 'processing')),
        received_at timestamptz NOT NULL,
        caller text NOT NULL,
        sha256 text NOT NULL,
        size bigint NOT NULL,
        content_type text NOT NULL,
        http_status bigint NOT NULL,
        document jsonb NOT NULL
    )
    """,
    "CREATE INDEX submission_of_office ON submission (office, number)",
    """
    CREATE TABLE idempotency_key (
        caller text NOT NULL,
        key text NOT NULL,
        sha256 text NOT NULL,
        submission_id uuid NOT NULL REFERENCES submission DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (caller, key)
    )
    """,
    "CREATE TABLE office_counter (office text PRIMARY KEY, last bigint NOT NULL)",
    """
    CREATE TABLE record (
        kind text NOT NULL,
        key text NOT NULL,
        revision bigint NOT NULL,
        office text NOT NULL,
        withdrawn boolean NOT NULL,
        fields jsonb NOT NULL,
        PRIMARY KEY (kind, key)
    )
    """,
    "CREATE INDEX record_office ON record (office, kind)",
    "CREATE INDEX record_fields ON record USING gin (fields jsonb_path_ops)",
    """
    CREATE TABLE revision (
        change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        position bigint UNIQUE,
        kind text NOT NULL,
        key text NOT NULL,
        revision bigint NOT NULL,
        action text NOT NULL CHECK (action IN ('upsert', 'withdraw')),
        office text NOT NULL,
        fields jsonb NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor text NOT NULL,
        submission_id uuid NOT NULL REFERENCES submission,
        pointer text,
        UNIQUE (kind, key, revision)
    )
    """,
    "CREATE INDEX revision_unpublished ON revision (change_id) WHERE position IS NULL",
    "CREATE INDEX revision_submission ON revision (submission_id)",
    "CREATE TABLE change_log (single boolean PRIMARY KEY CHECK (single), epoch text NOT NULL, last bigint NOT NULL)",
    "INSERT INTO change_log VALUES (true, gen_random_uuid()::text, 0)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
