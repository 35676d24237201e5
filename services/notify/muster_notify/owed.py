"""Keeping the rows of what is owed in line with the records: what is new, moved, handed in, owed again or gone."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from muster_notify import holders
from muster_notify.follow_ups import FollowedUp, followed_up
from muster_notify.judging import NO_LONGER_OWED, NOT_CHASED
from muster_notify.ladder import Ladder, Ladders
from muster_notify.models import ObligationRow, Record, Reminder
from muster_notify.people import Offices
from muster_notify.windows import local_day
from muster_shared.clock import iso_z
from muster_shared.coverage import AWAITED, RETURNED, Delivery, delivery
from muster_shared.one_of import one_of
from muster_shared.schedules import Fields, Obligation, obligations
from muster_shared.working_days import working_days_of

_log = logging.getLogger(__name__)
DEFAULT_TIME_ZONE = "UTC"
_NOT_CHASED: Final = frozenset({"cancelled"})  # a grant that was accepted binds, however far its endorsement is


@dataclass(frozen=True, slots=True)
class Holding:
    """Who a project's obligations belong to, as its rows state it."""

    office: str
    region: str | None
    time_zone: str
    owner: dict[str, Any]
    managers: list[str]


@dataclass(frozen=True, slots=True)
class ProjectRecords:
    """The current records of one project; ``project`` is None once it is withdrawn."""

    project: Fields | None
    office: Fields
    grants: Sequence[Fields]
    extensions: Sequence[Fields]
    reports: Sequence[Fields]
    follow_ups: Sequence[Fields]

    @property
    def why_not_chased(self) -> str | None:
        """Why nobody is told of what the project owes: it was cancelled."""
        status = (self.project or {}).get("status")
        return f"{NOT_CHASED}{status}" if status in _NOT_CHASED else None


def renew_all(session: Session, codes: Collection[str], *, now: datetime, ladders: Ladders) -> None:
    """Bring what projects owe, and who is told of it, in line with their records as they stand."""
    holders.keep_for_projects(session, codes)
    records, stored = _records(session, codes), _rows(session, codes)
    with session.no_autoflush:  # all that is new is written at once, at the end
        for code in codes:
            renew(session, records[code], stored[code], now=now, ladders=ladders)


def renew(
    session: Session, records: ProjectRecords, stored: Mapping[UUID, ObligationRow], *, now: datetime, ladders: Ladders
) -> None:
    """Bring a project's obligations in line with its records as they stand."""
    kept: set[UUID] = set()
    holding = _holding(records)
    for grant in records.grants if records.project else ():
        owed = _owed(records, grant)
        if owed is None:  # cannot be read: what is known of this grant stays as it is
            kept |= {row.obligation_id for row in stored.values() if row.grant_id == grant["grant_id"]}
            continue
        for obligation in owed:
            came, obligation_id = delivery(obligation, records.reports), UUID(obligation.obligation_id)
            kept.add(obligation_id)
            row = stored.get(obligation_id)
            if row is None:
                row = _new(obligation_id, obligation, came, holding, now=now)
                row.known_late = _is_known_late(row, now, ladders)
                session.add(row)
            else:
                _renew_row(session, row, obligation, came, holding, now=now)
            row.rules = _rules(grant)
            _follow_up(session, row, followed_up(obligation, records.follow_ups), now=now, ladder=ladders.of(row.rules))
            _chase(session, row, records.why_not_chased, ladders.of(row.rules))
    for row in stored.values():
        if row.obligation_id not in kept and row.cancelled_at is None:
            _cancel(session, row, now)


def _records(session: Session, codes: Collection[str]) -> Mapping[str, ProjectRecords]:
    offices = Offices.of(session).by_code
    query = select(Record.project_code, Record.kind, Record.fields).where(one_of(Record.project_code, codes))
    found: dict[str, dict[str, list[Fields]]] = {code: defaultdict(list) for code in codes}
    for row in session.execute(query):
        found[row.project_code or ""][row.kind].append(row.fields)
    return {code: _of_a_project(kinds, offices) for code, kinds in found.items()}


def _of_a_project(kinds: Mapping[str, Sequence[Fields]], offices: Mapping[str, Fields]) -> ProjectRecords:
    project = next(iter(kinds["project"]), None)
    return ProjectRecords(
        project=project,
        office=offices.get(project["office"], {}) if project else {},
        grants=kinds["grant"],
        extensions=kinds["extension"],
        reports=kinds["progress_report"],
        follow_ups=kinds["follow_up"],
    )


def _rows(session: Session, codes: Collection[str]) -> Mapping[str, Mapping[UUID, ObligationRow]]:
    query = select(ObligationRow).where(one_of(ObligationRow.project_code, codes))
    found: dict[str, dict[UUID, ObligationRow]] = {code: {} for code in codes}
    for row in session.scalars(query.order_by(ObligationRow.obligation_id).with_for_update()):
        found[row.project_code][row.obligation_id] = row
    return found


def _owed(records: ProjectRecords, grant: Fields) -> tuple[Obligation, ...] | None:
    try:
        days = working_days_of(records.office)
        return obligations(records.project or {}, [grant], records.extensions, working_days=days)
    except (LookupError, TypeError, ValueError):
        _log.exception("cannot tell what a grant owes", extra={"grant_id": grant.get("grant_id")})
        return None


def _rules(grant: Fields) -> str:
    rules = grant["reporting_rules"]
    return str(rules["rules"]) if isinstance(rules, Mapping) else ""


