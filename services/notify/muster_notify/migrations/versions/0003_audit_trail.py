"""The audit trail."""

from alembic import op

from muster_shared import audit

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in audit.CREATE:
        op.execute(statement)
