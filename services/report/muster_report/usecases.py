"""What report does: one function, one transaction (a regeneration: one to claim, one to finish)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from muster_report import follow, history
from muster_report.making import Made, base_for, make
from muster_report.models import Issue, ReportState, Run
from muster_report.params import params_key
from muster_report.reports import Report, catalogue
from muster_shared.auth import Caller
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE
from muster_shared.problems import Problem, forbidden, not_found

_log = logging.getLogger(__name__)
_LONGEST_BACKOFF = 600.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A stale report that this process, and no other, regenerates until its lease ends."""

    report: str
    params: Mapping[str, str]
    attempt: int
    wish: int
    position: int


def regenerate_due(context: Context) -> int:
    """Regenerate every report that is stale and due; returns how many were built."""
    built = 0
    while claim := _claim(context):
        built += _regenerate(context, claim)
    return built


def _claim(context: Context) -> Claim | None:
    now = real_now()
    free = or_(ReportState.lease_until.is_(None), ReportState.lease_until < now)
    due = (
        select(ReportState.report, ReportState.params_key)
        .where(ReportState.wanted > ReportState.built, free, ReportState.due_at <= now)
        .order_by(ReportState.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte()
    )
    claim = (
        update(ReportState)
        .where(ReportState.report == due.c.report, ReportState.params_key == due.c.params_key)
        .values(attempt=ReportState.attempt + 1, lease_until=now + timedelta(seconds=context.settings.lease_seconds))
        .returning(
            ReportState.report, ReportState.params, ReportState.attempt, ReportState.wanted, ReportState.position
        )
    )
    with context.sessions.begin() as session:
        row = session.execute(claim).first()
    return Claim(*row) if row else None


def _regenerate(context: Context, claim: Claim) -> bool:
    try:
        with context.sessions() as session:
            _progress(context, claim, 0.2)
            base = base_for(session, claim.report, claim.params, claim.position)
            made = make(session, catalogue()[claim.report], claim.params, claim.position, base)
        _progress(context, claim, 0.9)
        context.objects.put(made.content)
        _finish(context, claim, made)
    except Exception as error:  # noqa: BLE001 - whatever a report raises, the others go on
        _log.exception("regeneration failed", extra={"report": claim.report, "params": claim.params})
        _fail(context, claim, type(error).__name__)
        return False
    return True


def _progress(context: Context, claim: Claim, progress: float) -> None:
    with context.sessions.begin() as session:
        session.execute(
            _runs_of(claim).where(Run.status.in_(["queued", "running"])).values(status="running", progress=progress)
        )


def _runs_of(claim: Claim) -> Any:
    return update(Run).where(
        Run.report == claim.report, Run.params_key == params_key(claim.params), Run.wish <= claim.wish
    )


def _finish(context: Context, claim: Claim, made: Made) -> None:
    """Record the result, unless the lease passed to another attempt in the meantime."""
    with context.sessions.begin() as session:
        if not _served(session, claim):
            return
        latest = latest_issue(session, claim.report, claim.params)
        sha256 = context.objects.name_of(made.content)
        unchanged = latest is not None and latest.sha256 == sha256
        issue = latest if unchanged and latest else _new_issue(session, context, claim, made, sha256)
        session.execute(
            _runs_of(claim)
            .where(Run.status.in_(["queued", "running"]))
            .values(status="unchanged" if unchanged else "done", progress=1.0, issue_id=issue.issue_id)
        )


def _served(session: Session, claim: Claim) -> bool:
    query = (
        update(ReportState)
        .where(_state_of(claim), ReportState.attempt == claim.attempt)
        .values(
            built=claim.wish,
            lease_until=None,
            failures=0,
            error=None,
            stale_since=case((ReportState.wanted > claim.wish, ReportState.stale_since), else_=None),
        )
        .returning(ReportState.report)
    )
    return session.execute(query).first() is not None


def _state_of(claim: Claim) -> Any:
    return (ReportState.report == claim.report) & (ReportState.params_key == params_key(claim.params))


def _new_issue(session: Session, context: Context, claim: Claim, made: Made, sha256: str) -> Issue:
    of_these = (Issue.report == claim.report) & (Issue.params_key == params_key(claim.params))
    newest = session.execute(select(func.coalesce(func.max(Issue.number), 0)).where(of_these)).scalar_one()
    issue = Issue(
        issue_id=uuid4(),
        report=claim.report,
        params_key=params_key(claim.params),
        params=dict(claim.params),
        number=newest + 1,
        sha256=sha256,
        size=len(made.content),
        position=made.position,
        as_of=made.as_of,
        made_at=context.clock.now(),
        base_issue_id=made.base_issue_id,
        changed_cells=len(made.differences),
    )
    session.add(issue)
    session.flush()
    return issue


def _fail(context: Context, claim: Claim, reason: str) -> None:
    """The last good issue stays; try again, each time later."""
    with context.sessions.begin() as session:
        failures = session.execute(select(ReportState.failures).where(_state_of(claim))).scalar_one() + 1
        later = real_now() + timedelta(seconds=min(2.0**failures, _LONGEST_BACKOFF))
        session.execute(
            update(ReportState)
            .where(_state_of(claim), ReportState.attempt == claim.attempt)
            .values(lease_until=None, failures=failures, error=reason, due_at=later)
        )
        session.execute(
            _runs_of(claim).where(Run.status.in_(["queued", "running"])).values(status="failed", detail=reason)
        )


def latest_issue(session: Session, report: str, params: Mapping[str, str]) -> Issue | None:
    """The current issue of a report with these parameters."""
    query = select(Issue).where(Issue.report == report, Issue.params_key == params_key(params))
    return session.scalars(query.order_by(Issue.number.desc()).limit(1)).first()


def current_issue(context: Context, report: Report, params: Mapping[str, str]) -> Issue:
    """The current issue; where these parameters are asked for the first time, it is made now.

    Raises:
        Problem: 404 where nothing was ever submitted for them; 503 where making it failed.
    """
    with context.sessions() as session:
        issue = latest_issue(session, report.key, params)
    if issue is None:
        want(context, report, params)
        regenerate_due(context)
        with context.sessions() as session:
            issue = latest_issue(session, report.key, params)
    if issue is None:
        raise Problem(503, "not_made", f"{report.key} could not be made yet; try again", headers={"Retry-After": "5"})
    return issue


def want(context: Context, report: Report, params: Mapping[str, str]) -> int:
    """Wish for a regeneration now; returns the wish's number.

    Raises:
        Problem: 404 where nothing was ever submitted for these parameters.
    """
    with context.sessions.begin() as session:
        return _want(session, report, params)


def _want(session: Session, report: Report, params: Mapping[str, str]) -> int:
    position = history.affecting_position(session, report, params, history.applied_position(session))
    if position == 0:
        raise history.nothing_submitted(report, params)
    follow.ensure(session, report.key, params, position)
    query = (
        update(ReportState)
        .where(ReportState.report == report.key, ReportState.params_key == params_key(params))
        .values(
            wanted=ReportState.wanted + 1,
            position=func.greatest(ReportState.position, position),
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
        .returning(ReportState.wanted)
    )
    return session.execute(query).scalar_one()


def ask_for_run(context: Context, caller: Caller, report: Report, params: Mapping[str, str]) -> Run:
    """A regeneration that its asker can watch."""
    with context.sessions.begin() as session:
        run = Run(
            run_id=uuid4(),
            report=report.key,
            params_key=params_key(params),
            params=dict(params),
            wish=_want(session, report, params),
            status="queued",
            progress=0.0,
            asked_by=caller.name,
            asked_at=context.clock.now(),
        )
        session.add(run)
    context.wake(REPORT_REGENERATE)
    return run


def release(context: Context, caller: Caller, issue_id: UUID) -> Issue:
    """An analyst's word that this issue may leave the house; ``Changes`` of later ones count from it.

    Raises:
        Problem: 403 for other roles, 404 where there is no such issue.
    """
    if caller.role not in {"analyst", "admin"}:
        raise forbidden("issues are released by analysts")
    with context.sessions.begin() as session:
        issue = session.get(Issue, issue_id, with_for_update=True)
        if issue is None:
            raise not_found(f"there is no issue {issue_id}")
        if issue.released_at is None:
            issue.released_at, issue.released_by = context.clock.now(), caller.name
            _recount_later(session, issue)
    context.wake(REPORT_REGENERATE)
    return issue


def _recount_later(session: Session, issue: Issue) -> None:
    """What was made after a position that is now released must count its changes from there."""
    session.execute(
        update(ReportState)
        .where(
            ReportState.report == issue.report,
            ReportState.params_key == issue.params_key,
            ReportState.position > issue.position,
        )
        .values(
            wanted=ReportState.wanted + 1,
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
    )


def as_of(context: Context, report: Report, params: Mapping[str, str], moment: datetime) -> bytes:
    """The workbook as it would have been made at a past time; not an issue, always the same bytes."""
    with context.sessions() as session:
        position = history.affecting_position(session, report, params, history.position_at(session, moment))
        if position == 0:
            raise history.nothing_submitted(report, params)
        return make(session, report, params, position, base_for(session, report.key, params, position)).content
