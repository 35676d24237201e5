"""The two notes of a mail that is handed over: just before, that its outcome is in doubt; just after, that it is sent.

Neither holds up the mail: the first one is made while the mail server looks at sender and recipient, and looked at
before it gets the text. The second leaves for the database as soon as the mail server took the mail; what it takes to
become durable passes while the next mail is handed over. So the time in which a death would send a mail twice stays as
short as where each note is waited for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
from sqlalchemy import Connection, Engine

from muster_notify.asking_ahead import AskedAhead
from muster_notify.mails import Claim

_AT_ONCE: Final = 2  # connections in turns: the note of a mail does not wait for that of the one before
# One statement, so one transaction and one way to the database and back: it is done for each mail. It does not wait
# for the disk: should the database itself die before the mail is settled, one doubt is lost, and no more.
_DOUBT: Final = """
    WITH quickly AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE mail SET doubts = doubts + 1, lease_until = $3 FROM quickly
    WHERE mail_id = $1 AND attempt = $2 AND status = 'sending'
        AND NOT EXISTS (SELECT FROM failing_address WHERE email = $4)
        AND NOT EXISTS (
            SELECT FROM reminder r JOIN obligation o USING (obligation_id)
            WHERE r.mail_id = mail.mail_id AND r.status = 'sending' AND (
                o.cancelled_at IS NOT NULL OR o.state NOT IN ('awaited', 'returned') OR o.cycle <> r.cycle
                OR o.snoozed_until >= CAST(timezone(o.time_zone, CAST($5 AS timestamptz)) AS date)
            )
        )
        AND NOT EXISTS (
            SELECT FROM (
                SELECT n.project_code, n.step_id FROM review_notice n
                WHERE n.mail_id = mail.mail_id AND n.reason IS NULL
                UNION ALL
                SELECT content ->> 'project_code', CAST(content ->> 'step_id' AS uuid) WHERE content ? 'step_id'
            ) told
            LEFT JOIN project_standing s ON s.project_code = told.project_code AND s.step_id = told.step_id
            WHERE s.step_id IS NULL
        )
    RETURNING doubts
"""
_SETTLE: Final = """
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


class DoubtfulMails:
    """Notes of a mail that is about to be handed over that its outcome is in doubt until it is settled."""

    def __init__(self, connection: Connection) -> None:
        self._asked = AskedAhead(connection, "muster_doubtful_mail", _DOUBT)

    def note(self, claimed: Claim, *, now: datetime, until: datetime) -> None:
        """Have it noted, and its lease last until then; the answer is not waited for.

        Raises:
            psycopg.Error: the database is away.
        """
        known = (claimed.mail_id.hex, str(claimed.attempt), until.isoformat())
        self._asked.ask((*known, claimed.recipient.lower(), now.isoformat()))

    def may_go(self) -> bool:
        """Wait for the note; False where the mail is not to be sent as it is.

        Then the lease was lost, or what it tells does not hold any more, and nothing is noted.

        Raises:
            psycopg.Error: it could not be noted.
        """
        return self._asked.answer() > 0

    def finish(self) -> None:
        """Wait for a note that nobody looked at, as the mail server refused the mail before."""
        self._asked.drop()


class TakenMails:
    """Mails that the mail server took, whose notes are on their way to the disk."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._turns = deque(AskedAhead(connection, "muster_taken_mail", _SETTLE) for connection in connections)

    def note(self, claimed: Claim, *, now: datetime) -> None:
        """The mail server took it, so it is sent; changes nothing where somebody else has the mail by now.

        Raises:
            psycopg.Error: this note, or one before it, was not taken.
        """
        self._turns[0].ask((claimed.mail_id.hex, str(claimed.attempt), now.isoformat()))
        self._turns.rotate(-1)

    def finish(self) -> None:
        """Wait until every note is on disk.

        Raises:
            psycopg.Error: one was not taken.
        """
        errors = [_failure(asked) for asked in self._turns if asked.is_under_way]
        for error in filter(None, errors):
            raise error


@dataclass(frozen=True, slots=True)
class Notes:
    """Where a mail is noted just before and just after it is handed over."""

    doubtful: DoubtfulMails
    taken: TakenMails


@contextmanager
def notes(engine: Engine) -> Iterator[Notes]:
    """Notes on connections of its own until the block is over; then every note is on disk, whatever ended it.

    Raises:
        psycopg.Error: one was not taken.
    """
    by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")
    with ExitStack() as stack:
        doubtful, *others = [stack.enter_context(by_itself.connect()) for _ in range(1 + _AT_ONCE)]
        made = Notes(DoubtfulMails(doubtful), TakenMails(others))
        stack.callback(made.taken.finish)
        stack.callback(made.doubtful.finish)
        yield made


def _failure(asked: AskedAhead) -> psycopg.Error | None:
    try:
        asked.answer()
    except psycopg.Error as error:
        return error
    return None
