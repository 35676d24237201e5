"""Mails are held after a restore until an administrator lets them go: an alarm of its own kind says so."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    "ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check",
    """
    ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
        CHECK (kind IN ('address_fails', 'nobody_to_tell', 'storm', 'review_waits', 'restored'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
