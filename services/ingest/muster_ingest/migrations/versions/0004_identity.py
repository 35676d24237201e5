"""People, their tokens, and what was taken back."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE person (
        email text PRIMARY KEY CHECK (email = lower(email)),
        name text NOT NULL,
        language text NOT NULL CHECK (language IN ('en', 'fr', 'es')),
        time_zone text NOT NULL,
        role text NOT NULL,
        offices text[] NOT NULL,
        regions text[] NOT NULL,
        donor text,
        active boolean NOT NULL,
        added_at timestamptz NOT NULL,
        added_by text NOT NULL,
        last_signed_in timestamptz
    )
    """,
    """
    CREATE TABLE api_token (
        token_id text PRIMARY KEY,
        token_hash text NOT NULL UNIQUE,
        title text NOT NULL,
        name text NOT NULL,
        role text NOT NULL,
        offices text[] NOT NULL,
        regions text[] NOT NULL,
        donor text,
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_by text
    )
    """,
    "CREATE INDEX api_token_of ON api_token (lower(name))",
    """
    CREATE TABLE revoked_token (
        token_id text PRIMARY KEY,
        expires_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE signed_out (
        email text PRIMARY KEY CHECK (email = lower(email)),
        before double precision NOT NULL
    )
    """,
    "CREATE TABLE revocation (single boolean PRIMARY KEY CHECK (single), number bigint NOT NULL)",
    "INSERT INTO revocation VALUES (true, 0)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
