"""Points at which a process is held by a lock of the test's own, so that it is killed there and nowhere else.

No hook in the code: the locks are those the code itself takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg

from chaos.running import Running, eventually

_PATIENCE = 5
_PUBLISHING = 0x6C6F67  # the publisher's advisory lock, see muster_ingest/publish.py
_SLOW_COMMIT = """
    CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON revision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.office IN ({offices})) EXECUTE FUNCTION slow_commit()
"""
_WAITING_FOR_TABLE = """
    SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = pg_locks.relation
    WHERE NOT granted AND relname = %s AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _patient(running: Running, service: str) -> psycopg.Connection:
    """A connection that gives up on a lock after a time: who holds it may be held still by another fault."""
    connection = running.database(service)
    connection.execute(f"SET lock_timeout = '{_PATIENCE}s'")
    return connection


@contextmanager
def publishing_held(running: Running) -> Iterator[psycopg.Connection]:
    """Nobody can give positions: a web process waits between the commit of a submission and its answer."""
    with _patient(running, "ingest") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_PUBLISHING,))
        yield connection


@contextmanager
def slow_commits(running: Running, offices: Sequence[str]) -> Iterator[None]:
    """Submissions of some offices take their time between the insert of their changes and the commit."""
    named = ", ".join(f"'{office}'" for office in offices)
    with _patient(running, "ingest") as database:
        database.execute(_SLOW_COMMIT.format(offices=named).encode())
    try:
        yield
    finally:
        eventually(lambda: _as_quick_as_ever(running), "the database is there again", 60)


def _as_quick_as_ever(running: Running) -> bool:
    with suppress(psycopg.Error), running.database("ingest") as database:
        database.execute("DROP FUNCTION IF EXISTS slow_commit CASCADE")
        return True
    return False


@contextmanager
def regeneration_held(running: Running) -> Iterator[None]:
    """Nobody can read or write issues: a regeneration that is claimed waits before it makes its workbook."""
    with _patient(running, "report") as connection, connection.transaction():
        connection.execute("LOCK TABLE issue IN ACCESS EXCLUSIVE MODE")
        yield


def regeneration_waits(running: Running) -> None:
    """Until a worker has claimed a stale report and waits in the middle of it."""
    with running.database("report") as watching:
        eventually(lambda: watching.execute(_WAITING_FOR_TABLE, ("issue",)).fetchone(), "a regeneration waits")
        claimed = watching.execute("SELECT count(*) FROM report_state WHERE lease_until IS NOT NULL").fetchone()
    assert claimed == (1,)


@contextmanager
def writing_held(running: Running) -> Iterator[psycopg.Connection]:
    """Nobody can write records: whoever works on a submission waits in the middle of it."""
    with _patient(running, "ingest") as connection, connection.transaction():
        connection.execute("LOCK TABLE record IN EXCLUSIVE MODE")
        yield connection


def writing_waits(running: Running) -> None:
    """Until somebody waits to write records."""
    with running.database("ingest") as watching:
        eventually(lambda: watching.execute(_WAITING_FOR_TABLE, ("record",)).fetchone(), "writing waits")
