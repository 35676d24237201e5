"""The index of what is to be reminded tells the time zone as well: a sweep asks where it is which day without a look
at the obligations themselves, which lie all over the table."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    "DROP INDEX obligation_to_remind",
    """
    CREATE INDEX obligation_to_remind ON obligation (next_rung_on) INCLUDE (time_zone)
    WHERE cancelled_at IS NULL AND state IN ('awaited', 'returned')
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
