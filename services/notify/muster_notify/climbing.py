"""When mail to somebody failed for good: nobody writes there any more, their office is told, the next one up hears."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import alarms, holders
from muster_notify.judging import FAILS
from muster_notify.ladder import Away, Person, recipients, shipped_ladders
from muster_notify.models import FailingAddress, ObligationRow, Reminder
from muster_notify.preferences import stand_ins
from muster_notify.reminding import CHANNEL, reminder_id
from muster_notify.windows import local_day
from muster_shared.coverage import AWAITED, RETURNED
from muster_shared.one_of import one_of

_Rung = tuple[UUID, int]


def climb(session: Session, reminders: Sequence[Reminder], *, now: datetime) -> int:
    """Take the addresses of these reminders for failing, and have the same rungs tell the next who can be reached.

    That is the person themselves where a stand-in's address fails, else the alternate, else the next role up the
    ladder. What else is held for such an address is skipped and climbs as well. An alarm is raised on the offices
    concerned, and another where nobody is left to tell. Returns how many reminders that made.
    """
    why = {one.recipient.lower(): one.reason or FAILS for one in reversed(reminders)}
    for address, reason in sorted(why.items()):
        known = insert(FailingAddress).values(email=address, reason=reason, since=now)
        session.execute(known.on_conflict_do_nothing())
    reminders = [*reminders, *_held_back(session, why)]
    owed = _owed(session, {one.obligation_id for one in reminders})
    for address, office in sorted({(r.recipient.lower(), owed[r.obligation_id].office) for r in reminders}):
        _say_it_fails(session, address, office, why.get(address, FAILS), now)
    rungs = sorted({(r.obligation_id, r.rung) for r in reminders if _still_holds(owed[r.obligation_id], r)})
    return _tell_others(session, rungs, owed, now)


def _held_back(session: Session, addresses: Collection[str]) -> Sequence[Reminder]:
    held = select(Reminder).where(func.lower(Reminder.recipient).in_(addresses), Reminder.status == "held")
    rows = session.scalars(held.with_for_update()).all()
    for row in rows:
        row.status, row.reason = "skipped", FAILS
    session.flush()
    return rows


def _owed(session: Session, ids: Collection[UUID]) -> Mapping[UUID, ObligationRow]:
    rows = session.scalars(select(ObligationRow).where(one_of(ObligationRow.obligation_id, ids)))
    return {row.obligation_id: row for row in rows}


def _still_holds(row: ObligationRow, reminder: Reminder) -> bool:
    return row.cancelled_at is None and row.state in (AWAITED, RETURNED) and row.cycle == reminder.cycle


def _say_it_fails(session: Session, address: str, office: str, reason: str, now: datetime) -> None:
    detail = f"Mail cannot reach {address} ({reason}): the next on the ladder is told until the address works again"
    alarms.raise_alarm(session, kind=alarms.ADDRESS_FAILS, office=office, subject=address, detail=detail, now=now)


def _tell_others(session: Session, rungs: Sequence[_Rung], owed: Mapping[UUID, ObligationRow], now: datetime) -> int:
    people = holders.people_by_project(session, {owed[obligation_id].project_code for obligation_id, _ in rungs})
    failing = set(session.scalars(select(FailingAddress.email)))
    made = 0
    for obligation_id, rung in rungs:
        row = owed[obligation_id]
        away = Away(stand_ins(session, local_day(now, row.time_zone)), failing)
        told = _told(row, rung, people.get(row.project_code, {}), away)
        made += _tell(session, row, rung, told, now)
    return made


def _told(row: ObligationRow, rung: int, people: Mapping[str, Person], away: Away) -> Sequence[Person] | None:
    """Whom the rung tells by now; None where the ladder has no such rung any more."""
    ladder = shipped_ladders().of(row.rules)
    if not ladder.holds(rung):
        return None
    return recipients(ladder.rung(rung).telling(known_late=row.known_late), people, away).people


def _tell(session: Session, row: ObligationRow, rung: int, told: Sequence[Person] | None, now: datetime) -> int:
    if told is not None and not told:
        alarms.nobody_to_tell(session, office=row.office, project_code=row.project_code, now=now)
    known = _addresses_told(session, row, rung)
    fresh = [_row(row, rung, person, now) for person in told or () if person.email.lower() not in known]
    if not fresh:
        return 0
    made = insert(Reminder).values(fresh).on_conflict_do_nothing().returning(Reminder.reminder_id)
    return len(session.scalars(made).all())


def _addresses_told(session: Session, row: ObligationRow, rung: int) -> set[str]:
    of_rung = (Reminder.obligation_id == row.obligation_id, Reminder.cycle == row.cycle, Reminder.rung == rung)
    return set(session.scalars(select(func.lower(Reminder.recipient)).where(*of_rung)))


def _row(row: ObligationRow, rung: int, person: Person, now: datetime) -> dict[str, Any]:
    return {
        "reminder_id": reminder_id(row.obligation_id, rung, row.cycle, person.email),
        "obligation_id": row.obligation_id,
        "rung": rung,
        "cycle": row.cycle,
        "recipient": person.email,
        "recipient_name": person.name,
        "office": person.office,
        "channel": CHANNEL,
        "status": "held",
        "reason": None,
        "created_at": now,
        "instead_of": person.instead_of,
    }
