"""Schedules, looks, what was said at a release, and how often a report was made while changes kept coming."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    CREATE TABLE schedule (
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        moving text[] NOT NULL,
        kind text NOT NULL,
        dates date[] NOT NULL,
        time_zone text NOT NULL,
        hour bigint NOT NULL,
        next_at timestamptz,
        last_at timestamptz,
        enabled boolean NOT NULL,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (report, params_key)
    )
    """,
    "CREATE INDEX schedule_due ON schedule (next_at) WHERE enabled",
    """
    CREATE TABLE look (
        scope text NOT NULL,
        number bigint NOT NULL,
        sha256 text,
        name text NOT NULL,
        accent text NOT NULL,
        tint text NOT NULL,
        logo text,
        language text,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (scope, number)
    )
    """,
    "CREATE INDEX look_by_hash ON look (sha256)",
    "ALTER TABLE issue ADD COLUMN look text, ADD COLUMN release_note text",
    "ALTER TABLE report_state ADD COLUMN spell bigint NOT NULL DEFAULT 0, ADD COLUMN served_at timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
