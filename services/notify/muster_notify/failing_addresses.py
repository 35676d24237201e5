"""Addresses that mail does not reach for good: nobody writes there until an administrator takes them back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import alarms, climbing
from muster_notify.models import FailingAddress, Reminder
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.one_of import one_of
from muster_shared.problems import forbidden, not_found


def among(session: Session, addresses: Collection[str]) -> set[str]:
    """Which of some addresses fail, in small letters."""
    if not addresses:
        return set()
    query = select(FailingAddress.email).where(one_of(FailingAddress.email, {one.lower() for one in addresses}))
    return set(session.scalars(query))


def climb(session: Session, mail_id: UUID, recipient: str, reason: str, office: str, *, now: datetime) -> int:
    """A mail failed for good: write there no more, and tell whoever is next; returns how many reminders that made."""
    told = session.scalars(select(Reminder).where(Reminder.mail_id == mail_id, Reminder.status == "failed")).all()
    row = {"email": recipient.lower(), "reason": reason, "since": now}
    session.execute(insert(FailingAddress).values(row).on_conflict_do_nothing())
    if told:
        return climbing.climb(session, told, now=now)
    detail = f"Mail does not reach {recipient}: {reason}"
    alarms.raise_alarm(
        session, kind=alarms.ADDRESS_FAILS, office=office, subject=recipient.lower(), detail=detail, now=now
    )
    return 0


def listed(session: Session, caller: Caller) -> dict[str, Any]:
    """Every address that fails, the newest first, as ``{items, next}``.

    Raises:
        Problem: 403, the caller is no administrator.
    """
    _check(caller)
    rows = session.scalars(select(FailingAddress).order_by(FailingAddress.since.desc(), FailingAddress.email))
    items = [{"email": row.email, "reason": row.reason, "since": iso_z(row.since)} for row in rows]
    return {"items": items, "next": None}


def take_back(context: Context, caller: Caller, email: str) -> None:
    """Write to an address again; what was skipped meanwhile is not sent later.

    Raises:
        Problem: 403, the caller is no administrator; 404, the address does not fail.
    """
    _check(caller)
    address = email.strip().lower()
    with context.sessions.begin() as session:
        gone = delete(FailingAddress).where(FailingAddress.email == address).returning(FailingAddress.email)
        if session.scalar(gone) is None:
            raise not_found("mail to this address does not fail: nothing to take back")
        now = context.clock.now()
        alarms.clear(session, kind=alarms.ADDRESS_FAILS, subject=address, now=now, by=caller.name)


def _check(caller: Caller) -> None:
    if caller.role != "admin":
        raise forbidden("addresses that fail are for administrators")
