"""Where in its submission a fact stands: the sheet, the row and the cell of each field."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE fact ADD COLUMN source jsonb NOT NULL DEFAULT '{}'")
