"""Making a workbook: facts at a position, compared with the issue released before it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import history
from muster_report.about import complete
from muster_report.book import Book, Dated
from muster_report.changes import Difference, differences
from muster_report.models import FactRow, Issue
from muster_report.params import params_key
from muster_report.reports import Report
from muster_report.xlsx import render


@dataclass(frozen=True, slots=True)
class Made:
    """A workbook and what an issue of it says."""

    content: bytes
    position: int
    as_of: datetime | None
    base_issue_id: UUID | None
    differences: tuple[Difference, ...]


def make(session: Session, report: Report, params: Mapping[str, str], position: int, base: Issue | None) -> Made:
    """The workbook of a report as of a position; the same arguments always make the same bytes."""
    made, before = _compared(session, report, params, position, base)
    return Made(
        content=render(complete(made, params=params, base=before)),
        position=position,
        as_of=made.as_of(),
        base_issue_id=base.issue_id if base else None,
        differences=tuple(differences(before, made)),
    )


def completed(session: Session, report: Report, params: Mapping[str, str], position: int, base: Issue | None) -> Book:
    """The whole book as of a position, with About, Changes and Sources: what every format shows."""
    made, before = _compared(session, report, params, position, base)
    return complete(made, params=params, base=before)


def _compared(
    session: Session, report: Report, params: Mapping[str, str], position: int, base: Issue | None
) -> tuple[Book, Book | None]:
    made = book(session, report, params, position)
    return made, book(session, report, params, base.position) if base else None


def book(session: Session, report: Report, params: Mapping[str, str], position: int) -> Book:
    """The figures of a report as of a position, without About, Changes and Sources."""
    facts = history.facts_at(session, report.kinds, position)
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
