"""What people prefer and do about reminders: stand-ins, failing addresses, alarms, links, who follows reports."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    ALTER TABLE obligation
        ADD COLUMN rules text NOT NULL DEFAULT '',
        ADD COLUMN sequence bigint NOT NULL DEFAULT 0,
        ADD COLUMN snoozed_until date,
        ADD COLUMN acknowledged_at timestamptz
    """,
    """
    CREATE TABLE role_holder (
        project_code text NOT NULL,
        role text NOT NULL,
        email text NOT NULL,
        name text NOT NULL,
        office text NOT NULL,
        PRIMARY KEY (project_code, role)
    )
    """,
    "CREATE INDEX role_holder_by_address ON role_holder (lower(email))",
    # who fills the roles of projects that are known already is worked out at the next turn
    "INSERT INTO touched_project SELECT key FROM record WHERE kind = 'project' ON CONFLICT DO NOTHING",
    """
    CREATE TABLE preference (
        email text PRIMARY KEY CHECK (email = lower(email)),
        channel text NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'chat')),
        chat_url text,
        language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr', 'es')),
        time_zone text,
        digest boolean NOT NULL DEFAULT true,
        digest_day text CHECK (digest_day IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')),
        quiet_from time,
        quiet_until time,
        stand_in jsonb,
        stand_in_from date,
        stand_in_until date,
        updated_at timestamptz NOT NULL,
        updated_by text NOT NULL
    )
    """,
    """
    CREATE TABLE calendar_feed (
        feed_id uuid PRIMARY KEY,
        secret_hash text NOT NULL UNIQUE,
        name text NOT NULL,
        role text NOT NULL,
        offices text[] NOT NULL,
        regions text[] NOT NULL,
        office text,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    """
    CREATE TABLE office_channel (
        office text PRIMARY KEY,
        chat_url text NOT NULL,
        updated_at timestamptz NOT NULL,
        updated_by text NOT NULL
    )
    """,
    """
    CREATE TABLE failing_address (
        email text PRIMARY KEY CHECK (email = lower(email)),
        reason text NOT NULL,
        since timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE alarm (
        alarm_id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('address_fails', 'nobody_to_tell', 'storm')),
        office text NOT NULL,
        subject text NOT NULL,
        detail text NOT NULL,
        raised_at timestamptz NOT NULL,
        cleared_at timestamptz,
        cleared_by text
    )
    """,
    "CREATE UNIQUE INDEX alarm_standing ON alarm (kind, office, subject) WHERE cleared_at IS NULL",
    """
    CREATE TABLE used_link (
        link_id text PRIMARY KEY,
        used_at timestamptz NOT NULL,
        obligation_id uuid NOT NULL REFERENCES obligation,
        action text NOT NULL
    )
    """,
    """
    CREATE TABLE followed_report (
        email text NOT NULL CHECK (email = lower(email)),
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        since timestamptz NOT NULL,
        told_on date,
        told_issue uuid,
        PRIMARY KEY (email, report, params_key)
    )
    """,
    """
    CREATE TABLE heard_issue (
        issue_id uuid PRIMARY KEY,
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        title text NOT NULL,
        changed_cells bigint NOT NULL,
        lines jsonb NOT NULL,
        made_at timestamptz NOT NULL,
        heard_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX heard_issue_of_report ON heard_issue (report, params_key, made_at)",
    """
    ALTER TABLE mail
        ADD COLUMN kind text NOT NULL DEFAULT 'digest'
            CHECK (kind IN ('digest', 'escalation', 'answer', 'report')),
        ADD COLUMN day date,
        ADD COLUMN channel text NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'chat')),
        ADD COLUMN content jsonb
    """,
    "CREATE UNIQUE INDEX mail_once_a_day ON mail (lower(recipient), day) WHERE kind = 'digest' AND day IS NOT NULL",
    "CREATE INDEX mail_of_day ON mail (day) WHERE kind IN ('digest', 'escalation') AND day IS NOT NULL",
    "CREATE INDEX mail_sent ON mail (sent_at) WHERE status = 'sent'",
    "ALTER TABLE reminder ADD COLUMN instead_of text",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
