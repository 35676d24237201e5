"""Schedules: setting them, and making what is due. The row decides; whoever looks first makes it, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from muster_report import schedules, usecases
from muster_report.models import ReportState, Schedule
from muster_report.params import params_key
from muster_report.reports import Report, catalogue
from muster_report.schedules import DUE, covers, is_timed, timetable_of
from muster_report.timetable import EARLIEST, KINDS, LATEST, Timetable, coming, next_after
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import known_time_zones, real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE
from muster_shared.problems import DataError, Problem, forbidden, not_found

_log = logging.getLogger(__name__)
_MOST_DATES: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Parameters as a schedule gives them: plain ones, and the names of those that follow the day."""

    params: Mapping[str, str]
    moving: Sequence[str]

    def key(self) -> str:
        """One text for both."""
        return params_key({**self.params, **dict.fromkeys(self.moving, DUE)})


def asked(report: Report, given: Mapping[str, str], today: date) -> Asked:
    """Parameters read as the report reads them, those given as ``@due`` apart.

    Raises:
        ParameterError: one is missing, unknown or wrong.
    """
    moving = sorted(name for name, text in given.items() if text == DUE and schedules.moves(name))
    read = report.read({**given, **{name: schedules.value_on(name, today) for name in moving}})
    return Asked({name: value for name, value in read.items() if name not in moving}, moving)


def schedule(
    context: Context, caller: Caller, report: Report, wanted: Asked, timetable: Timetable, *, enabled: bool
) -> Schedule:
    """Set when a report with these parameters is made; whatever stood before is replaced.

    Raises:
        Problem: 403 for other roles than analyst and admin; 422 for a timetable that cannot be.
    """
    _check(caller, timetable)
    now = context.clock.now()
    next_at = next_after(timetable, now)
    if timetable.kind == "dates" and next_at is None:
        raise _wrong("dates", "every day is past: give at least one that comes")
    with context.sessions.begin() as session:
        before = session.get(Schedule, (report.key, wanted.key()), with_for_update=True)
        row = Schedule(
            report=report.key,
            params_key=wanted.key(),
            params=dict(wanted.params),
            moving=list(wanted.moving),
            kind=timetable.kind,
            dates=sorted(set(timetable.dates)),
            time_zone=timetable.time_zone,
            hour=timetable.hour,
            next_at=next_at,
            last_at=before.last_at if before else None,
            enabled=enabled,
            set_by=caller.name,
            set_at=now,
        )
        row = session.merge(row)
        session.flush()
        audit.note(session, caller, "schedule_set", schedules.schedule_document(row), at=now)
        _ask_for_what_was_held_back(session, row)
    context.wake(REPORT_REGENERATE)
    return row


def one(context: Context, report: Report, wanted: Asked) -> Schedule:
    """The schedule of a report with these parameters.

    Raises:
        Problem: 404 where there is none.
    """
    with context.sessions() as session:
        row = session.get(Schedule, (report.key, wanted.key()))
    if row is None:
        raise _none(report)
    return row


def unschedule(context: Context, caller: Caller, report: Report, wanted: Asked) -> None:
    """Take a schedule away: from now on the report is made on each change.

    Raises:
        Problem: 403 for other roles than analyst and admin; 404 where there is none.
    """
    _check_role(caller)
    with context.sessions.begin() as session:
        row = session.get(Schedule, (report.key, wanted.key()), with_for_update=True)
        if row is None:
            raise _none(report)
        audit.note(session, caller, "schedule_removed", schedules.schedule_document(row), at=context.clock.now())
        session.delete(row)
        session.flush()
        _ask_for_what_was_held_back(session, row)
    context.wake(REPORT_REGENERATE)


