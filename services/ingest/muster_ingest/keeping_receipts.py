"""What a receipt lists is kept beside it for a time only: the change log holds it too, and tells it from then on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import keeping
from muster_shared.context import Context

_FOR_EVER: Final = 0
_AT_ONCE: Final = 10_000  # the others follow on the days after
# a key that is not forgotten yet repeats its first answer as it was given
_SHORTEN: Final = text(
    """
    UPDATE submission SET document = document - 'changes' WHERE submission_id IN (
        SELECT submission_id FROM submission AS old
        WHERE received_at < :before AND status = 'accepted' AND NOT dry_run AND document ? 'changes'
            AND NOT EXISTS (SELECT FROM idempotency_key WHERE idempotency_key.submission_id = old.submission_id)
        ORDER BY number LIMIT :at_once
    )
    RETURNING submission_id
    """
)


def shorten_old(context: Context) -> int:
    """Once a day, let go of the lists of receipts that are older than these are kept; returns how many those were.

    Who asks for one of them is told the same: ``queries.details`` reads what is missing from the log.
    """
    days = context.settings.keep_receipts_days
    if days == _FOR_EVER:
        return 0
    with context.sessions.begin() as session:
        return _shorten(session, days, context.clock.now())


def _shorten(session: Session, days: int, now: datetime) -> int:
    if not keeping.is_time(session, "receipts", now=now):
        return 0
    given = {"before": now - timedelta(days=days), "at_once": _AT_ONCE}
    return len(session.execute(_SHORTEN, given).all())
