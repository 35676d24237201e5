"""The page of reports: what there is, how fresh, and the workbook one click away."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from muster_report import checklist, released, seen
from muster_report.reports import catalogue
from muster_shared.web import caller, context

pages = Blueprint("pages", __name__, url_prefix="/report", template_folder="templates")


@pages.get("/")
def home() -> str:
    """The catalogue with the current issue of every report; for a donor, what was released to them."""
    template = "released.html" if released.is_donor(caller()) else "reports.html"
    with context().sessions() as session:
        return render_template(template, reports=seen.reports(session, caller())["items"])


@pages.get("/issues/<uuid:issue_id>")
def issue(issue_id: UUID) -> str:
    """What must be looked at before an issue is released, and how to release it."""
    with context().sessions() as session:
        seen.issue(session, caller(), issue_id)
    found = checklist.checklist(context(), issue_id)
    report = catalogue()[found["issue"]["report"]]
    return render_template(
        "issue.html",
        report=report,
        asked_as=checklist.asked_as(report, found["issue"]["params"]),
        base_url=context().settings.base_url(),
        **found,
    )
