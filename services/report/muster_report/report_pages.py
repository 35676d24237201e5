"""One report with its parameters as a page: its current issue and every one before it, and making it anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from muster_report import addresses, asking, issue_sizes, queries, released, report_forms, seen, usecases
from muster_report.pages import pages
from muster_report.reports import Report, catalogue
from muster_report.words import ENGLISH, say
from muster_shared.names import DEFAULT_COPY
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_ON_A_PAGE: Final = 25
_NOTHING: Final = (404, 422)


@pages.get("/reports/<key>")
def report(key: str) -> Response:
    """The report with the parameters of the address, or the form that asks for those that are missing."""
    given = addresses.params_of(asking.query())
    page = int(given.pop("page", "1")) if given.get("page", "1").isdecimal() else 1
    try:
        found, params = seen.asked(caller(), key, given=given)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _asking(key, given, problem if given else None)
    with context().sessions() as session:
        return make_response(render_template("report.html", **_shown(session, found, params, page)))


@pages.post("/reports/<key>/runs")
def make_anew(key: str) -> Response:
    """Regenerate now, for the parameters of the form."""
    given = addresses.params_of({name: text for name, text in request.form.items() if name != "csrf_token"})
    try:
        found, params = seen.asked(caller(), key, given=given)
        run = usecases.ask_for_run(context(), caller(), found, params)
    except Problem as problem:
        if problem.status not in _NOTHING or key not in catalogue():
            raise
        return _asking(key, given, problem)
    return redirect(addresses.of_run(key, run.run_id), 303)


@pages.get("/reports/<key>/runs/<uuid:run_id>")
def run(key: str, run_id: UUID) -> str:
    """How far a regeneration is; the page moves on to the report once it is done."""
    found = asking.report_named(key)
    with context().sessions() as session:
        return render_template("run.html", report=found, run=queries.run(session, run_id))


@pages.get("/issues/<uuid:issue_id>/parts/downloads")
def downloads(issue_id: UUID) -> str:
    """How large an issue is in each of its forms."""
    with context().sessions() as session:
        issue = seen.issue(session, caller(), issue_id)
    return render_template("parts/downloads.html", issue_id=issue_id, sizes=issue_sizes.of(context(), issue))


def _asking(key: str, given: Mapping[str, str], problem: Problem | None) -> Response:
    """The form, with what was typed and what is wrong with it."""
    found = asking.report_named(key)
    with context().sessions() as session:
        fields = report_forms.fields(session, caller(), found, given)
        known = _known(session, key)
    wrong = {error.field: error.message for error in problem.errors} if problem else {}
    nothing = problem.detail if problem and problem.status == 404 else ""
    shown = render_template("report_form.html", report=found, fields=fields, known=known, wrong=wrong, nothing=nothing)
    return make_response(shown, problem.status if problem else 200)


def _known(session: Session, key: str) -> list[dict[str, Any]]:
    items = seen.reports(session, caller(), key)["items"]
    return next((item["known"] for item in items if item["key"] == key), [])


def _shown(session: Session, found: Report, params: dict[str, str], page: int) -> dict[str, Any]:
    issues = seen.issues(session, caller(), found, params)["items"]
    known = None if released.is_donor(caller()) else queries.set_of_parameters(session, found, params)
    lang = params.get("lang", ENGLISH)
    first = (page - 1) * _ON_A_PAGE
    return {
        "report": found,
        "params": params,
        "state": known,
        "again_in": queries.tried_again_in(session, found, params) if known and known.get("error") else 0,
        "issues": issues,
        "shown": issues[first : first + _ON_A_PAGE],
        "page": page,
        "more": len(issues) > first + _ON_A_PAGE,
        "current": issues[0] if issues else None,
        "fields": report_forms.fields(session, caller(), found, params),
        "sheets": {"changes": say("about.changes_sheet", lang), "sources": say("about.sources_sheet", lang)},
        "base_url": context().settings.base_url(),
        "missing": 0 if released.is_donor(caller()) else queries.missing_in(session, found),
        "donor": released.is_donor(caller()),
        "follow": {**params, "copy": params.get("copy", DEFAULT_COPY)},
    }
