"""The projects of an office are found, not looked for among all that there are."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("CREATE INDEX fact_of_office ON fact ((fields ->> 'office')) WHERE kind = 'project'")
