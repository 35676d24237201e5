"""Issues whose workbook names somebody who is erased: made anew, or, where they left the house, kept and restricted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, text, tuple_
from sqlalchemy.orm import Session

from muster_report import thinning, usecases
from muster_report.held_facts import held_by
from muster_report.making_again import again
from muster_report.models import Issue
from muster_report.reports import catalogue
from muster_shared import naming
from muster_shared.context import Context
from muster_shared.erasing import Erasure
from muster_shared.problems import Problem

_AT_ONCE: Final = 10
_FIRST: Final = (datetime.fromisoformat("0001-01-01T00:00:00+00:00"), UUID(int=0))
_OPEN: Final = text(
    """
    SELECT erasure_id, mark, address, names, looked_upto FROM erasure
    WHERE rewritten_at IS NOT NULL AND files_at IS NULL ORDER BY erasure_id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_LOOKED: Final = text(
    "UPDATE erasure SET looked_upto = CAST(:upto AS jsonb), files_at = :files_at WHERE erasure_id = :erasure_id"
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The last issue that was looked at, in the order in which they were made."""

    made_at: datetime
    issue_id: UUID

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> _Place:
        if stored is None:
            return cls(*_FIRST)
        return cls(datetime.fromisoformat(stored["made_at"]), UUID(stored["issue_id"]))

    def stored(self) -> str:
        return json.dumps({"made_at": self.made_at.isoformat(), "issue_id": str(self.issue_id)})


def look_through(context: Context) -> int:
    """Look at every issue for each erasure whose facts are rewritten; returns how many named somebody."""
    found = 0
    while (named := _look_at_some(context)) is not None:
        for report, params in named:
            with suppress(Problem):  # of a log that was restored there may be nothing to report any more
                usecases.want(context, catalogue()[report], params)
        found += len(named)
    return found


def _look_at_some(context: Context) -> list[tuple[str, dict[str, Any]]] | None:
    """Report and parameters of the next issues that name somebody; None where there is nothing left to look at."""
    with context.sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        row = session.execute(_OPEN).first()
        if row is None:
            return None
        issues = _next(session, _Place.of(row.looked_upto))
        named = [issue for issue in issues if _names(context, issue, _erasure(row))]
        for issue in named:
            _take_care_of(session, context, issue)
        upto = _Place(issues[-1].made_at, issues[-1].issue_id) if issues else _Place.of(row.looked_upto)
        at_its_end = context.clock.now() if len(issues) < _AT_ONCE else None
        session.execute(_LOOKED, {"upto": upto.stored(), "files_at": at_its_end, "erasure_id": row.erasure_id})
        return [(issue.report, issue.params) for issue in named]


def _erasure(row: Row[Any]) -> Erasure:
    return Erasure(str(row.erasure_id), row.address, tuple(row.names), row.mark)


def _next(session: Session, place: _Place) -> Sequence[Issue]:
    """Issues behind a place whose bytes are kept, locked: nobody releases one meanwhile."""
    behind = tuple_(Issue.made_at, Issue.issue_id) > tuple_(place.made_at, place.issue_id)
    query = (
        select(Issue).where(behind, Issue.thinned_at.is_(None)).order_by(Issue.made_at, Issue.issue_id).limit(_AT_ONCE)
    )
    return session.scalars(query.with_for_update()).all()


def _names(context: Context, issue: Issue, erasure: Erasure) -> bool:
    """One without bytes was being made anew when a process died."""
    if issue.restricted_at is not None:
        return False
    try:
        return naming.names(context.objects.get(issue.sha256), erasure)
    except FileNotFoundError:
        return True


def _take_care_of(session: Session, context: Context, issue: Issue) -> None:
    """What left the house stays as it left, for administrators; what cannot be made again as well."""
    if issue.released_at is not None or issue.of_lost_log:
        issue.restricted_at = context.clock.now()
        return
    if kept := held_by(session):
        kept.forget()
    made = again(session, context.objects, issue)
    before, issue.sha256, issue.size = issue.sha256, made.content.sha256, made.content.size
    issue.suppression, issue.marks = made.protection.suppression, made.protection.marks
    thinning.hold(session, made.content.sha256)
    context.objects.put_file(made.content.file, made.content.sha256)
    session.flush()
    still_named = select(func.count()).select_from(Issue).where(Issue.sha256 == before, Issue.thinned_at.is_(None))
    if not session.scalar(still_named):
        context.objects.delete(before)
