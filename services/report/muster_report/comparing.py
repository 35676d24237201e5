"""What differs between any two issues of a report with the same parameters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster_report import making, queries
from muster_report.book import plain_value
from muster_report.changes import Difference, biggest_first, differences
from muster_report.models import Issue
from muster_report.params import own
from muster_shared.context import Context
from muster_shared.problems import Problem


def compare(context: Context, issue_id: UUID, other_id: UUID) -> dict[str, Any]:
    """``{items: [{sheet, cell, row, column, old, new, by}], next}``, the biggest changes of each sheet first.

    Raises:
        Problem: 404 for an issue that is not there, 409 for two that cannot be compared.
    """
    with context.sessions() as session:
        issue, other = queries.issue(session, issue_id), queries.issue(session, other_id)
        _check(issue, other)
        found = differences(making.of_issue(session, issue), making.of_issue(session, other))
    return {"items": [_told(difference) for difference in biggest_first(found)], "next": None}


def _check(issue: Issue, other: Issue) -> None:
    if (issue.report, own(issue.params)) != (other.report, own(other.params)):
        raise Problem(409, "not_comparable", "these issues are not of the same report with the same parameters")
    if issue.of_lost_log or other.of_lost_log:
        raise Problem(409, "of_lost_log", "one of them was made of changes that are no longer in the change log")


def _told(difference: Difference) -> dict[str, Any]:
    return {
        "sheet": difference.sheet,
        "cell": difference.cell,
        "row": difference.row_label,
        "column": difference.column_label,
        "old": plain_value(difference.old),
        "new": plain_value(difference.new),
        "by": plain_value(difference.by),
    }
