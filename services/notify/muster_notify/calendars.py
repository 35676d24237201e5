"""Due dates for calendar programs: the caller's own, and feeds under an address that can be taken back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_notify.ics import DueDate, calendar
from muster_notify.models import CalendarFeed, ObligationRow
from muster_notify.people import projects
from muster_notify.queries import visible
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.coverage import AWAITED, RETURNED
from muster_shared.problems import Problem, not_found

_SHOWN_BEFORE: Final = timedelta(days=366)
_MOST: Final = 5000


def of_caller(context: Context, caller: Caller, office: str | None) -> bytes:
    """The due dates a caller sees, from a year ago on, soonest first; of one office where it is given.

    Raises:
        Problem: 403, the role has nothing to do with due dates.
    """
    with context.sessions() as session:
        return _calendar(session, context, caller, office)


def of_feed(context: Context, secret: str) -> bytes:
    """What stands behind a feed's address.

    Raises:
        Problem: 404, there is no such feed, or not any more.
    """
    with context.sessions() as session:
        feed = session.scalars(
            select(CalendarFeed).where(CalendarFeed.secret_hash == _hash(secret), CalendarFeed.revoked_at.is_(None))
        ).first()
        if feed is None:
            raise not_found("there is no such calendar, or its address was taken back")
        return _calendar(session, context, _owner(feed), feed.office)


def open_feed(context: Context, caller: Caller, office: str | None) -> dict[str, Any]:
    """A new feed for a caller, with its address, which is shown this once.

    Raises:
        Problem: 403, the role or the office is not one whose due dates the caller sees.
    """
    visible(caller)
    if office and caller.offices and office not in caller.offices:
        raise Problem(403, "forbidden", f"the due dates of {office} are not yours: you see {', '.join(caller.offices)}")
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        feed_id=uuid4(),
        secret_hash=_hash(secret),
        name=caller.name,
        role=caller.role,
        offices=list(caller.offices),
        regions=list(caller.regions),
        office=office,
        created_at=context.clock.now(),
        revoked_at=None,
    )
    document = {**_document(feed), "url": f"{context.settings.base_url()}/notify/v1/calendars/{secret}.ics"}
    with context.sessions.begin() as session:
        session.add(feed)
        audit.note(session, caller, "calendar_feed_made", _noted(feed), at=feed.created_at)
    return document


def feeds(context: Context, caller: Caller) -> dict[str, Any]:
    """The caller's feeds that stand, oldest first, without their addresses."""
    query = select(CalendarFeed).where(CalendarFeed.name == caller.name, CalendarFeed.revoked_at.is_(None))
    with context.sessions() as session:
        found = session.scalars(query.order_by(CalendarFeed.created_at, CalendarFeed.feed_id))
        return {"items": [_document(feed) for feed in found], "next": None}


def revoke(context: Context, caller: Caller, feed_id: UUID) -> None:
    """Take a feed's address back: it opens nothing any more. An administrator may take back anybody's.

    Raises:
        Problem: 404, it is not a feed of the caller, or not any more.
    """
    with context.sessions.begin() as session:
        feed = session.get(CalendarFeed, feed_id, with_for_update=True)
        if feed is None or feed.revoked_at or (feed.name != caller.name and caller.role != "admin"):
            raise not_found(f"you have no calendar feed {feed_id}")
        feed.revoked_at = context.clock.now()
        audit.note(session, caller, "calendar_feed_revoked", _noted(feed), at=feed.revoked_at)


def _noted(feed: CalendarFeed) -> dict[str, Any]:
    return {"feed_id": str(feed.feed_id), "person": feed.name.lower(), "office": feed.office}


def _calendar(session: Session, context: Context, caller: Caller, office: str | None) -> bytes:
    query = select(ObligationRow).where(
        visible(caller), ObligationRow.due >= (context.clock.now() - _SHOWN_BEFORE).date()
    )
    if office:
        query = query.where(ObligationRow.office == office)
    rows = session.scalars(query.order_by(ObligationRow.due, ObligationRow.obligation_id).limit(_MOST)).all()
    return calendar(f"Muster: {office or caller.name}", _due_dates(session, context, rows))


def _due_dates(session: Session, context: Context, rows: Sequence[ObligationRow]) -> list[DueDate]:
    known = projects(session, {row.project_code for row in rows})
    base_url = context.settings.base_url()
    return [_due_date(row, known.get(row.project_code, {}).get("title", ""), base_url) for row in rows]


def _due_date(row: ObligationRow, title: str, base_url: str) -> DueDate:
    return DueDate(
        uid=str(row.obligation_id),
        sequence=row.sequence,
        changed_at=datetime.fromisoformat(row.history[-1]["at"]),
        due=row.due,
        project_code=row.project_code,
        project_title=title,
        grant_id=row.grant_id,
        type=row.type,
        period_start=row.period_start,
        period_end=row.period_end,
        owner=row.owner.get("name") or row.owner.get("email") or "nobody is named",
        office=row.office,
        is_open=row.cancelled_at is None and row.state in (AWAITED, RETURNED),
        url=f"{base_url}/notify/?project={row.project_code}",
    )


def _owner(feed: CalendarFeed) -> Caller:
    return Caller(feed.name, feed.role, tuple(feed.offices), tuple(feed.regions))


def _document(feed: CalendarFeed) -> dict[str, Any]:
    return {"feed_id": str(feed.feed_id), "office": feed.office, "created_at": iso_z(feed.created_at)}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
