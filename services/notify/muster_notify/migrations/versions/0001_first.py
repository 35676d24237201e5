"""The cursor, followed records, obligations, mails, reminders."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE follow_cursor (
        single boolean PRIMARY KEY CHECK (single),
        epoch text,
        position bigint NOT NULL,
        last bigint NOT NULL,
        changed_at timestamptz,
        busy_since timestamptz,
        judged bigint NOT NULL,
        judged_at timestamptz
    )
    """,
    "INSERT INTO follow_cursor VALUES (true, NULL, 0, 0, NULL, NULL, 0, NULL)",
    """
    CREATE TABLE record (
        kind text NOT NULL,
        key text NOT NULL,
        project_code text,
        office text NOT NULL,
        fields jsonb NOT NULL,
        PRIMARY KEY (kind, key)
    )
    """,
    "CREATE INDEX record_of_project ON record (project_code, kind)",
    "CREATE INDEX project_of_office ON record (office) WHERE kind = 'project'",
    "CREATE TABLE touched_project (project_code text PRIMARY KEY)",
    """
    CREATE TABLE obligation (
        obligation_id uuid PRIMARY KEY,
        project_code text NOT NULL,
        grant_id text NOT NULL,
        type text NOT NULL CHECK (type IN ('interim', 'final', 'financial')),
        mark text NOT NULL,
        period_start date NOT NULL,
        period_end date NOT NULL,
        due date NOT NULL,
        office text NOT NULL,
        region text,
        time_zone text NOT NULL,
        owner jsonb NOT NULL,
        managers text[] NOT NULL,
        state text NOT NULL CHECK (state IN ('awaited', 'submitted', 'closed', 'returned')),
        submitted_on date,
        cycle bigint NOT NULL,
        next_rung_on date,
        cancelled_at timestamptz,
        history jsonb NOT NULL
    )
    """,
    "CREATE INDEX obligation_of_project ON obligation (project_code)",
    "CREATE INDEX obligation_in_order ON obligation (due, obligation_id)",
    """
    CREATE INDEX obligation_to_remind ON obligation (next_rung_on)
    WHERE cancelled_at IS NULL AND state IN ('awaited', 'returned')
    """,
    """
    CREATE TABLE mail (
        mail_id uuid PRIMARY KEY,
        recipient text NOT NULL,
        recipient_name text NOT NULL,
        office text NOT NULL,
        status text NOT NULL CHECK (status IN ('held', 'sending', 'sent', 'failed', 'skipped')),
        attempt bigint NOT NULL,
        doubts bigint NOT NULL,
        lease_until timestamptz,
        try_at timestamptz NOT NULL,
        message_id text NOT NULL,
        reason text,
        created_at timestamptz NOT NULL,
        sent_at timestamptz
    )
    """,
    "CREATE INDEX mail_to_send ON mail (try_at) WHERE status IN ('held', 'sending')",
    """
    CREATE TABLE reminder (
        reminder_id uuid PRIMARY KEY,
        obligation_id uuid NOT NULL REFERENCES obligation,
        rung bigint NOT NULL,
        cycle bigint NOT NULL,
        recipient text NOT NULL,
        recipient_name text NOT NULL,
        office text NOT NULL,
        channel text NOT NULL,
        status text NOT NULL CHECK (status IN ('held', 'sending', 'sent', 'failed', 'skipped')),
        reason text,
        mail_id uuid REFERENCES mail,
        created_at timestamptz NOT NULL,
        sent_at timestamptz,
        UNIQUE (obligation_id, rung, recipient, cycle)
    )
    """,
    "CREATE INDEX reminder_held ON reminder (recipient) WHERE status = 'held' AND mail_id IS NULL",
    "CREATE INDEX reminder_of_mail ON reminder (mail_id)",
    "CREATE INDEX reminder_in_order ON reminder (created_at, reminder_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
