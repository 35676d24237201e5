"""What is kept for a time only: once a day, by the clock of the business, a row says that it is time to forget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.context import Context

FORGOTTEN: Final = "audit_entries_forgotten"
_DAY: Final = timedelta(days=1)
_FOR_EVER: Final = 0

CREATE: Final = "CREATE TABLE keeping (what text PRIMARY KEY, next_at timestamptz NOT NULL)"
_CLAIM: Final = text(
    """
    INSERT INTO keeping (what, next_at) VALUES (:what, :next_at)
    ON CONFLICT (what) DO UPDATE SET next_at = excluded.next_at WHERE keeping.next_at <= :now
    RETURNING what
    """
)
_LAST: Final = text(
    """
    SELECT number, hash FROM audit_entry
    WHERE number < coalesce((SELECT min(number) FROM audit_entry WHERE number IS NOT NULL AND at >= :before),
                            (SELECT max(number) FROM audit_entry))
    ORDER BY number DESC LIMIT 1
    """
)
_ANCHOR: Final = text(
    """
    INSERT INTO audit_anchor (single, number, hash) VALUES (true, :number, :hash)
    ON CONFLICT (single) DO UPDATE SET number = excluded.number, hash = excluded.hash
    """
)


def is_time(session: Session, what: str, *, now: datetime) -> bool:
    """Claim what is to be done once a day; False where it was done in the last 24 hours, or somebody else is at it."""
    claimed = session.execute(_CLAIM, {"what": what, "now": now, "next_at": now + _DAY})
    return claimed.first() is not None


def forget_old_entries(context: Context) -> int:
    """Once a day, forget what the audit trail of a service is not to keep any longer; returns how many entries went."""
    days = context.settings.keep_audit_days
    if days == _FOR_EVER:
        return 0
    with context.sessions.begin() as session:
        return forget_audit(session, days=days, now=context.clock.now())


def forget_audit(session: Session, *, days: int, now: datetime) -> int:
    """Once a day, forget the entries from the beginning of the trail up to the first that is to be kept still.

    The number and the hash of the last one forgotten are kept, and the chain goes on
    from them; an entry says how many went. Returns that number.
    """
    if not is_time(session, "audit", now=now):
        return 0
    audit.seal_within(session)
    last = session.execute(_LAST, {"before": now - timedelta(days=days)}).first()
    if last is None:
        return 0
    session.execute(_ANCHOR, {"number": last.number, "hash": last.hash})
    session.execute(text("SET LOCAL muster.forgetting = 'on'"))
    upto = {"upto": last.number}
    gone = session.execute(text("DELETE FROM audit_entry WHERE number <= :upto RETURNING number"), upto).all()
    session.execute(text("SET LOCAL muster.forgetting = 'off'"))
    told = {"entries": len(gone), "upto": last.number, "head": last.hash}
    audit.note(session, Caller("muster", "service"), FORGOTTEN, told, at=now)
    return len(gone)
