"""An index by which the grants of a donor are found, for its report reads nothing of other donors."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = ("CREATE INDEX fact_of_donor ON fact ((fields ->> 'donor_id')) WHERE kind = 'grant'",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
