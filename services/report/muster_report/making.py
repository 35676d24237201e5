"""Making a workbook: facts at a position, compared with the issue released before it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import history, releases
from muster_report.about import complete
from muster_report.book import Book, Dated
from muster_report.changes import Difference, differences
from muster_report.look import Look
from muster_report.made_file import MadeFile, made_file
from muster_report.models import FactRow, Issue
from muster_report.params import params_key
from muster_report.protecting import as_made, people_of, protected
from muster_report.reconciling import flagged
from muster_report.reports import Report, catalogue
from muster_report.suppressed_tables import Told, told_by
from muster_report.xlsx import write


@dataclass(frozen=True, slots=True)
class Made:
    """A workbook and what an issue of it says."""

    content: MadeFile
    position: int
    as_of: datetime | None
    base_issue_id: UUID | None
    differences: tuple[Difference, ...]
    protection: Protection
    look: str | None


@dataclass(frozen=True, slots=True)
class Protection:
    """How the counts of people of a leaving copy are protected, and against which releases; empty for other copies."""

    against: tuple[UUID, ...] = ()
    suppression: dict[str, Any] | None = None
    marks: dict[str, Any] | None = None


def make(
    session: Session,
    report: Report,
    params: Mapping[str, str],
    position: int,
    base: Issue | None,
    *,
    against: Sequence[UUID] = (),
    look: Look | None = None,
    into: BinaryIO | None = None,
) -> Made:
    """The workbook of a report as of a position; the same arguments always make the same bytes.

    ``against`` are the releases that a copy which leaves the house is protected against, in their order; ``look`` is
    what it is made in, None for the look of the house; ``into`` is an empty file that the workbook is to stand in.
    """
    made, protection = _protected(session, report, params, position, against)
    made = flagged(made)
    before = _of_issue(session, base) if base else None
    whole = replace(complete(made, params=params, base=before), look=look)
    return Made(
        content=made_file(partial(write, whole), into),
        position=position,
        as_of=made.as_of(),
        base_issue_id=base.issue_id if base else None,
        differences=tuple(differences(before, made)),
        protection=protection,
        look=look.sha256 if look else None,
    )


def completed(session: Session, issue: Issue) -> Book:
    """The whole book of an issue, with About, Changes and Sources: what every format shows."""
    base = session.get(Issue, issue.base_issue_id) if issue.base_issue_id else None
    before = _of_issue(session, base) if base else None
    return complete(of_issue(session, issue), params=issue.params, base=before)


def of_issue(session: Session, issue: Issue) -> Book:
    """The figures of an issue as it was made, without About, Changes and Sources."""
    return flagged(_of_issue(session, issue))


def _of_issue(session: Session, issue: Issue) -> Book:
    """The same without what does not add up: enough to count changes from."""
    issue = session.get_one(Issue, issue.issue_id)
    report = catalogue()[issue.report]
    if issue.marks is None:
        return _protected(session, report, issue.params, issue.position, issue.protected_against)[0]
    people, plain = report.people, book(session, report, issue.params, issue.position)
    return as_made(plain, people, issue.suppression or {}, issue.marks) if people else plain


def _protected(
    session: Session, report: Report, params: Mapping[str, str], position: int, against: Sequence[UUID]
) -> tuple[Book, Protection]:
    plain, people = book(session, report, params, position), people_of(report, params)
    if people is None:
        return plain, Protection()
    made = protected(plain, people, _told(session, against))
    return made.book, Protection(tuple(against), made.suppression, made.marks)


def _told(session: Session, against: Sequence[UUID]) -> list[Told]:
    """What releases told; of those from before it was kept, it is worked out."""
    kept = releases.told(session, against)
    return [kept[issue_id] if issue_id in kept else _worked_out(session, issue_id) for issue_id in against]


def _worked_out(session: Session, issue_id: UUID) -> Told:
    issue = session.get_one(Issue, issue_id)
    people = catalogue()[issue.report].people
    return told_by(of_issue(session, issue), people) if people and not issue.of_lost_log else {}


def book(session: Session, report: Report, params: Mapping[str, str], position: int) -> Book:
    """The figures of a report as of a position, all of them, without About, Changes and Sources."""
    facts = history.facts_for(session, report, position, params)
    at = session.execute(select(FactRow.occurred_at).where(FactRow.position == position)).scalar_one_or_none()
    return replace(report.build(facts, params), dated=Dated(position, at) if at else None)


def base_for(session: Session, report: str, params: Mapping[str, str], position: int) -> Issue | None:
    """The issue that ``Changes`` counts from: the newest released one made at an earlier position of this log."""
    query = select(Issue).where(
        Issue.report == report,
        Issue.params_key == params_key(params),
        Issue.released_at.is_not(None),
        Issue.position < position,
        ~Issue.of_lost_log,
    )
    return session.scalars(query.order_by(Issue.position.desc(), Issue.number.desc()).limit(1)).first()
