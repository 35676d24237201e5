"""Noting at once that mails were taken, without holding up the next one until the note is on disk.

The note of a mail leaves for the database as soon as the mail server took the mail; what it takes to become durable
passes while the next mail is handed over. So the time in which a death would send a mail twice stays as short as
where each note is waited for.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Final

import psycopg.errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection, Engine

from muster_notify.mails import Claim

_AT_ONCE: Final = 2  # connections in turns: the note of a mail does not wait for that of the one before
_SETTLE: Final = b"""
    WITH taken AS (
        UPDATE mail SET status = 'sent', sent_at = $3, reason = NULL, doubts = 0, lease_until = NULL
        WHERE mail_id = $1 AND attempt = $2 AND status = 'sending'
        RETURNING mail_id
    ), told AS (
        UPDATE reminder SET status = 'sent', sent_at = $3, reason = NULL FROM taken
        WHERE reminder.mail_id = taken.mail_id AND reminder.status = 'sending'
    )
    SELECT count(*) FROM taken
"""


class TakenMails:
    """Mails that the mail server took, whose notes are on their way to the disk."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._free = deque(_wire(connection) for connection in connections)
        self._under_way = deque[PGconn]()

    def note(self, claimed: Claim, *, now: datetime) -> None:
        """The mail server took it, so it is sent; changes nothing where somebody else has the mail by now.

        Raises:
            psycopg.Error: this note, or one before it, was not taken.
        """
        if not self._free and (error := self._wait_for_one()):
            raise error
        wire = self._free.popleft()
        values = (claimed.mail_id.hex, str(claimed.attempt), now.isoformat())
        wire.send_query_params(_SETTLE, [value.encode() for value in values])
        self._under_way.append(wire)
        while wire.flush():
            select.select([], [wire.socket], [])

    def finish(self) -> None:
        """Wait until every note is on disk.

        Raises:
            psycopg.Error: one was not taken.
        """
        errors = [self._wait_for_one() for _ in range(len(self._under_way))]
        for error in filter(None, errors):
            raise error

    def _wait_for_one(self) -> psycopg.Error | None:
        wire = self._under_way.popleft()
        try:
            results = list(_results(wire))
        except psycopg.Error as error:
            return error
        self._free.append(wire)
        failed = (one for one in results if one.status != ExecStatus.TUPLES_OK)
        return next((psycopg.errors.error_from_result(one) for one in failed), None)


@contextmanager
def taken_mails(engine: Engine) -> Iterator[TakenMails]:
    """Notes what was taken until the block is over; then every note is on disk, whatever ended it.

    Raises:
        psycopg.Error: one was not taken.
    """
    by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")
    with ExitStack() as stack:
        made = TakenMails([stack.enter_context(by_itself.connect()) for _ in range(_AT_ONCE)])
        stack.callback(made.finish)
        yield made


def _wire(connection: Connection) -> PGconn:
    """What psycopg itself speaks to the database through: it can ask without waiting for the answer."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the database is spoken to by psycopg")
    return driver.pgconn


def _results(wire: PGconn) -> Iterator[PGresult]:
    while True:
        while wire.is_busy():
            select.select([wire.socket], [], [])
            wire.consume_input()
        result = wire.get_result()
        if result is None:
            return
        yield result
