"""What notify tells: obligations as they stand today, reminders and their delivery. Each knows what its caller sees."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    Select,
    String,
    Values,
    and_,
    column,
    func,
    or_,
    select,
    true,
    tuple_,
    values,
)
from sqlalchemy.orm import Session

from muster_notify.judging import NOBODY
from muster_notify.ladder import next_step, shipped_ladders
from muster_notify.models import Mail, ObligationRow, Record, Reminder
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.coverage import AWAITED, DUE_SOON_DAYS, RETURNED, Delivery, standing_on
from muster_shared.problems import Problem, forbidden, not_found

_SOON = timedelta(days=DUE_SOON_DAYS)
ROLES_BY_OFFICE = frozenset({"focal_point", "head_of_office"})


def obligations(
    session: Session,
    caller: Caller,
    *,
    now: datetime,
    status: str | None,
    office: str | None,
    project_code: str | None,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """What is owed, in the order of due dates, as ``{items, next}``; ``overdue`` takes in returned ones past due."""
    query = (
        select(ObligationRow)
        .where(visible(caller), ObligationRow.cancelled_at.is_(None))
        .order_by(ObligationRow.due, ObligationRow.obligation_id)
    )
    if status:
        query = _of_status(session, query, status, now)
    if office:
        query = query.where(ObligationRow.office == office)
    if project_code:
        query = query.where(ObligationRow.project_code == project_code)
    if after:
        query = query.where(tuple_(ObligationRow.due, ObligationRow.obligation_id) > _place(after, date))
    rows = session.scalars(query.limit(limit + 1)).all()
    places = [[row.due.isoformat(), str(row.obligation_id)] for row in rows]
    return listed([document_of(row, now) for row in rows], places, limit)


def obligation(session: Session, caller: Caller, obligation_id: UUID, *, now: datetime) -> dict[str, Any]:
    """One obligation with its history.

    Raises:
        Problem: 404, there is none, or none that the caller may see.
    """
    return document_of(obligation_row(session, caller, obligation_id), now)


def obligation_row(session: Session, caller: Caller, obligation_id: UUID) -> ObligationRow:
    """One obligation as it is stored.

    Raises:
        Problem: 404, there is none, or none that the caller may see.
    """
    query = select(ObligationRow).where(visible(caller), ObligationRow.obligation_id == obligation_id)
    row = session.scalars(query).first()
    if row is None:
        raise not_found(f"there is no obligation {obligation_id} that you may see")
    return row


def reminders(
    session: Session,
    caller: Caller,
    *,
    status: str | None,
    obligation_id: UUID | None,
    project_code: str | None,
    recipient: str | None,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """Who was told what, newest first, as ``{items, next}``."""
    query = (
        select(Reminder, Mail)
        .join(ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id)
        .outerjoin(Mail, Mail.mail_id == Reminder.mail_id)
        .where(visible(caller))
        .order_by(Reminder.created_at.desc(), Reminder.reminder_id.desc())
    )
    if status:
        query = query.where(Reminder.status == status)
    if obligation_id:
        query = query.where(Reminder.obligation_id == obligation_id)
    if project_code:
        query = query.where(ObligationRow.project_code == project_code)
    if recipient:
        query = query.where(func.lower(Reminder.recipient) == recipient.lower())
    if after:
        query = query.where(tuple_(Reminder.created_at, Reminder.reminder_id) < _place(after, datetime))
    rows = session.execute(query.limit(limit + 1)).all()
    places = [[row.Reminder.created_at.isoformat(), str(row.Reminder.reminder_id)] for row in rows]
    return listed([_reminder(row) for row in rows], places, limit)


def visible(caller: Caller) -> ColumnElement[bool]:
    """What of the obligations a caller sees.

    Raises:
        Problem: 403, the role has nothing to do with reminders.
    """
    if caller.sees_all_offices:
        return true()
    if caller.role in ROLES_BY_OFFICE:
        return or_(ObligationRow.office.in_(caller.offices), ObligationRow.region.in_(headed(caller)))
    if caller.role == "reviewer":
        return ObligationRow.region.in_(caller.regions)
    if caller.role == "project_manager":
        return ObligationRow.managers.contains([caller.name.casefold()])
    raise forbidden("what offices owe is not for donors: ask for the reports released to you")


def headed(caller: Caller) -> Select[Any]:
    """The regions whose regional office the caller heads."""
    offices = caller.offices if caller.role == "head_of_office" else ()
    region = Record.fields["region"].astext
    return select(region).where(
        Record.kind == "office", Record.key.in_(offices), Record.fields["type"].astext == "regional"
    )


def _of_status(session: Session, query: Select[ObligationRow], status: str, now: datetime) -> Select[ObligationRow]:
    """Obligations of one status; each office has its own day, worked out here as everywhere else."""
    days = local_days(session, now)
    return query.join(days, days.c.zone == ObligationRow.time_zone).where(is_of(status, days.c.today))


def local_days(session: Session, now: datetime) -> Values:
    """The day it is in the time zone of each office that owes something: columns ``zone`` and ``today``."""
    zones = session.scalars(select(ObligationRow.time_zone).distinct()).all()
    return values(column("zone", String), column("today", Date), name="local_day").data(
        [(zone, local_day(now, zone)) for zone in zones] or [("", date.min)]
    )


def is_of(status: str, today: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether an obligation is of a status on a day; a returned one past its due date counts as overdue as well."""
    awaited = ObligationRow.state == AWAITED
    if status == "upcoming":
        return and_(awaited, ObligationRow.due > today + _SOON)
    if status == "due_soon":
        return and_(awaited, ObligationRow.due >= today, ObligationRow.due <= today + _SOON)
    if status == "overdue":
        return and_(or_(awaited, ObligationRow.state == RETURNED), ObligationRow.due < today)
    return ObligationRow.state == status


