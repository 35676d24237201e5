"""Idempotency keys are kept for a time only; the submissions they made, their bytes and their receipts stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import keeping
from muster_shared.context import Context

_FOR_EVER: Final = 0
_FORGET: Final = text(
    """
    DELETE FROM idempotency_key USING submission
    WHERE submission.submission_id = idempotency_key.submission_id
        AND submission.received_at < :before AND submission.status <> 'processing'
    RETURNING idempotency_key.key
    """
)


def forget_old(context: Context) -> int:
    """Once a day, forget keys that are older than they are to be kept; returns how many those were.

    Whoever uses one of them again makes a new submission instead of getting the first receipt again.
    """
    days = context.settings.keep_idempotency_days
    if days == _FOR_EVER:
        return 0
    with context.sessions.begin() as session:
        return _forget(session, days, context.clock.now())


def _forget(session: Session, days: int, now: datetime) -> int:
    if not keeping.is_time(session, "keys", now=now):
        return 0
    return len(session.execute(_FORGET, {"before": now - timedelta(days=days)}).all())
