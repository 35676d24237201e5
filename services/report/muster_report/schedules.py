"""Schedules as rows: which there are, which states they hold back until their time, and when the next issues come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge
from itertools import islice
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Text, and_, cast, exists, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from muster_report.models import ReportState, Schedule
from muster_report.timetable import KINDS, ON_CHANGE, Timetable, coming, local_day
from muster_shared.clock import iso_z

DUE: Final = "@due"  # instead of a value: that of the day the report is made for
_OF_DAY: Final[Mapping[str, str]] = {"until": "%Y-%m-%d", "year": "%Y"}


@dataclass(frozen=True, slots=True)
class Coming:
    """An issue that comes: ``params`` as they will be then."""

    when: datetime
    schedule: Schedule
    params: Mapping[str, str]


def moves(name: str) -> bool:
    """Whether a parameter may follow the day a report is made for."""
    return name in _OF_DAY


def value_on(name: str, day: date) -> str:
    """The value of a parameter that follows the day: the day itself, or its year."""
    return day.strftime(_OF_DAY[name])


def timetable_of(row: Schedule) -> Timetable:
    """When it is due, as a plain value."""
    return Timetable(row.kind, row.time_zone, row.hour, tuple(row.dates))


def params_at(row: Schedule, when: datetime) -> dict[str, str]:
    """All parameters of the issue that is due at ``when``."""
    day = local_day(timetable_of(row), when)
    return {**row.params, **{name: value_on(name, day) for name in row.moving}}


def covers(row: Schedule) -> ColumnElement[bool]:
    """The states that this schedule is about."""
    held: Any = ReportState.params.op("-", return_type=JSONB)(cast(list(row.moving), ARRAY(Text)))
    return and_(ReportState.report == row.report, held == row.params)


def is_timed() -> ColumnElement[bool]:
    """Whether a state is made at times of its own: a change then does not ask for it."""
    held: Any = ReportState.params.op("-", return_type=JSONB)(Schedule.moving)
    timed = exists().where(Schedule.report == ReportState.report, Schedule.enabled, Schedule.kind != ON_CHANGE)
    return timed.where(held == Schedule.params).correlate(ReportState)


def every(session: Session) -> list[Schedule]:
    """All schedules, in one order."""
    return list(session.scalars(select(Schedule).order_by(Schedule.report, Schedule.params_key)))


def calendar(session: Session, now: datetime, since: datetime, until: datetime, most: int) -> list[Coming]:
    """The next issues after ``since`` and up to ``until`` (all aware) in order; seen from now, first those late."""
    each = (_coming(row, now, since, until) for row in every(session) if row.enabled)
    in_order = merge(*each, key=lambda one: (one.when, one.schedule.report, one.schedule.params_key))
    return list(islice(in_order, most))


def _coming(row: Schedule, now: datetime, since: datetime, until: datetime) -> Iterator[Coming]:
    if row.next_at and row.next_at <= now and since <= now:
        yield Coming(row.next_at, row, params_at(row, row.next_at))
    for when in coming(timetable_of(row), since, until):
        yield Coming(when, row, params_at(row, when))


def timed(session: Session) -> list[Schedule]:
    """The schedules that hold reports back until their time."""
    return [row for row in every(session) if row.enabled and row.kind != ON_CHANGE]


def in_words(rows: Sequence[Schedule]) -> str:
    """When a report is made, on the whole: ``on change; 2 nightly, 1 month end`` with how many parameter sets."""
    counts = Counter(row.kind for row in rows)
    listed = ", ".join(f"{counts[kind]} {_words(kind)}" for kind in KINDS if counts[kind])
    return "; ".join(part for part in (_words(ON_CHANGE), listed) if part)


def of_state(state: ReportState, rows: Sequence[Schedule]) -> dict[str, Any]:
    """When a report with these parameters is made, and when next; the soonest where several say."""
    own = [row for row in rows if row.report == state.report and _is_of(row, state)]
    first = min(own, key=lambda row: (row.next_at is None, row.next_at), default=None)
    next_at = iso_z(first.next_at) if first and first.next_at else None
    return {"schedule": _words(first.kind if first else ON_CHANGE), "next_at": next_at}


def _is_of(row: Schedule, state: ReportState) -> bool:
    return {name: value for name, value in state.params.items() if name not in row.moving} == row.params


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def schedule_document(row: Schedule) -> dict[str, Any]:
    """A schedule as the outside sees it."""
    return {
        "report": row.report,
        "params": {**row.params, **dict.fromkeys(row.moving, DUE)},
        "kind": row.kind,
        "dates": [day.isoformat() for day in row.dates],
        "time_zone": row.time_zone,
        "hour": row.hour,
        "enabled": row.enabled,
        "next_at": iso_z(row.next_at) if row.next_at and row.enabled else None,
        "last_at": iso_z(row.last_at) if row.last_at else None,
        "set": {"at": iso_z(row.set_at), "by": row.set_by},
    }


def coming_document(one: Coming) -> dict[str, Any]:
    """An issue that comes, as the outside sees it."""
    return {
        "report": one.schedule.report,
        "params": dict(one.params),
        "when": iso_z(one.when),
        "kind": one.schedule.kind,
    }
