"""Regenerating what is stale: one transaction to claim it, one to finish, and no attempt undoes another's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from sqlalchemy import case, func, or_, select, true, update
from sqlalchemy.orm import Session

from muster_report import looks, releases, telling, thinning
from muster_report.leases import renewed
from muster_report.making import Made, base_for
from muster_report.making_apart import made
from muster_report.models import Issue, ReportState, Run
from muster_report.params import params_key
from muster_report.reports import catalogue
from muster_shared import tracing, tracing_rows
from muster_shared.clock import real_now
from muster_shared.context import Context

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


def regenerate_one(context: Context, report: str, params: Mapping[str, str], *, patience: float = 60.0) -> None:
    """Regenerate this report, if it is stale and due; while another process makes it, wait until that one is done.

    Args:
        patience: seconds to wait for the other at the longest.
    """
    until = monotonic() + patience
    while monotonic() < until:
        if claim := _claim(context, report, params):
            _regenerate(context, claim)
            return
        if not _being_made(context, report, params):
            return
        sleep(0.1)


def _being_made(context: Context, report: str, params: Mapping[str, str]) -> bool:
    """Also where it is due and yet could not be claimed: another process is claiming it at this moment."""
    at_work = or_(ReportState.lease_until.is_not(None), ReportState.due_at <= real_now())
    held = select(ReportState.report).where(_state_at(report, params), ReportState.wanted > ReportState.built, at_work)
    with context.sessions() as session:
        return session.execute(held).first() is not None


def _claim(context: Context, report: str | None = None, params: Mapping[str, str] | None = None) -> Claim | None:
    """The longest due of all, or this one where one is named; ``None`` where none is due and free."""
    now = real_now()
    wanted = _state_at(report, params or {}) if report else true()
    free = or_(ReportState.lease_until.is_(None), ReportState.lease_until < now)
    due = (
        select(ReportState.report, ReportState.params_key)
        .where(wanted, ReportState.wanted > ReportState.built, free, ReportState.due_at <= now)
        .where(ReportState.position > 0)
        .order_by(ReportState.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte()
    )
    claim = (
        update(ReportState)
        .where(ReportState.report == due.c.report, ReportState.params_key == due.c.params_key)
        .values(
            attempt=ReportState.attempt + 1,
            lease_until=now + timedelta(seconds=context.settings.lease_seconds),
            stale_since=None,  # what comes while it is being made waits for its own quiet time and cap
            spell=ReportState.spell + 1,
        )
        .returning(
            ReportState.report, ReportState.params, ReportState.attempt, ReportState.wanted, ReportState.position
        )
    )
    with context.sessions.begin() as session:
        row = session.execute(claim).first()
    return Claim(*row) if row else None


def _origins(context: Context, claim: Claim) -> list[str]:
    """The trace that the newest change comes from which the report is to show."""
    return tracing_rows.of_positions(context.wake, claim.position - 1, claim.position)


def _regenerate(context: Context, claim: Claim) -> bool:
    origins = _origins(context, claim)
    tracing.come_from(origins)
    told: tracing.Told = {"muster.report": claim.report, "muster.position": claim.position}
    try:
        with tracing.work("regenerate", origins, told), ExitStack() as until_finished:
            with renewed(partial(_renew, context, claim), context.settings.lease_seconds):
                new = _made(context, claim)
                _progress(context, claim, 0.9)
                until_finished.enter_context(thinning.named(context, new.content))
            _finish(context, claim, new)
    except Exception as error:  # noqa: BLE001 - whatever a report raises, the others go on
        _log.exception("regeneration failed", extra={"report": claim.report, "params": claim.params})
        _fail(context, claim, type(error).__name__)
        return False
    _log.info("report made", extra={"report": claim.report, "params": claim.params, "position": claim.position})
    return True


def _made(context: Context, claim: Claim) -> Made:
    with context.sessions() as session:
        _progress(context, claim, 0.2)
        base = base_for(session, claim.report, claim.params, claim.position)
        report = catalogue()[claim.report]
        against = releases.before(session, report, claim.params)
        look = looks.current(session, context.objects, claim.report, claim.params)
        return made(context, session, report, claim.params, claim.position, base=base, against=against, look=look)


def _renew(context: Context, claim: Claim) -> None:
    longer = real_now() + timedelta(seconds=context.settings.lease_seconds)
    with context.sessions.begin() as session:
        held = update(ReportState).where(_state_of(claim), ReportState.attempt == claim.attempt)
        session.execute(held.values(lease_until=longer))


def _progress(context: Context, claim: Claim, progress: float) -> None:
    with context.sessions.begin() as session:
        if _holds(session, claim):
            _tell_runs(session, claim, status="running", progress=progress)


def _holds(session: Session, claim: Claim) -> bool:
    """Whether the lease is still this attempt's; it stays so until the transaction ends."""
    query = select(ReportState.report).where(_state_of(claim), ReportState.attempt == claim.attempt)
    return session.execute(query.with_for_update()).first() is not None


