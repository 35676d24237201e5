"""Steps of the endorsement workflow and handovers heard of in the log, and what waits for its reviewer."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    CREATE TABLE heard_step (
        step_id uuid PRIMARY KEY,
        project_code text NOT NULL,
        status text NOT NULL,
        comment text,
        taken_by text NOT NULL,
        taken_at timestamptz NOT NULL,
        told_at timestamptz
    )
    """,
    "CREATE INDEX heard_step_of_project ON heard_step (project_code, taken_at)",
    """
    CREATE TABLE project_standing (
        project_code text PRIMARY KEY,
        status text NOT NULL,
        step_id uuid NOT NULL,
        since timestamptz NOT NULL,
        taken_by text NOT NULL
    )
    """,
    "CREATE INDEX project_waiting ON project_standing (since) WHERE status = 'submitted'",
    """
    CREATE TABLE review_notice (
        step_id uuid NOT NULL,
        number bigint NOT NULL,
        recipient text NOT NULL,
        project_code text NOT NULL,
        recipient_name text NOT NULL,
        office text NOT NULL,
        created_at timestamptz NOT NULL,
        mail_id uuid REFERENCES mail,
        reason text,
        PRIMARY KEY (step_id, number, recipient)
    )
    """,
    "CREATE INDEX review_notice_held ON review_notice (recipient) WHERE mail_id IS NULL AND reason IS NULL",
    "CREATE INDEX review_notice_of_mail ON review_notice (mail_id)",
    """
    CREATE TABLE heard_handover (
        submission_id text NOT NULL,
        project_code text NOT NULL,
        seat text NOT NULL,
        title text NOT NULL,
        office text NOT NULL,
        giver jsonb NOT NULL,
        taker jsonb NOT NULL,
        handed_by text NOT NULL,
        handed_at timestamptz NOT NULL,
        told_at timestamptz,
        PRIMARY KEY (submission_id, project_code, seat)
    )
    """,
    "CREATE INDEX heard_handover_untold ON heard_handover (submission_id) WHERE told_at IS NULL",
    "ALTER TABLE obligation ADD COLUMN known_late boolean NOT NULL DEFAULT false",
    "ALTER TABLE mail DROP CONSTRAINT mail_kind_check",
    """
    ALTER TABLE mail ADD CONSTRAINT mail_kind_check
        CHECK (kind IN ('digest', 'escalation', 'answer', 'report', 'review'))
    """,
    "ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check",
    """
    ALTER TABLE alarm ADD CONSTRAINT alarm_kind_check
        CHECK (kind IN ('address_fails', 'nobody_to_tell', 'storm', 'review_waits'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
