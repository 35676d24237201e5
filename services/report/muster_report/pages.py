"""The page of reports: what there is, how fresh, and the workbook one click away."""

from __future__ import annotations

from flask import Blueprint, render_template

from muster_report import queries
from muster_shared.problems import forbidden
from muster_shared.web import caller, context

pages = Blueprint("pages", __name__, url_prefix="/report", template_folder="templates")


@pages.get("/")
def home() -> str:
    """The catalogue with the current issue of every report."""
    if caller().role == "donor":
        raise forbidden("no report was released to you yet")
    with context().sessions() as session:
        return render_template("reports.html", reports=queries.reports(session)["items"])
