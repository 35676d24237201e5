"""Positions of the change log: dense numbers given after commit, by one publisher at a time.

A number taken when a row is inserted says nothing about when it becomes visible: a reader that has seen 8
would skip a slower 7. So rows commit without a position, and a publisher, alone under an advisory lock,
numbers what is committed. Whoever commits publishes; a sweep does it for those who died in between.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

_LOCK = 0x6C6F67  # "log"
_NUMBER = text(
    """
    WITH fresh AS (
        SELECT change_id, (SELECT last FROM change_log) + row_number() OVER (ORDER BY change_id) AS position
        FROM revision WHERE position IS NULL
    ), numbered AS (
        UPDATE revision SET position = fresh.position FROM fresh
        WHERE revision.change_id = fresh.change_id RETURNING revision.position
    )
    UPDATE change_log SET last = newest.position
    FROM (SELECT max(position) AS position FROM numbered) AS newest
    WHERE newest.position IS NOT NULL
    RETURNING last
    """
)


def publish(sessions: sessionmaker[Session]) -> int | None:
    """Give a position to every committed change that has none; returns the newest one given, or None.

    The lock comes in a statement of its own: the numbering must see what was committed while it waited.
    """
    with sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        given: int | None = session.execute(_NUMBER).scalar()
    return given
