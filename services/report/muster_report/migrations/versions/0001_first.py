"""Facts, staleness, issues, runs."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    "CREATE TABLE cursor (single boolean PRIMARY KEY CHECK (single), epoch text, position bigint NOT NULL)",
    "INSERT INTO cursor VALUES (true, NULL, 0)",
    """
    CREATE TABLE fact (
        position bigint PRIMARY KEY,
        until bigint,
        kind text NOT NULL,
        key text NOT NULL,
        revision bigint NOT NULL,
        action text NOT NULL,
        office text NOT NULL,
        occurred_at timestamptz NOT NULL,
        fields jsonb NOT NULL,
        receipt text NOT NULL,
        submission_id text NOT NULL,
        sha256 text NOT NULL,
        received_at timestamptz NOT NULL,
        pointer text,
        UNIQUE (kind, key, revision)
    )
    """,
    "CREATE INDEX fact_of_kind ON fact (kind, position)",
    """
    CREATE TABLE report_state (
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        position bigint NOT NULL,
        wanted bigint NOT NULL,
        built bigint NOT NULL,
        stale_since timestamptz,
        due_at timestamptz,
        attempt bigint NOT NULL,
        lease_until timestamptz,
        failures bigint NOT NULL,
        error text,
        PRIMARY KEY (report, params_key)
    )
    """,
    "CREATE INDEX report_state_stale ON report_state (due_at) WHERE wanted > built",
    """
    CREATE TABLE issue (
        issue_id uuid PRIMARY KEY,
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        number bigint NOT NULL,
        sha256 text NOT NULL,
        size bigint NOT NULL,
        position bigint NOT NULL,
        as_of timestamptz,
        made_at timestamptz NOT NULL,
        base_issue_id uuid REFERENCES issue,
        changed_cells bigint NOT NULL,
        released_at timestamptz,
        released_by text,
        UNIQUE (report, params_key, number)
    )
    """,
    """
    CREATE TABLE run (
        run_id uuid PRIMARY KEY,
        report text NOT NULL,
        params_key text NOT NULL,
        params jsonb NOT NULL,
        wish bigint NOT NULL,
        status text NOT NULL,
        progress double precision NOT NULL,
        issue_id uuid,
        detail text,
        asked_by text NOT NULL,
        asked_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX run_of_report ON run (report, params_key, wish)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
