"""Changes that could not be applied, and the alarms of administrators: these, and reports that fail."""

from alembic import op

from muster_shared import set_aside

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    set_aside.CREATE,
    "ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check",
    """
    ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check CHECK (kind IN (
        'address_fails', 'nobody_to_tell', 'storm', 'review_waits', 'restored', 'report_fails', 'set_aside'
    ))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
