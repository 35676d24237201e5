"""Links to sign in with, sent by mail."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    CREATE TABLE sign_in_link (
        link_hash text PRIMARY KEY,
        nonce_hash text NOT NULL,
        email text NOT NULL CHECK (email = lower(email)),
        made_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX sign_in_link_of ON sign_in_link (email, made_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
