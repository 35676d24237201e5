"""Who was given a donor's report: noted in the audit trail, each time."""

from __future__ import annotations

from collections.abc import Mapping

from muster_report.models import Issue
from muster_report.reports import Report
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.context import Context

_NOTED = "donor"  # the report


def note(context: Context, caller: Caller, report: Report, params: Mapping[str, str], issue: Issue | None) -> None:
    """Write down that the caller was given this; ``issue`` is None for one that was made for a past time."""
    if report.key != _NOTED:
        return
    named = {"issue_id": str(issue.issue_id), "sha256": issue.sha256} if issue else {}
    with context.sessions.begin() as session:
        subject = {"report": report.key, "params": dict(params), **named}
        audit.note(session, caller, "donor_report_read", subject, at=context.clock.now())
