"""Telling notify of new issues until it says that it heard: a message that got lost is sent again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from muster_report.book import plain_value
from muster_report.changes import Difference, biggest_first
from muster_report.models import Issue, UntoldIssue
from muster_report.reports import catalogue
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.names import NOTIFY_ISSUED

_LINES: Final = 5
_AT_ONCE: Final = 50
_PATIENCE: Final = timedelta(seconds=30)


def note(session: Session, issue: Issue, differences: Sequence[Difference]) -> None:
    """Keep what is to be told of a new issue, in the transaction that makes it."""
    session.add(UntoldIssue(issue_id=issue.issue_id, content=_content(issue, differences)))


def tell(context: Context) -> int:
    """Send what notify did not hear of, or did not say so for a while; returns how many issues that were."""
    now = real_now()
    waiting = or_(UntoldIssue.told_at.is_(None), UntoldIssue.told_at < now - _PATIENCE)
    with context.sessions.begin() as session:
        query = select(UntoldIssue).where(waiting).limit(_AT_ONCE).with_for_update(skip_locked=True)
        rows = session.scalars(query).all()
        if rows and context.wake.send(NOTIFY_ISSUED, [row.content for row in rows]):
            for row in rows:
                row.told_at = now
    return len(rows)


def heard(context: Context, issue_ids: Sequence[str]) -> None:
    """Notify has these: they are told no more."""
    with context.sessions.begin() as session:
        session.execute(delete(UntoldIssue).where(UntoldIssue.issue_id.in_([UUID(one) for one in issue_ids])))


def _content(issue: Issue, differences: Sequence[Difference]) -> dict[str, Any]:
    return {
        "issue_id": str(issue.issue_id),
        "report": issue.report,
        "params": issue.params,
        "title": catalogue()[issue.report].title,
        "made_at": iso_z(issue.made_at),
        "changed_cells": issue.changed_cells,
        "lines": [_line(difference) for difference in islice(biggest_first(differences), _LINES)],
    }


def _line(difference: Difference) -> dict[str, Any]:
    return {
        "sheet": difference.sheet,
        "row": difference.row_label,
        "column": difference.column_label,
        "old": plain_value(difference.old),
        "new": plain_value(difference.new),
    }
