"""Alarms: what a person has to look at, on an office's page. One of a kind, office and subject stands at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.judging import FAILS, TAKEN_BACK
from muster_notify.ladder import ROLE_NAMES
from muster_notify.models import Alarm
from muster_notify.people import Offices
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.names import REPORT_FAILS, SET_ASIDE
from muster_shared.problems import forbidden, not_found

ADDRESS_FAILS: Final = "address_fails"
NOBODY_TO_TELL: Final = "nobody_to_tell"
STORM: Final = "storm"
REVIEW_WAITS: Final = "review_waits"
RESTORED: Final = "restored"
KINDS: Final = (ADDRESS_FAILS, NOBODY_TO_TELL, STORM, REVIEW_WAITS, RESTORED, REPORT_FAILS, SET_ASIDE)
EVERYWHERE: Final = ""  # the office of an alarm that is about all of them

_NOBODY_STANDS: Final = "alarm.kind = 'nobody_to_tell' AND alarm.cleared_at IS NULL"
_OPEN: Final = "o.cancelled_at IS NULL AND o.state IN ('awaited', 'returned')"

# The newest rung on record says by its rows whether it reached nobody: roles nobody fills, addresses that fail.
_CLEAR_REACHED: Final = f"""
UPDATE alarm SET cleared_at = :now
WHERE {_NOBODY_STANDS} AND NOT EXISTS (
    SELECT FROM obligation o
    JOIN LATERAL (
        SELECT bool_and(
            r.recipient = ANY (CAST(:roles AS text[])) OR r.status = 'failed' OR coalesce(r.reason, '') = :fails
        ) FILTER (WHERE r.recipient <> '') AS nobody
        FROM reminder r
        WHERE r.obligation_id = o.obligation_id AND r.cycle = o.cycle AND (
            r.recipient = '' OR r.status <> 'skipped'
            OR NOT coalesce(r.reason, '') LIKE ANY (CAST(:taken_back AS text[]))
        )
        GROUP BY r.rung
        ORDER BY r.rung DESC
        LIMIT 1
    ) newest ON newest.nobody
    WHERE o.project_code = alarm.subject AND {_OPEN}
)
"""  # noqa: S608 - put together from constants

_LOOK_AGAIN: Final = f"""
UPDATE obligation o SET next_rung_on = o.due - 10000
FROM alarm
WHERE {_NOBODY_STANDS} AND alarm.subject = o.project_code AND {_OPEN} AND EXISTS (
    SELECT FROM reminder r
    JOIN role_holder h ON h.project_code = o.project_code AND (h.role = r.recipient OR h.email = r.recipient)
    WHERE r.obligation_id = o.obligation_id AND r.cycle = o.cycle AND r.status = 'skipped'
        AND NOT EXISTS (SELECT FROM failing_address f WHERE f.email = lower(h.email))
)
"""  # noqa: S608


def raise_alarm(session: Session, *, kind: str, office: str, subject: str, detail: str, now: datetime) -> None:
    """Raise an alarm; where one of its kind stands for that office and subject, only its detail becomes the newest."""
    query = insert(Alarm).values(
        alarm_id=uuid4(), kind=kind, office=office, subject=subject, detail=detail, raised_at=now
    )
    session.execute(
        query.on_conflict_do_update(
            index_elements=["kind", "office", "subject"],
            index_where=Alarm.cleared_at.is_(None),
            set_={"detail": query.excluded.detail},
            where=Alarm.detail != query.excluded.detail,
        )
    )


def clear(
    session: Session, *, kind: str, subject: str, now: datetime, by: str | None, office: str | None = None
) -> None:
    """Clear what stands of a kind about a subject, at one office or at all; ``by`` None: it cleared by itself."""
    standing = update(Alarm).where(Alarm.kind == kind, Alarm.subject == subject, Alarm.cleared_at.is_(None))
    if office is not None:
        standing = standing.where(Alarm.office == office)
    session.execute(standing.values(cleared_at=now, cleared_by=by))


def is_seen_to(session: Session, *, kind: str, office: str, subject: str, detail: str) -> bool:
    """Whether the newest such alarm said just this and was cleared by hand: it is not to be raised once more."""
    of_these = (Alarm.kind == kind, Alarm.office == office, Alarm.subject == subject)
    newest = session.scalars(select(Alarm).where(*of_these).order_by(Alarm.raised_at.desc()).limit(1)).first()
    return newest is not None and newest.cleared_by is not None and newest.detail == detail


def nobody_to_tell(session: Session, *, office: str, project_code: str, now: datetime) -> None:
    """Say that a rung of a project's ladder reached nobody at all."""
    detail = (
        f"Nobody could be told of a report that {project_code} owes: name a manager, an alternate manager or "
        "a head of office with an address that works"
    )
    raise_alarm(session, kind=NOBODY_TO_TELL, office=office, subject=project_code, detail=detail, now=now)