def document_of(row: ObligationRow, now: datetime) -> dict[str, Any]:
    """An obligation as the outside sees it, as it stands now in its office."""
    today = local_day(now, row.time_zone)
    stands = standing_on(row.due, Delivery(row.state, row.submitted_on), today)
    is_open = stands.is_open and row.cancelled_at is None
    climbs = is_open and row.next_rung_on is not None
    ahead = next_step(row.due, today, shipped_ladders().of(row.rules)) if climbs else None
    return {
        "obligation_id": str(row.obligation_id),
        "project_code": row.project_code,
        "grant_id": row.grant_id,
        "type": row.type,
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "due": row.due.isoformat(),
        "status": stands.status if row.cancelled_at is None else "closed",
        "days_late": stands.days_late if row.cancelled_at is None else 0,
        "owner": row.owner,
        "office": row.office,
        "next_rung": {"rung": ahead.rung, "on": ahead.on.isoformat(), "tell": list(ahead.tell)} if ahead else None,
        "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else None,
        "acknowledged_at": iso_z(row.acknowledged_at) if row.acknowledged_at else None,
        "history": row.history,
    }


def _reminder(row: Row[Reminder, Mail]) -> dict[str, Any]:
    told, mail = row.Reminder, row.Mail
    return {
        "reminder_id": str(told.reminder_id),
        "obligation_ids": [str(told.obligation_id)],
        "rung": told.rung,
        "recipient": told.recipient if told.recipient != NOBODY else None,
        "channel": told.channel,
        "status": told.status,
        "reason": told.reason or (mail.reason if mail is not None and told.status == "held" else None),
        "created_at": iso_z(told.created_at),
        "sent_at": iso_z(told.sent_at) if told.sent_at else None,
        "message_id": mail.message_id if mail is not None and told.status in ("sending", "sent") else None,
    }


def listed(items: Sequence[dict[str, Any]], places: Sequence[list[str]], limit: int) -> dict[str, Any]:
    """A page ``{items, next}`` of what was found, one more than ``limit`` where there is more."""
    more = len(items) > limit
    return {"items": list(items[:limit]), "next": _opaque(places[limit - 1]) if more else None}


def _opaque(place: list[str]) -> str:
    return base64.urlsafe_b64encode("\x1f".join(place).encode()).decode().rstrip("=")


def _place(text: str, kind: type[date]) -> tuple[date, UUID]:
    first, second = place_in_list(text)
    try:
        return kind.fromisoformat(first), UUID(second)
    except ValueError as error:
        raise _bad_cursor() from error


def place_in_list(text: str) -> tuple[str, str]:
    """Where a page begins: what was written into ``next`` of the page before.

    Raises:
        Problem: 400, it is not from there.
    """
    try:
        first, second = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("\x1f")
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    if not (first + second).isprintable():
        raise _bad_cursor()
    return first, second


def _bad_cursor() -> Problem:
    return Problem(400, "bad_cursor", "after is not a cursor: take it from 'next' of a list")
