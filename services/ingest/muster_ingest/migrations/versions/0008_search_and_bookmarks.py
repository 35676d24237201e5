"""What search looks in, and the pages that people keep.

Finding what is written alike needs PostgreSQL's own extension pg_trgm, which the owner of a database may create. Where
a server does not have it or refuses it, search finds words and their beginnings only, until somebody creates the
extension; ``record_names`` and ``document_names`` only make it faster.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_SOUGHT = "kind IN ('project', 'partner', 'donor', 'office')"

STATEMENTS = (
    r"""
    CREATE FUNCTION muster_folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(regexp_replace(normalize(said, NFKD), '[\u0300-\u036f]', '', 'g'))
    """,
    """
    CREATE FUNCTION muster_apart(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(said, '[^[:alnum:]]+', ' ', 'g')
    """,
    """
    CREATE FUNCTION muster_names(key text, fields jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN muster_folded(
        key || ' ' || coalesce(fields ->> 'title', '') || ' ' || coalesce(fields ->> 'name', '')
        || ' ' || coalesce(fields ->> 'aliases', '') || ' ' || coalesce(fields -> 'manager' ->> 'name', '')
        || ' ' || coalesce(fields -> 'alternate_manager' ->> 'name', '')
    )
    """,
    """
    CREATE FUNCTION muster_words(key text, fields jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('simple', muster_apart(muster_names(key, fields))), 'A')
        || setweight(to_tsvector('simple', muster_apart(muster_folded(coalesce(fields ->> 'objectives', '')))), 'C')
    """,
    f"""
    ALTER TABLE record
        ADD COLUMN names text GENERATED ALWAYS AS (CASE WHEN {_SOUGHT} THEN muster_names(key, fields) END) STORED,
        ADD COLUMN words tsvector GENERATED ALWAYS AS (CASE WHEN {_SOUGHT} THEN muster_words(key, fields) END) STORED
    """,
    "ALTER TABLE project_document ADD COLUMN names text GENERATED ALWAYS AS (muster_folded(name)) STORED",
    "CREATE INDEX record_words ON record USING gin (words) WHERE words IS NOT NULL",
    """
    DO $do$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX record_names ON record USING gin (names gin_trgm_ops) WHERE names IS NOT NULL;
        CREATE INDEX document_names ON project_document USING gin (names gin_trgm_ops);
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
        RAISE NOTICE 'no pg_trgm here: search finds words and their beginnings only';
    END $do$
    """,
    *(
        f"CREATE INDEX record_{who} ON record ((lower(fields['{who}'] ->> 'email'))) WHERE kind = 'project'"
        for who in ("manager", "alternate_manager")  # what a manager sees is asked for with every page
    ),
    """
    CREATE TABLE bookmark (
        email text NOT NULL,
        href text NOT NULL,
        title text NOT NULL,
        kept_at timestamptz NOT NULL,
        PRIMARY KEY (email, href)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
