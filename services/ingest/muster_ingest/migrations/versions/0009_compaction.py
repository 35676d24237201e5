"""Where the fields of revisions stand that are not current any more, packed."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    "CREATE TABLE revision_pack (pack_id bigint PRIMARY KEY, content jsonb NOT NULL)",
    """
    ALTER TABLE revision
        ALTER COLUMN fields DROP NOT NULL,
        ADD COLUMN pack_id bigint REFERENCES revision_pack,
        ADD CONSTRAINT revision_fields_somewhere CHECK (fields IS NOT NULL OR pack_id IS NOT NULL)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
