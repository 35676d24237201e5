"""People who are erased, and what is kept for a time only."""

from alembic import op

from muster_shared import audit_erasing, erasing_heard, keeping

revision = "0004"
down_revision = "0003"

STATEMENTS = (erasing_heard.CREATE, keeping.CREATE, *audit_erasing.CREATE)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
