"""A person who is erased: nothing is sent to them any more, what they chose goes, what happened has a pseudonym."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from muster_notify.mails import ERASED
from muster_shared import erasing_heard
from muster_shared.changelog import ChangeLog
from muster_shared.context import Context
from muster_shared.erasing import Erasure

_STOP: Final = (
    """
    UPDATE reminder SET status = 'skipped', reason = :why
    WHERE lower(recipient) = :address AND status IN ('held', 'sending')
    """,
    """
    UPDATE mail SET status = 'skipped', reason = :why, lease_until = NULL, attempt = attempt + 1
    WHERE lower(recipient) = :address AND status IN ('held', 'sending')
    """,
)
_FORGET: Final = {
    "mail": "UPDATE mail SET content = NULL, day = NULL WHERE lower(recipient) = :address",
    "preference": """
        UPDATE preference SET stand_in = NULL, stand_in_from = NULL, stand_in_until = NULL
        WHERE lower(stand_in ->> 'email') = :address AND email <> :address
    """,
    "calendar_feed": "DELETE FROM calendar_feed WHERE lower(name) = :address",
    "followed_report": "DELETE FROM followed_report WHERE email = :address",
    "failing_address": "DELETE FROM failing_address WHERE email = :address",
    "alarm": """
        UPDATE alarm SET cleared_at = raised_at, cleared_by = 'muster' WHERE subject = :address AND cleared_at IS NULL
    """,
}
_OWN_CHOICE: Final = "DELETE FROM preference WHERE email = :address"


def take_in(session: Session, context: Context, log: ChangeLog) -> None:
    """Hear whom to erase and make a pass over the database, in the transaction that moves the cursor.

    Raises:
        LogUnreachable: ingest is away.
    """
    now = context.clock.now()
    erasing_heard.hear(session, log.erasures(), files_at=now)
    erasing_heard.rewrite(session, _forget, now=now)


def _forget(session: Session, erasure: Erasure) -> dict[str, int]:
    given = {"address": erasure.address}
    for statement in _STOP:
        session.execute(text(statement), given | {"why": ERASED})
    gone = {table: _rows(session, statement, given) for table, statement in _FORGET.items()}
    gone["preference"] += _rows(session, _OWN_CHOICE, given)
    return gone


def _rows(session: Session, statement: str, given: dict[str, str]) -> int:
    done = session.execute(text(statement), given)
    return done.rowcount if isinstance(done, CursorResult) else 0
