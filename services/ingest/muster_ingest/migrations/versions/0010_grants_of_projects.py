"""The grants of a project are found by an index: each submission about a project asks for them."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """
    CREATE INDEX grant_of_project ON record ((fields ->> 'project_code'))
    WHERE kind = 'grant' AND NOT withdrawn
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
