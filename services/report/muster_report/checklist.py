"""What must be looked at before an issue is released: differences, missing rates, hidden counts, what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from muster_report import history, making, queries, releases
from muster_report.about import complete
from muster_report.blocks import Note, Table
from muster_report.book import Book, plain_value
from muster_report.bulk import is_bulk
from muster_report.changes import biggest_first, differences
from muster_report.models import Issue, ReportState
from muster_report.overdue import READ, overdue_behind
from muster_report.regenerating import latest_issue
from muster_report.reports import catalogue
from muster_shared.context import Context
from muster_shared.language import noted
from muster_shared.problems import Problem

_MOST: Final = 20  # details of one point
_RATES: Final = ("no-rate-", "unconverted-")
_ELSEWHERE: Final = (*_RATES, "exposed")  # alerts that have a point of their own


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at: how often, what to know of it, the first twenty; ``stops`` where it forbids a release."""

    code: str
    title: str
    count: int
    details: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    stops: bool = False

    def document(self) -> dict[str, Any]:
        """The point as the outside sees it."""
        state = "stop" if self.stops else "look" if self.count else "fine"
        return {"code": self.code, "title": self.title, "state": state, "count": self.count, "details": [*self.details]}


def checklist(context: Context, issue_id: UUID) -> dict[str, Any]:
    """``{issue, releasable, points: [{code, title, state, count, details}]}``; ``state`` is stop, look or fine.

    Raises:
        Problem: 404 where there is no such issue, 409 for one of a log that was lost.
    """
    with context.sessions() as session:
        issue = queries.issue(session, issue_id)
        if issue.of_lost_log:
            detail = "this issue was made of changes that are no longer in the change log: look at a newer one"
            raise Problem(409, "of_lost_log", detail)
        points = [point.document() for point in _points(session, issue)]
    stopped = any(point["state"] == "stop" for point in points)
    releasable = issue.released_at is None and issue.thinned_at is None and not stopped
    return {"issue": queries.issue_document(issue), "releasable": releasable, "points": points}


def _points(session: Session, issue: Issue) -> Iterator[Point]:
    base = session.get(Issue, issue.base_issue_id) if issue.base_issue_id else None
    book = making.of_issue(session, issue)
    before = making.of_issue(session, base) if base else None
    shown = complete(book, params=issue.params, base=before)
    yield _newer(session, issue)
    yield _set_aside(session, issue)
    yield _differing(shown)
    yield _alerts(shown)
    yield _rates(shown)
    yield from _people(session, issue)
    yield _overdue(session, issue)
    yield _changes(before, book, issue)


def _newer(session: Session, issue: Issue) -> Point:
    latest = latest_issue(session, issue.report, issue.params)
    state = session.get(ReportState, (issue.report, issue.params_key))
    stale = state is not None and state.wanted > state.built
    newer = latest is not None and latest.number > issue.number
    return Point("newer", noted("A newer issue stands or is being made"), int(stale or newer))


def _set_aside(session: Session, issue: Issue) -> Point:
    report = catalogue()[issue.report]
    missing = max(queries.missing_in(session, report), queries.missing_in(session, report, issue.position))
    return Point("set_aside", noted("Changes that could not be applied and may be missing in it"), missing)


def _differing(book: Book) -> Point:
    """Figures held against printed ones that differ: the rows of a column named difference."""
    found = [
        {"sheet": sheet.name, "cell": cell.coordinate, "row": cell.row_label, "difference": plain_value(cell.value)}
        for sheet in book.figures()
        if any(isinstance(block, Table) and not is_bulk(block) for block in sheet.blocks)
        for cell in sheet.cells()
        if cell.identity[-1] == "difference" and isinstance(cell.value, int | Decimal) and cell.value
    ]
    return Point("differences", noted("Figures that do not agree with what was printed"), len(found), found[:_MOST])


def _alerts(book: Book) -> Point:
    found = [told for key, told in _notes(book) if not key.startswith(_ELSEWHERE)]
    return Point("alerts", noted("What the sheets themselves warn of"), len(found), found[:_MOST])


def _rates(book: Book) -> Point:
    found = list({key: told for key, told in _notes(book) if key.startswith(_RATES)}.values())
    return Point("missing_rates", noted("Amounts without an exchange rate, in no total"), len(found), found[:_MOST])


def _notes(book: Book) -> Iterator[tuple[str, dict[str, Any]]]:
    for sheet in book.figures():
        for placed in sheet.placed():
            if isinstance(placed.block, Note) and placed.block.tone == "alert":
                yield placed.block.key, {"sheet": sheet.name, "cell": f"A{placed.row}", "text": placed.block.text}


def _people(session: Session, issue: Issue) -> Iterator[Point]:
    told = issue.suppression or {}
    exposed: Mapping[str, int] = told.get("exposed") or {}
    hidden = [{"counts": told.get("counts", 0), "hidden": told.get("hidden", 0)}] if told else []
    yield Point("hidden_counts", noted("Counts of people that this copy hides"), int(told.get("hidden", 0)), hidden)
    places = [{"sheet": sheet, "count": count} for sheet, count in exposed.items()]
    title = noted("Small counts of people that could be computed")
    yield Point("exposed_counts", title, sum(exposed.values()), places, stops=bool(exposed))
    known = {issue.issue_id, *issue.protected_against}
    since = set(releases.before(session, catalogue()[issue.report], issue.params)) - known
    open_to = bool(since) and issue.released_at is None
    title = noted("Copies released since this one was made, which it is not protected against")
    yield Point("released_since", title, len(since) if open_to else 0, stops=open_to)


def _overdue(session: Session, issue: Issue) -> Point:
    report = catalogue()[issue.report]
    title = noted("Overdue reports behind the figures")
    if not report.kinds >= READ:
        return Point("overdue", title, 0)
    facts = history.facts_at(session, report.kinds | {"extension"}, history.applied_position(session))
    found = overdue_behind(facts, issue.params, _day(issue))
    details = [
        {
            "office": one.office,
            "project_code": one.obligation.project_code,
            "grant_id": one.obligation.grant_id,
            "type": one.obligation.type,
            "period_end": one.obligation.period_end.isoformat(),
            "due": one.obligation.due.isoformat(),
            "days_late": one.days_late,
        }
        for one in islice(found, _MOST)
    ]
    return Point("overdue", title, len(found), details)


def _day(issue: Issue) -> date:
    """The day that the issue tells of: the one it was asked for, else that of its newest change."""
    if "until" in issue.params:
        return date.fromisoformat(issue.params["until"])
    return (issue.as_of or issue.made_at).astimezone(UTC).date()


def _changes(before: Book | None, book: Book, issue: Issue) -> Point:
    title = (
        noted("Cells that differ from the last released issue")
        if before
        else noted("No issue was released before this one")
    )
    small = not any(isinstance(block, Table) and is_bulk(block) for sheet in book.figures() for block in sheet.blocks)
    details = _biggest(before, book) if before and small else ()
    return Point("changes", title, issue.changed_cells, tuple(details))


def _biggest(before: Book, book: Book) -> Iterable[dict[str, Any]]:
    found = biggest_first(differences(before, book))
    for one in sorted(found, key=lambda d: -abs(Decimal(d.by or 0)))[:_MOST]:
        where = {"sheet": one.sheet, "cell": one.cell, "row": one.row_label, "column": one.column_label}
        yield {**where, "old": plain_value(one.old), "new": plain_value(one.new), "by": plain_value(one.by)}