def wish_for_due(context: Context) -> int:
    """Wish for every report whose time has come by the business clock; returns how many times were served.

    After an outage a schedule is served once, for the last of the times it missed.
    """
    now = context.clock.now()
    with context.sessions() as session:
        query = select(Schedule.report, Schedule.params_key, Schedule.next_at)
        due = query.where(Schedule.enabled, Schedule.next_at <= now).order_by(Schedule.next_at)
        found = [(report, key, next_at) for report, key, next_at in session.execute(due) if next_at]
    return sum(_try_to_serve(context, report, key, missed=next_at, now=now) for report, key, next_at in found)


def _try_to_serve(context: Context, report: str, key: str, *, missed: datetime, now: datetime) -> bool:
    try:
        return _serve(context, report, key, missed=missed, now=now)
    except Exception:  # noqa: BLE001 - whatever one schedule raises, the others and all reports go on
        _log.exception("a schedule could not be served, trying again", extra={"report": report})
        return False


def _serve(context: Context, report: str, key: str, *, missed: datetime, now: datetime) -> bool:
    with context.sessions.begin() as session:
        row = _claim(session, report, key, missed)
        if row is None:
            return False
        timetable = timetable_of(row)
        *_, row.last_at = (missed, *coming(timetable, missed, now))
        row.next_at = next_after(timetable, now)
        session.flush()
        _wish(session, catalogue()[report], schedules.params_at(row, row.last_at))
    return True


def _claim(session: Session, report: str, key: str, missed: datetime) -> Schedule | None:
    """The schedule, where this process and no other serves the time it missed."""
    claim = (
        update(Schedule)
        .where(Schedule.report == report, Schedule.params_key == key, Schedule.next_at == missed, Schedule.enabled)
        .values(next_at=None)
        .returning(Schedule)
    )
    return session.scalars(claim).first()


def _wish(session: Session, report: Report, params: Mapping[str, str]) -> None:
    try:
        usecases.wish(session, report, params)
    except Problem as nothing:  # no record yet: the next time looks again
        _log.info("a scheduled report has nothing to tell", extra={"report": report.key, "reason": nothing.detail})


def _ask_for_what_was_held_back(session: Session, row: Schedule) -> None:
    """States that no schedule holds back any more are made now, where they were made at all."""
    session.execute(
        update(ReportState)
        .where(covers(row), ~is_timed(), ReportState.position > 0)
        .values(
            wanted=ReportState.wanted + 1,
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
        .execution_options(synchronize_session=False)
    )


def _check(caller: Caller, timetable: Timetable) -> None:
    _check_role(caller)
    if timetable.kind not in KINDS:
        raise _wrong("kind", f"'{timetable.kind[:40]}' is not a kind of schedule: give {', '.join(KINDS)}")
    if timetable.time_zone not in known_time_zones():
        raise _wrong("time_zone", f"'{timetable.time_zone[:40]}' is not a time zone: give one such as Africa/Nairobi")
    if not 0 <= timetable.hour <= 23:
        raise _wrong("hour", f"{timetable.hour} is not an hour of the day: give 0 to 23")
    _check_dates(timetable)


def _check_dates(timetable: Timetable) -> None:
    if bool(timetable.dates) != (timetable.kind == "dates"):
        raise _wrong("dates", "give days for the kind 'dates', and only there")
    if len(timetable.dates) > _MOST_DATES:
        raise _wrong("dates", f"{len(timetable.dates)} days are too many: give at most {_MOST_DATES}")
    for day in (day for day in timetable.dates if not EARLIEST <= day <= LATEST):
        raise _wrong("dates", f"{day} is out of reach: give days from {EARLIEST} to {LATEST}")


def _check_role(caller: Caller) -> None:
    if caller.role not in {"analyst", "admin"}:
        raise forbidden("schedules are set by analysts")


def _none(report: Report) -> Problem:
    return not_found(f"{report.key} has no schedule for these parameters: it is made on each change")


def _wrong(name: str, message: str) -> Problem:
    error = DataError("bad_schedule", message, field=name)
    return Problem(422, "bad_schedule", "the schedule is not as it should be", errors=[error])