def look_again_at_unreached(session: Session) -> None:
    """Have the sweep look again at what reached nobody, where by now somebody is named or can be reached again."""
    session.execute(text(_LOOK_AGAIN))


def clear_reached(session: Session, *, now: datetime) -> None:
    """Clear the alarms of projects whose people could be told since, or that owe nothing any more."""
    given = {"roles": list(ROLE_NAMES), "fails": FAILS, "taken_back": [f"{beginning}%" for beginning in TAKEN_BACK]}
    session.execute(text(_CLEAR_REACHED), given | {"now": now})


def listed(session: Session, caller: Caller, *, office: str | None, standing: bool) -> dict[str, Any]:
    """Alarms the caller may see, those that stand first, newest first; ``standing``: only those.

    Raises:
        Problem: 403, the role has nothing to do with offices' alarms.
    """
    order = (case((Alarm.cleared_at.is_(None), 0), else_=1), Alarm.raised_at.desc(), Alarm.alarm_id)
    query = select(Alarm).where(_visible(session, caller)).order_by(*order).limit(1000)
    query = query.where(Alarm.office == office) if office is not None else query
    query = query.where(Alarm.cleared_at.is_(None)) if standing else query
    return {"items": [document(row) for row in session.scalars(query)], "next": None}


def clear_by_hand(session: Session, caller: Caller, alarm_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Clear one that the caller has looked at; clearing it twice changes nothing.

    Raises:
        Problem: 404, there is none that the caller may see; 403, only an administrator lets held mails go.
    """
    query = select(Alarm).where(_visible(session, caller), Alarm.alarm_id == alarm_id).with_for_update()
    row = session.scalars(query).first()
    if row is None:
        raise not_found(f"there is no alarm {alarm_id} that you may see")
    if row.kind in {STORM, RESTORED} and caller.role != "admin":
        raise forbidden("what holds the reminders back is released by an administrator")
    if row.cleared_at is None:
        row.cleared_at, row.cleared_by = now, caller.name
        about = {"alarm_id": str(row.alarm_id), "kind": row.kind, "office": row.office, "subject": row.subject}
        audit.note(session, caller, "alarm_cleared", about, at=now)
    return document(row)


def document(row: Alarm) -> dict[str, Any]:
    """An alarm as the outside sees it; ``cleared_by`` empty on a cleared one: it cleared by itself."""
    return {
        "alarm_id": str(row.alarm_id),
        "kind": row.kind,
        "office": row.office,
        "subject": row.subject,
        "detail": row.detail,
        "raised_at": iso_z(row.raised_at),
        "cleared_at": iso_z(row.cleared_at) if row.cleared_at else None,
        "cleared_by": row.cleared_by,
    }


def _visible(session: Session, caller: Caller) -> ColumnElement[bool]:
    if caller.sees_all_offices:
        return true()
    if caller.role in {"focal_point", "head_of_office", "project_manager"}:
        return Alarm.office.in_(caller.offices)
    if caller.role == "reviewer":
        offices = Offices.of(session).by_code.items()
        return Alarm.office.in_([code for code, office in offices if office["region"] in caller.regions])
    raise forbidden("alarms of offices are not for donors")
