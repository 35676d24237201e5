"""What report tells Prometheus: how far it follows, how late each report is, which fail, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client.core import Metric
from sqlalchemy import Row, and_, case, func, literal, select
from sqlalchemy.orm import Session

from muster_report.models import Cursor, FactRow, Issue, ReportState, Run, UntoldIssue
from muster_report.reports import catalogue
from muster_shared.changelog import ChangeLog
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.measuring import LOG_PATIENCE, cursor, gauges, reading, set_aside, waiting, waits

_STALE: Final = and_(ReportState.wanted > ReportState.built, ReportState.position > 0)
_UNDER_WAY: Final = ("queued", "running")


def measures(context: Context, log: ChangeLog | None = None) -> Iterator[Metric]:
    """The cursor against the log; of each report how late it is and how many fail; runs and issues that wait."""
    now = context.clock.now()
    with reading(context) as session:
        held = session.scalars(select(Cursor)).one()
        epoch, position = held.epoch, held.position
        yield set_aside(session)
        states = _states(session, now=now, real_now=real_now())
        found = {
            "reports": (sum(row.stale for row in states), _oldest(states)),
            "runs": waits(session, Run.asked_at, Run.status.in_(_UNDER_WAY), now=now),
            "untold_issues": waits(session, Issue.made_at, Issue.issue_id.in_(select(UntoldIssue.issue_id)), now=now),
        }
    yield from _reports(states)
    yield from waiting(found)
    reached = log or ChangeLog(context.settings, context.service, patience=LOG_PATIENCE)
    yield from cursor(reached, epoch=epoch, position=position, now=now)


def _states(session: Session, *, now: datetime, real_now: datetime) -> Sequence[Row[Any]]:
    """Of each report ``report, stale, failing, late``: parameter sets that wait, that failed, and the longest wait.

    A wait begins with the oldest change that came since the report was last begun, by the machine's time. Where none
    did, it is being made or failed: then the newest change that it lacks tells, by the time of the business.
    """
    late = case(
        (ReportState.stale_since.is_not(None), real_now - ReportState.stale_since), else_=now - FactRow.received_at
    )
    lacks = and_(FactRow.position == ReportState.position, _STALE, ReportState.stale_since.is_(None))
    query = (
        select(
            ReportState.report,
            func.count().filter(_STALE).label("stale"),
            func.count().filter(ReportState.failures > 0).label("failing"),
            func.coalesce(func.max(late).filter(_STALE), literal(timedelta())).label("late"),
        )
        .outerjoin(FactRow, lacks)
        .group_by(ReportState.report)
    )
    return session.execute(query).all()


def _reports(states: Sequence[Row[Any]]) -> Iterator[Metric]:
    """Every report of the catalogue, also one that nobody asked for yet."""
    by_report = {row.report: row for row in states}
    late = {key: _seconds(by_report[key].late) if key in by_report else 0.0 for key in catalogue()}
    failing = {key: by_report[key].failing if key in by_report else 0 for key in catalogue()}
    yield gauges("muster_report_stale_seconds", "For how long a report has lacked a change", "report", late)
    yield gauges("muster_report_failing", "Parameter sets of a report that fail at being made", "report", failing)


def _oldest(states: Sequence[Row[Any]]) -> float:
    return max((_seconds(row.late) for row in states), default=0.0)


def _seconds(span: timedelta) -> float:
    return max(span.total_seconds(), 0.0)