def _tell_runs(session: Session, claim: Claim, **values: Any) -> None:
    """Note on the runs that this attempt serves how far it is."""
    session.execute(
        update(Run)
        .where(Run.report == claim.report, Run.params_key == params_key(claim.params), Run.wish <= claim.wish)
        .where(Run.status.in_(["queued", "running"]))
        .values(values)
    )


def _finish(context: Context, claim: Claim, made: Made) -> None:
    """Record the result, unless the lease passed to another attempt in the meantime."""
    with context.sessions.begin() as session:
        if not _served(session, claim):
            return
        latest = latest_issue(session, claim.report, claim.params)
        sha256 = made.content.sha256
        unchanged = latest is not None and latest.sha256 == sha256 and not latest.of_lost_log
        issue = latest if unchanged and latest else _new_issue(session, context, claim, made, sha256)
        if issue.released_at is None:  # the same bytes, and protected against more than they were
            issue.protected_against = list(made.protection.against)
        status = "unchanged" if unchanged else "done"
        _tell_runs(session, claim, status=status, progress=1.0, issue_id=issue.issue_id)


def _served(session: Session, claim: Claim) -> bool:
    query = (
        update(ReportState)
        .where(_state_of(claim), ReportState.attempt == claim.attempt)
        .values(
            built=claim.wish,
            lease_until=None,
            served_at=real_now(),
            failures=0,
            error=None,
            stale_since=case((ReportState.wanted > claim.wish, ReportState.stale_since), else_=None),
        )
        .returning(ReportState.report)
    )
    return session.execute(query).first() is not None


def _state_of(claim: Claim) -> Any:
    return _state_at(claim.report, claim.params)


def _state_at(report: str, params: Mapping[str, str]) -> Any:
    return (ReportState.report == report) & (ReportState.params_key == params_key(params))


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
        size=made.content.size,
        position=made.position,
        as_of=made.as_of,
        made_at=context.clock.now(),
        base_issue_id=made.base_issue_id,
        changed_cells=len(made.differences),
        protected_against=list(made.protection.against),
        suppression=made.protection.suppression,
        marks=made.protection.marks,
        look=made.look,
    )
    session.add(issue)
    session.flush()
    telling.note(session, issue, made.differences)
    tracing_rows.note_issue(context.wake, str(issue.issue_id))
    return issue


def _fail(context: Context, claim: Claim, reason: str) -> None:
    """The last good issue stays; try again, each time later. Nothing, where the lease passed to another attempt."""
    with context.sessions.begin() as session:
        if not _holds(session, claim):
            return
        failures = session.execute(select(ReportState.failures).where(_state_of(claim))).scalar_one() + 1
        later = real_now() + timedelta(seconds=min(2.0**failures, _LONGEST_BACKOFF))
        session.execute(
            update(ReportState)
            .where(_state_of(claim))
            .values(lease_until=None, failures=failures, error=reason, due_at=later)
        )
        _tell_runs(session, claim, status="failed", detail=reason)


def latest_issue(session: Session, report: str, params: Mapping[str, str]) -> Issue | None:
    """The current issue of a report with these parameters."""
    query = select(Issue).where(Issue.report == report, Issue.params_key == params_key(params))
    return session.scalars(query.order_by(Issue.number.desc()).limit(1)).first()