def _holding(records: ProjectRecords) -> Holding:
    project: Fields = records.project or {}
    people = [person for name in ("manager", "alternate_manager") if (person := project.get(name))]
    return Holding(
        office=project.get("office", ""),
        region=records.office.get("region"),
        time_zone=records.office.get("time_zone") or DEFAULT_TIME_ZONE,
        owner=dict(project.get("manager") or {}),
        managers=[person["email"].casefold() for person in people if person.get("email")],
    )


def _renew_row(
    session: Session, row: ObligationRow, owed: Obligation, came: Delivery, holding: Holding, *, now: datetime
) -> None:
    shown = _shown(row)
    _hold(row, holding)
    began_again = _note(row, owed, came, now)
    row.period_start, row.period_end, row.due = owed.period_start, owed.period_end, owed.due
    row.state, row.submitted_on, row.cancelled_at = came.state, came.submitted_on, None
    row.cycle += began_again
    row.known_late = row.known_late and not began_again
    row.sequence += _shown(row) != shown
    if began_again or not came.is_open:
        _stop(session, row, _why_stopped(owed, came))


def _shown(row: ObligationRow) -> tuple[Any, ...]:
    """What a calendar shows of an obligation."""
    return row.period_start, row.period_end, row.due, row.state, row.cancelled_at is None


def _follow_up(session: Session, row: ObligationRow, done: FollowedUp, *, now: datetime, ladder: Ladder) -> None:
    """Write down what people did about it; what waits to be sent waits no more where they said so."""
    known = {(event["at"], event["event"], event.get("by")) for event in row.history}
    fresh = [dict(event) for event in done.events if (event["at"], event["event"], event["by"]) not in known]
    if fresh:
        row.history = [*row.history, *fresh]
    row.snoozed_until, row.acknowledged_at = done.snoozed_until, done.acknowledged_at
    if done.snoozed_until and local_day(now, row.time_zone) <= done.snoozed_until:
        _stop(session, row, done.why_snoozed)
    if done.acknowledged_at:
        _stop(session, row, done.why_acknowledged, [rung.days for rung in ladder.rungs if rung.only_announces])


def _chase(session: Session, row: ObligationRow, why_not: str | None, ladder: Ladder) -> None:
    """Have the sweep look at it from its first rung on, whatever has changed; or not at all."""
    row.next_rung_on = None if why_not else ladder.rungs[0].on(row.due)
    if why_not:
        _stop(session, row, why_not)


def _new(obligation_id: UUID, owed: Obligation, came: Delivery, holding: Holding, *, now: datetime) -> ObligationRow:
    events = [_event(now, "owed", due=owed.due)]
    row = ObligationRow(
        obligation_id=obligation_id,
        project_code=owed.project_code,
        grant_id=owed.grant_id,
        type=owed.type,
        mark=owed.mark,
        period_start=owed.period_start,
        period_end=owed.period_end,
        due=owed.due,
        state=came.state,
        submitted_on=came.submitted_on,
        cycle=1,
        sequence=0,
        cancelled_at=None,
        history=events if came.state == AWAITED else [*events, _event(now, came.state, due=owed.due)],
    )
    _hold(row, holding)
    return row


def _is_known_late(row: ObligationRow, now: datetime, ladders: Ladders) -> bool:
    """Whether it was overdue for long before anybody could have been reminded: then it climbs to nobody."""
    return (local_day(now, row.time_zone) - row.due).days > ladders.known_late_after


def _hold(row: ObligationRow, holding: Holding) -> None:
    row.office, row.region, row.time_zone = holding.office, holding.region, holding.time_zone
    row.owner, row.managers = holding.owner, holding.managers


def _note(row: ObligationRow, owed: Obligation, came: Delivery, now: datetime) -> bool:
    """Write down what changed for an obligation; True where its ladder begins again."""
    moved, came_differs = row.due != owed.due, row.state != came.state
    events = [_event(now, "restored", due=owed.due)] if row.cancelled_at else []
    if moved:
        events.append({**_event(now, "moved", due=owed.due), "due_before": row.due.isoformat()})
    if came_differs:
        events.append(_event(now, came.state, due=owed.due))
    if events:
        row.history = [*row.history, *events]
    owed_again = came.is_open and came_differs and (came.state == RETURNED or row.state != RETURNED)
    return moved or owed_again


def _cancel(session: Session, row: ObligationRow, now: datetime) -> None:
    row.cancelled_at = now
    row.sequence += 1
    row.history = [*row.history, _event(now, "cancelled", due=row.due)]
    _stop(session, row, NO_LONGER_OWED)


def _stop(session: Session, row: ObligationRow, reason: str, rungs: Collection[int] | None = None) -> None:
    """Nobody is told any more what no longer holds, of these rungs; a mail on its way cannot be called back."""
    held = update(Reminder).where(Reminder.obligation_id == row.obligation_id, Reminder.status == "held")
    held = held if rungs is None else held.where(Reminder.rung.in_(rungs))
    session.execute(held.values(status="skipped", reason=reason))


def _why_stopped(owed: Obligation, came: Delivery) -> str:
    if not came.is_open:
        return f"the report was handed in on {came.submitted_on}"
    return "the donor returned the report" if came.state == RETURNED else f"the report is now due on {owed.due}"


def _event(now: datetime, event: str, *, due: date) -> dict[str, Any]:
    return {"at": iso_z(now), "event": event, "due": due.isoformat()}
