"""What waits for its reviewer: told when it is submitted, then once a week until it moves on, and shown as an alarm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import alarms, failing_addresses
from muster_notify.judging import REPLACED
from muster_notify.ladder import Person
from muster_notify.models import Alarm, Record
from muster_notify.people import Offices
from muster_notify.preferences import stand_ins
from muster_notify.review_mails import MOVED_ON
from muster_notify.windows import local_day
from muster_notify.workflow_models import ProjectStanding, ReviewNotice
from muster_notify.workflow_news import WAITS, NewsRules
from muster_shared.schedules import Fields

OVERTAKEN: Final = "a later reminder of the same project took its place"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A project that waits, the notice of it that is due by now, and whom that tells."""

    project: Fields
    step_id: UUID
    since: datetime
    number: int
    reader: Person | None

    @property
    def code(self) -> str:
        return str(self.project["project_code"])


def record_waiting(session: Session, now: datetime, rules: NewsRules) -> int:
    """Record who is to be told of what waits at ``now``, each notice once; returns how many were new.

    After an outage only the newest notice is told. Where the reviewer changes, or mail does not reach them, the next
    one is told: the head of headquarters where a region has no reviewer.
    """
    waiting = _waiting(session, now, rules)
    known = _known(session, waiting)
    failing = failing_addresses.among(session, {one.recipient for notices in known.values() for one in notices})
    fresh = [_notice(one, now) for one in waiting if one.reader and _is_untold(one, known, failing)]
    if fresh:
        _put(session, fresh, now)
    _give_way(session, waiting)
    _show(session, waiting, now, rules)
    return len(fresh)


def _waiting(session: Session, now: datetime, rules: NewsRules) -> list[_Waiting]:
    query = (
        select(ProjectStanding, Record.fields)
        .join(Record, (Record.kind == "project") & (Record.key == ProjectStanding.project_code))
        .where(ProjectStanding.status == WAITS)
        .order_by(ProjectStanding.since, ProjectStanding.project_code)
    )
    rows = session.execute(query).all()
    if not rows:
        return []
    readers = _Readers(session, now)
    return [
        _Waiting(fields, row.step_id, row.since, _number(row, now, rules), readers.of(fields)) for row, fields in rows
    ]


def _number(row: ProjectStanding, now: datetime, rules: NewsRules) -> int:
    return max((now - row.since) // rules.remind_every, 0)


class _Readers:
    """Who reviews what: worked out once for each office."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._offices = Offices.of(session)
        self._by_office: dict[str, Person | None] = {}

    def of(self, project: Fields) -> Person | None:
        """The reviewer of the project's region, or who stands in; else headquarters; None where mail reaches nobody."""
        office = project["office"]
        if office not in self._by_office:
            self._by_office[office] = self._find(office)
        return self._by_office[office]

    def _find(self, office: str) -> Person | None:
        people = self._offices.people_serving(office)
        named = [people[role] for role in ("reviewer", "headquarters") if role in people]
        present = [self._present(person) for person in named]
        failing = failing_addresses.among(self._session, {person.email for person in present})
        return next((person for person in present if person.email.lower() not in failing), None)

    def _present(self, person: Person) -> Person:
        zone = self._offices.by_code.get(person.office, {}).get("time_zone") or "UTC"
        return stand_ins(self._session, local_day(self._now, zone)).get(person.email.lower(), person)


def _known(session: Session, waiting: Sequence[_Waiting]) -> Mapping[UUID, list[ReviewNotice]]:
    """What is on record of the notices that are due, by step."""
    due = [(one.step_id, one.number) for one in waiting]
    found: dict[UUID, list[ReviewNotice]] = {}
    if due:
        query = select(ReviewNotice).where(tuple_(ReviewNotice.step_id, ReviewNotice.number).in_(due))
        for row in session.scalars(query):
            found.setdefault(row.step_id, []).append(row)
    return found


def _is_untold(one: _Waiting, known: Mapping[UUID, list[ReviewNotice]], failing: Collection[str]) -> bool:
    """Whether nobody who can be reached has been told, or is about to be and is still the one to tell."""
    reached = [row for row in known.get(one.step_id, ()) if row.recipient.lower() not in failing]
    return not any(row.mail_id is not None or _is_still_told(row, one) for row in reached)


def _is_still_told(row: ReviewNotice, one: _Waiting) -> bool:
    return row.reason is None and one.reader is not None and row.recipient == one.reader.email


def _notice(one: _Waiting, now: datetime) -> dict[str, Any]:
    reader = one.reader or Person("", "", "")
    return {
        "step_id": one.step_id,
        "number": one.number,
        "recipient": reader.email,
        "project_code": one.code,
        "recipient_name": reader.name,
        "office": reader.office,
        "created_at": now,
        "mail_id": None,
        "reason": None,
    }


def _put(session: Session, notices: Sequence[dict[str, Any]], now: datetime) -> None:
    """One that gave way before it was sent comes again where its reader is the one to tell once more."""
    query = insert(ReviewNotice).values(notices)
    again = {"reason": None, "created_at": now}
    keys = ["step_id", "number", "recipient"]
    session.execute(query.on_conflict_do_update(index_elements=keys, set_=again, where=ReviewNotice.mail_id.is_(None)))


def _give_way(session: Session, waiting: Iterable[_Waiting]) -> None:
    """What waits to be sent and is not to be, by now, says why."""
    by_step = {one.step_id: one for one in waiting}
    for row in session.scalars(
        select(ReviewNotice).where(ReviewNotice.mail_id.is_(None), ReviewNotice.reason.is_(None))
    ):
        row.reason = _why_not(row, by_step.get(row.step_id))


def _why_not(row: ReviewNotice, one: _Waiting | None) -> str | None:
    if one is None:
        return MOVED_ON
    if row.number < one.number:
        return OVERTAKEN
    return REPLACED if one.reader is not None and row.recipient != one.reader.email else None


def _show(session: Session, waiting: Sequence[_Waiting], now: datetime, rules: NewsRules) -> None:
    """An alarm for each project that waits too long, or that nobody can be told of; it clears itself.

    One that somebody cleared comes back with the next reminder, not before.
    """
    shown = {(one.project["office"], one.code): _in_words(one, rules) for one in waiting if _is_shown(one)}
    concerned = or_(Alarm.cleared_at.is_(None), Alarm.subject.in_({code for _, code in shown}))
    known = session.scalars(select(Alarm).where(Alarm.kind == alarms.REVIEW_WAITS, concerned)).all()
    seen = {(alarm.office, alarm.subject, alarm.detail) for alarm in known if alarm.cleared_by is not None}
    for alarm in known:
        if alarm.cleared_at is None and (alarm.office, alarm.subject) not in shown:
            alarm.cleared_at = now
    session.flush()
    for (office, code), detail in shown.items():
        if (office, code, detail) not in seen:
            alarms.raise_alarm(session, kind=alarms.REVIEW_WAITS, office=office, subject=code, detail=detail, now=now)


def _is_shown(one: _Waiting) -> bool:
    return one.number > 0 or one.reader is None


def _in_words(one: _Waiting, rules: NewsRules) -> str:
    since = one.since.date().isoformat()
    if one.reader is None:
        return f"{one.code} waits for endorsement since {since} and nobody can be told: name a reviewer of its region"
    days = one.number * rules.remind_every.days
    return f"{one.code} waits for endorsement since {since}, {days} days and more: {one.reader.name} is reminded"
