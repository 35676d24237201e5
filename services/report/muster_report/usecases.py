"""What report does when it is asked: one function, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from muster_report import follow, history, looks, releases, releasing
from muster_report.made_file import MadeFile
from muster_report.making import base_for
from muster_report.making_apart import made
from muster_report.models import Cursor, Issue, ReportState, Run
from muster_report.params import params_key
from muster_report.regenerating import latest_issue, regenerate_one
from muster_report.reports import Report
from muster_report.schedules import is_timed
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE
from muster_shared.problems import Problem, forbidden, not_found


def current_issue(context: Context, report: Report, params: Mapping[str, str]) -> Issue:
    """The current issue; where these parameters are asked for the first time, it is made now, here or by a worker.

    Raises:
        Problem: 404 where nothing was ever submitted for them; 503 where making it failed.
    """
    with context.sessions() as session:
        issue = latest_issue(session, report.key, params)
    if issue is None:
        want(context, report, params)
        regenerate_one(context, report.key, params)
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
        return wish(session, report, params)


def wish(session: Session, report: Report, params: Mapping[str, str]) -> int:
    """The same within a transaction that stands already; where it raises, nothing was written.

    Raises:
        Problem: 404 where nothing was ever submitted for these parameters.
    """
    if not report.standing:  # no state may stand yet that could be held: nobody applies changes meanwhile
        session.execute(select(Cursor.position).with_for_update(read=True))
    follow.hold(session, report.key, params)
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
            wish=wish(session, report, params),
            status="queued",
            progress=0.0,
            asked_by=caller.name,
            asked_at=context.clock.now(),
        )
        session.add(run)
    context.wake(REPORT_REGENERATE)
    return run


def release(context: Context, caller: Caller, issue_id: UUID, note: str | None = None) -> Issue:
    """An analyst's word that this issue may leave the house; ``Changes`` of later ones count from it.

    ``note`` is kept with it: what the analyst looked at, or why a difference stays. Releasing again changes nothing.

    Raises:
        Problem: 403 for other roles, 404 where there is no such issue, 409 where small counts of people would follow
            from this copy and those released before it, where it is not protected against all of them yet, or where
            it was thinned.
    """
    if caller.role not in {"analyst", "admin"}:
        raise forbidden("issues are released by analysts")
    with context.sessions() as session:  # takes time, and needs no lock: what an issue tells does not change
        told = releasing.what_it_tells(session, issue_id)
    with context.sessions.begin() as session:
        if told is not None:
            releasing.lock(session)
        issue = session.get(Issue, issue_id, with_for_update=True)
        if issue is None:
            raise not_found(f"there is no issue {issue_id}")
        if issue.released_at is None:
            _refuse_thinned(issue)
            issue.released_at, issue.released_by, issue.release_note = context.clock.now(), caller.name, note
            _recount_later(session, issue)
            audit.note(session, caller, "release", _noted(issue), at=issue.released_at)
            if told is not None:
                releasing.keep(session, issue, told)
    context.wake(REPORT_REGENERATE)
    return issue


def _refuse_thinned(issue: Issue) -> None:
    if issue.thinned_at is not None:
        detail = "this issue was thinned by rule, so its workbook is not kept: release a newer one"
        raise Problem(409, "thinned", detail)


def _noted(issue: Issue) -> dict[str, Any]:
    told = {"report": issue.report, "params": issue.params, "number": issue.number, "sha256": issue.sha256}
    return {"issue_id": str(issue.issue_id), **told, "note": issue.release_note}


def _recount_later(session: Session, issue: Issue) -> None:
    """What was made after a position that is now released must count its changes from there.

    The state is locked before its position is read: a change that is being applied either is seen here or is
    made into a workbook only after the release can be seen there. What has times of its own and no later issue waits
    for its time: that one counts from here by itself.
    """
    these = (ReportState.report == issue.report) & (ReportState.params_key == issue.params_key)
    session.execute(select(ReportState.report).where(these).with_for_update())
    of_these = (Issue.report == issue.report) & (Issue.params_key == issue.params_key)
    later = select(Issue.issue_id).where(of_these, Issue.number > issue.number)
    session.execute(
        update(ReportState)
        .where(these, ReportState.position > issue.position, or_(~is_timed(), later.exists()))
        .values(
            wanted=ReportState.wanted + 1,
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
    )


def as_of(context: Context, report: Report, params: Mapping[str, str], moment: datetime) -> MadeFile:
    """The workbook as it would have been made at a past time; not an issue, always the same bytes."""
    with context.sessions() as session:
        position = history.affecting_position(session, report, params, history.position_at(session, moment))
        if position == 0:
            raise history.nothing_submitted(report, params)
        base = base_for(session, report.key, params, position)
        against = releases.at(session, report, params, position)
        look = looks.current(session, context.objects, report.key, params, moment)
        return made(context, session, report, params, position, base=base, against=against, look=look).content
