"""How the sending of mails stands, for the page of whoever runs Muster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import alarms, breaker, failing_addresses, following
from muster_notify.models import Mail
from muster_shared import set_aside
from muster_shared.auth import Caller
from muster_shared.clock import iso_z

_MOST: Final = 50


def shown(session: Session, caller: Caller, *, now: datetime) -> dict[str, Any]:
    """What stands in the way and how far the work is.

    ``alarms`` and ``storm`` as the interface has them, ``failing`` addresses, ``mails`` counted by status, ``log``:
    how far the change log was read and when all that was due was recorded last, and what is ``set_aside``.

    Raises:
        Problem: 403, the caller is no administrator.
    """
    return {
        "alarms": alarms.listed(session, caller, office=None, standing=True)["items"],
        "storm": breaker.standing(session, caller, now=now),
        "failing": failing_addresses.listed(session, caller)["items"],
        "mails": counted(session),
        "log": _log(session),
        "set_aside": set_aside.listed(session),
    }


def failed_mails(session: Session) -> Sequence[Mapping[str, Any]]:
    """Mails that were not delivered for good, the newest first: recipient, kind, channel, reason, created_at."""
    columns = (Mail.recipient, Mail.kind, Mail.channel, Mail.reason, Mail.created_at)
    query = select(*columns).where(Mail.status == "failed").order_by(Mail.created_at.desc(), Mail.mail_id)
    return [dict(row) for row in session.execute(query.limit(_MOST)).mappings()]


def counted(session: Session) -> dict[str, int]:
    """How many mails there are, by status: held, sending, sent, failed, skipped."""
    query = select(Mail.status, func.count()).group_by(Mail.status)
    found = dict(session.execute(query).all())
    return {status: found.get(status, 0) for status in ("held", "sending", "sent", "failed", "skipped")}


def _log(session: Session) -> dict[str, Any]:
    cursor = following.cursor(session)
    return {
        "position": cursor.position,
        "last": max(cursor.last, cursor.position),
        "judged_at": iso_z(cursor.judged_at) if cursor.judged_at else None,
        "judged": cursor.judged,
    }
