"""What must be looked at before an issue is released, and releasing it, as a page."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from muster_report import addresses, asking, checklist, seen, usecases
from muster_report.pages import pages
from muster_report.reports import catalogue
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_LONGEST_NOTE: Final = 2000
_REFUSED: Final = (409, 422)


@pages.get("/issues/<uuid:issue_id>")
def issue(issue_id: UUID) -> Response:
    """The checklist; an issue of a log that was lost has none."""
    return _shown(issue_id)


@pages.post("/issues/<uuid:issue_id>/release")
def release(issue_id: UUID) -> Response:
    """Release it, where whoever sends the form says that the points were looked at."""
    note = request.form.get("note", "").strip()
    wrong = _wrong(note)
    if wrong:
        return _shown(issue_id, wrong=wrong, note=note, status=422)
    try:
        usecases.release(context(), caller(), issue_id, note or None)
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        return _shown(issue_id, refused=problem.detail, note=note, status=problem.status)
    return redirect(addresses.of_issue(issue_id), 303)


def _wrong(note: str) -> str:
    if len(note) > _LONGEST_NOTE or not asking.is_storable(note):
        return "note"
    return "" if request.form.get("looked") else "looked"


def _shown(issue_id: UUID, *, wrong: str = "", note: str = "", refused: str = "", status: int = 200) -> Response:
    with context().sessions() as session:
        row = seen.issue(session, caller(), issue_id)
    report = catalogue()[row.report]
    found = checklist.checklist(context(), issue_id)
    shown = render_template("issue.html", report=report, wrong=wrong, note=note, refused=refused, **found)
    return make_response(shown, status)
