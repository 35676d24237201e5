"""What mails told is kept for a time only; to whom, when and what about stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import keeping
from muster_shared.context import Context

_FORGET: Final = text(
    """
    UPDATE mail SET content = NULL
    WHERE content IS NOT NULL AND status IN ('sent', 'failed', 'skipped') AND coalesce(sent_at, created_at) < :before
    RETURNING mail_id
    """
)


def forget_old(context: Context) -> int:
    """Once a day, forget what mails told that are older than is to be kept; returns how many those were."""
    days = context.settings.keep_mails_days
    if days == 0:
        return 0
    with context.sessions.begin() as session:
        return _forget(session, days, context.clock.now())


def _forget(session: Session, days: int, now: datetime) -> int:
    if not keeping.is_time(session, "mails", now=now):
        return 0
    return len(session.execute(_FORGET, {"before": now - timedelta(days=days)}).all())
