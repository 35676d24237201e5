"""Issues made of changes that a restore of the log took away."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE issue ADD COLUMN of_lost_log boolean NOT NULL DEFAULT false")
