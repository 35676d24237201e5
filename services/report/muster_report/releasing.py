"""Releasing an issue: what it tells of counts of people is kept, and what would tell a small one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from muster_report import making, protecting, queries, releases
from muster_report.disclosure import statements
from muster_report.models import Issue, Release, ReportState
from muster_report.reports import catalogue
from muster_report.small_cells import LEAVING
from muster_report.suppressed_tables import told_by
from muster_shared.clock import real_now
from muster_shared.problems import Problem


def what_it_tells(session: Session, issue_id: UUID) -> bytes | None:
    """What an issue tells of counts of people, to be kept once it is released; None where there is nothing to keep.

    Raises:
        Problem: 404 where there is no such issue, 409 where it must not be released, or is of a log that was lost:
            what it tells cannot be worked out any more.
    """
    issue = queries.issue(session, issue_id)
    people = protecting.people_of(catalogue()[issue.report], issue.params)
    if people is None or issue.released_at is not None:
        return None
    _refuse_what_would_tell(session, issue)
    if issue.of_lost_log:
        detail = "this issue was made of changes that are no longer in the change log: release a newer one"
        raise Problem(409, "of_lost_log", detail)
    return statements.written(told_by(making.of_issue(session, issue), people))


def lock(session: Session) -> None:
    """Let nobody else release, or finish a regeneration, until the transaction ends: before any issue is locked."""
    session.execute(text("LOCK TABLE report_state, release IN EXCLUSIVE MODE"))


def _refuse_what_would_tell(session: Session, issue: Issue) -> None:
    """Small counts must not follow from this copy and those that left before it.

    Raises:
        Problem: 409 where they do, or where others were released since this one was made.
    """
    exposed = (issue.suppression or {}).get("exposed", {})
    if exposed:
        raise Problem(409, "small_counts_exposed", _exposed(exposed))
    known = {issue.issue_id, *issue.protected_against}
    later = set(releases.before(session, catalogue()[issue.report], issue.params)) - known
    if later:
        detail = (
            f"since this copy was made, others that count the same people were released ({len(later)}): it is being "
            "made anew, so that nothing can be computed from all of them together; release the newest issue in a moment"
        )
        raise Problem(409, "being_made_anew", detail, headers={"Retry-After": "5"})


def _exposed(exposed: Mapping[str, int]) -> str:
    places = [f"{n} on the sheet '{sheet}'" for sheet, n in exposed.items() if sheet != protecting.BEFORE]
    places += [f"{n} in copies released before" for sheet, n in exposed.items() if sheet == protecting.BEFORE]
    return (
        f"small counts of people could be computed from this copy and those released before it: {', '.join(places)}. "
        "Nothing hides them any more; it can be released once the counts in the records are others"
    )


def keep(session: Session, issue: Issue, told: bytes) -> None:
    """Keep what an issue tells, as the newest release of all, and let others be protected against it.

    Raises:
        Problem: 409 where it must not be released.
    """
    _refuse_what_would_tell(session, issue)
    newest = session.execute(select(func.coalesce(func.max(Release.number), 0))).scalar_one()
    session.add(Release(number=newest + 1, issue_id=issue.issue_id, told=told))
    _make_others_anew(session, issue)


def _make_others_anew(session: Session, issue: Issue) -> None:
    """What stands and is not released has to be protected against this release as well."""
    newest_released = (
        select(Issue.released_at)
        .where(Issue.report == ReportState.report, Issue.params_key == ReportState.params_key)
        .order_by(Issue.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(ReportState)
        .where(ReportState.report.in_(releases.counting_the_same(catalogue()[issue.report])), ReportState.position > 0)
        .where(ReportState.params["copy"].astext.in_(LEAVING), newest_released.is_(None))
        .values(
            wanted=ReportState.wanted + 1,
            stale_since=func.coalesce(ReportState.stale_since, real_now()),
            due_at=real_now(),
        )
    )
