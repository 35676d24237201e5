"""Steps of the endorsement workflow, and the documents of projects."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE transition (
        project_code text NOT NULL,
        revision bigint NOT NULL,
        name text NOT NULL,
        status_before text NOT NULL,
        status text NOT NULL,
        comment text,
        actor text NOT NULL,
        role text NOT NULL,
        taken_at timestamptz NOT NULL,
        submission_id uuid NOT NULL REFERENCES submission DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (project_code, revision)
    )
    """,
    """
    CREATE INDEX project_waiting ON record ((fields ->> 'status'))
    WHERE kind = 'project' AND NOT withdrawn
    """,
    """
    CREATE TABLE project_document (
        project_code text NOT NULL,
        name text NOT NULL,
        version bigint NOT NULL,
        type text NOT NULL,
        content_type text NOT NULL,
        sha256 text NOT NULL,
        size bigint NOT NULL,
        stored_at timestamptz NOT NULL,
        stored_by text NOT NULL,
        PRIMARY KEY (project_code, name, version)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
