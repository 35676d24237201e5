"""What left the house: the releases that a new copy is protected against, and what each of them told.

All releases of copies for donors and the public whose figures count the same people belong together, of whatever
report, parameters and language. What a release told is kept with it; see ``disclosure.statements``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import protecting
from muster_report.disclosure import statements
from muster_report.models import Issue, Release
from muster_report.params import params_key
from muster_report.reports import Report, catalogue
from muster_report.small_cells import LEAVING
from muster_report.suppressed_tables import Told


def counting_the_same(report: Report) -> list[str]:
    """The keys of the reports whose figures count the same people as those of this one, itself among them."""
    sets = {*report.people.sets} if report.people else set()
    return [key for key, other in catalogue().items() if other.people and sets.intersection(other.people.sets)]


def before(session: Session, report: Report, params: Mapping[str, str]) -> tuple[UUID, ...]:
    """The releases that this copy has to be protected against, in their order; none where it stays in the house.

    Those from before releases were numbered come first.
    """
    if protecting.people_of(report, params) is None:
        return ()
    query = (
        select(Issue.issue_id)
        .outerjoin(Release, Release.issue_id == Issue.issue_id)
        .where(Issue.report.in_(counting_the_same(report)), Issue.params["copy"].astext.in_(LEAVING))
        .where(Issue.released_at.is_not(None))
        .order_by(Release.number.nulls_first(), Issue.released_at, Issue.report, Issue.params_key, Issue.number)
    )
    return tuple(session.scalars(query))


def at(session: Session, report: Report, params: Mapping[str, str], position: int) -> tuple[UUID, ...]:
    """What a copy as of a position is protected against: what the last issue made there was, or all releases."""
    of_these = (Issue.report == report.key) & (Issue.params_key == params_key(params)) & ~Issue.of_lost_log
    query = select(Issue.protected_against).where(of_these, Issue.position == position)
    of_issue = session.scalars(query.order_by(Issue.number.desc()).limit(1)).first()
    return before(session, report, params) if of_issue is None else tuple(of_issue)


def told(session: Session, issue_ids: Iterable[UUID]) -> dict[UUID, Told]:
    """What releases told; those of which nothing was kept are left out."""
    query = select(Release.issue_id, Release.told).where(Release.issue_id.in_(list(issue_ids)))
    return {issue_id: statements.read(content) for issue_id, content in session.execute(query)}
