"""The sweep: rungs whose day has come become rows, once each, whoever else sweeps at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify.ladder import ROLE_NAMES, Ladder, Person, next_step, recipients, steps_due
from muster_notify.models import ObligationRow, Reminder
from muster_notify.people import ANY_OFFICE, Offices, projects
from muster_notify.windows import local_day
from muster_shared.coverage import AWAITED, RETURNED

CHANNEL: Final = "mail"
NOBODY: Final = ""
OVERTAKEN: Final = "a higher rung was reached first: only the highest one due is sent"
_NAMESPACE = UUID("0f5cf0b4-5d5c-5a60-8a4b-2b7a64f0a6a1")
_EAST_OF_UTC: Final = timedelta(days=1)


def remind_some(session: Session, *, now: datetime, ladder: Ladder, after: UUID | None, most: int) -> UUID | None:
    """Record the reminders due for a batch of obligations; returns the last one looked at, None behind the end."""
    rows = _due(session, now, after, most)
    done = _done(session, rows)
    offices, known = Offices.of(session), projects(session, {row.project_code for row in rows})
    for row in rows:
        people = offices.people_of(known[row.project_code]) if row.project_code in known else {}
        _remind(session, row, done[row.obligation_id], people, now=now, ladder=ladder)
    return rows[-1].obligation_id if rows else None


def _due(session: Session, now: datetime, after: UUID | None, most: int) -> Sequence[ObligationRow]:
    """Obligations with a rung to look at, anywhere on earth; those another sweep is at are left to it."""
    query = (
        select(ObligationRow)
        .where(
            ObligationRow.cancelled_at.is_(None),
            ObligationRow.state.in_([AWAITED, RETURNED]),
            ObligationRow.next_rung_on <= (now + _EAST_OF_UTC).date(),
        )
        .order_by(ObligationRow.obligation_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query if after is None else query.where(ObligationRow.obligation_id > after)).all()


def _done(session: Session, rows: Sequence[ObligationRow]) -> Mapping[UUID, set[int]]:
    cycles = {row.obligation_id: row.cycle for row in rows}
    query = select(Reminder.obligation_id, Reminder.cycle, Reminder.rung)
    done: dict[UUID, set[int]] = defaultdict(set)
    for found in session.execute(query.where(Reminder.obligation_id.in_(cycles))):
        if found.cycle == cycles[found.obligation_id]:
            done[found.obligation_id].add(found.rung)
    return done


def _remind(
    session: Session,
    row: ObligationRow,
    done: set[int],
    people: Mapping[str, Person],
    *,
    now: datetime,
    ladder: Ladder,
) -> None:
    today = local_day(now, row.time_zone)
    steps = steps_due(row.due, today, done, ladder)
    new = [_skipped(row, rung, NOBODY, OVERTAKEN, now) for rung in steps.skipped]
    if steps.send is not None:
        _overtake(session, row, steps.send)
        new += _told(row, steps.send, people, now=now, ladder=ladder)
    if new:
        session.execute(insert(Reminder).values(new).on_conflict_do_nothing())
    ahead = next_step(row.due, today, ladder)
    row.next_rung_on = ahead.on if ahead else None


def _overtake(session: Session, row: ObligationRow, rung: int) -> None:
    """What is still held of lower rungs is not sent after a higher one."""
    lower = update(Reminder).where(
        Reminder.obligation_id == row.obligation_id, Reminder.status == "held", Reminder.rung < rung
    )
    session.execute(lower.values(status="skipped", reason=OVERTAKEN))


def _told(
    row: ObligationRow, rung: int, people: Mapping[str, Person], *, now: datetime, ladder: Ladder
) -> list[dict[str, Any]]:
    told = recipients(ladder.rung(rung), people)
    missing = [
        _skipped(row, rung, role, f"no {ROLE_NAMES[role]} with an address is named", now) for role in told.missing
    ]
    return [_row(row, rung, person, now) for person in told.people] + missing


def _row(row: ObligationRow, rung: int, person: Person, now: datetime) -> dict[str, Any]:
    recipient = person.email.strip()
    return {
        "reminder_id": uuid5(_NAMESPACE, f"{row.obligation_id} {rung} {row.cycle} {recipient}"),
        "obligation_id": row.obligation_id,
        "rung": rung,
        "cycle": row.cycle,
        "recipient": recipient,
        "recipient_name": person.name,
        "office": person.office,
        "channel": CHANNEL,
        "status": "held",
        "reason": None,
        "created_at": now,
    }


def _skipped(row: ObligationRow, rung: int, recipient: str, reason: str, now: datetime) -> dict[str, Any]:
    nobody = Person(name="", email=recipient, office=ANY_OFFICE)
    return {**_row(row, rung, nobody, now), "status": "skipped", "reason": reason}
