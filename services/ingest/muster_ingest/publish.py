"""Positions of the change log: dense numbers given after commit, by one publisher at a time.

A number taken when a row is inserted says nothing about when it becomes visible: a reader that has seen 8
would skip a slower 7. So rows commit without a position, and a publisher, alone under an advisory lock,
numbers what is committed. Whoever commits publishes; a sweep does it for those who died in between. Those who
commit at the same time in one process do so in turns, and one turn serves all who wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

_LOCK = 0x6C6F67  # "log"
# sent as one text, which PostgreSQL runs as one transaction and each statement of it with a snapshot of its own: the
# numbering sees what was committed while it waited for the lock
_NUMBER = f"""
    SELECT pg_advisory_xact_lock({_LOCK});
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
"""  # noqa: S608 - put together from a constant


class _Turns:
    """A turn that begins after somebody came has seen what they committed, whoever's turn it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming = threading.Lock()
        self._came = self._served = 0

    def take(self, number: Callable[[], int | None]) -> int | None:
        """Take a turn, or None where a turn of another thread has served this one meanwhile."""
        with self._coming:
            self._came = mine = self._came + 1
        with self._lock:
            if self._served >= mine:
                return None
            coming = self._came
            given = number()
            self._served = coming
            return given


_turns: WeakKeyDictionary[sessionmaker[Session], _Turns] = WeakKeyDictionary()
_making = threading.Lock()


def publish(sessions: sessionmaker[Session]) -> int | None:
    """Give a position to every committed change that has none.

    Returns the newest one given; None where there was nothing to number, or another thread has just done it.
    """
    with _making:
        turns = _turns.setdefault(sessions, _Turns())
    return turns.take(lambda: _number(sessions))


def _number(sessions: sessionmaker[Session]) -> int | None:
    with sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            return _given(connection.connection.cursor())
        except psycopg.Error as error:
            connection.invalidate()
            raise OperationalError(_NUMBER, None, error) from error


def _given(cursor: Any) -> int | None:
    """The newest position that was given; the lock's own answer comes before it."""
    cursor.execute(_NUMBER, prepare=False)  # a prepared statement could not hold two
    cursor.nextset()
    row = cursor.fetchone()
    cursor.close()
    return row[0] if row else None
