"""The page of a project: facts, money, people, timeline, documents, history, and the steps that may be taken."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import (
    bookmarks,
    kind_words,
    project_charts,
    project_documents,
    project_figures,
    project_records,
    queries,
    record_history,
    step_words,
    timeline,
    timeline_picture,
    transitions,
)
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields
from muster_ingest.pages import pages
from muster_ingest.project_records import ProjectRecords
from muster_ingest.searching import project_href
from muster_ingest.shown_values import Shown
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.redirects import is_own_page
from muster_shared.web import caller, context

_LONGEST_KEY = 64


@pages.get("/projects/<project_code>")
def project(project_code: str) -> AnyResponse:
    """Everything about a project on one page."""
    return _page(project_code)


@pages.post("/projects/<project_code>/steps")
def take_step(project_code: str) -> AnyResponse:
    """Take a step of the workflow, and back to where it was taken; what stands in the way is told on the page."""
    wish = transitions.Wish(project_code, request.form.get("to", ""), request.form.get("comment", "").strip() or None)
    try:
        answer = transitions.take(context(), caller(), wish, key=request.form.get("key", "")[:_LONGEST_KEY] or None)
    except Problem as problem:
        if problem.status == 404:
            raise
        return _page(project_code, step_refused=problem)
    if answer.status >= 400:
        return _page(project_code, step_refused=Problem(answer.status, "refused", answer.document["detail"]))
    return redirect(_back() or f"{project_href(project_code)}?taken={answer.document['receipt']}", 303)


@pages.post("/projects/<project_code>/documents")
def add_document(project_code: str) -> AnyResponse:
    """Keep a file as the newest version under its name."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        missing = Problem(422, "no_file", "choose a file first")
        return _page(project_code, file_refused=missing)
    name = request.form.get("name", "").strip() or sent.filename
    kind = request.form.get("type", "")
    file = project_documents.Sent(project_code, name, kind if kind in project_documents.TYPES else "other", sent.read())
    try:
        project_documents.store(context(), caller(), file)
    except Problem as problem:
        if problem.status == 404:
            raise
        return _page(project_code, file_refused=problem)
    return redirect(f"{project_href(project_code)}#documents", 303)


def _page(
    project_code: str, *, step_refused: Problem | None = None, file_refused: Problem | None = None
) -> AnyResponse:
    refused = step_refused or file_refused
    steps = transitions.history(context(), caller(), project_code)
    documents = project_documents.listed(context(), caller(), project_code)["items"]
    with context().sessions() as session:
        records = project_records.read(session, caller(), project_code)
        revisions = queries.revisions(session, caller(), "project", project_code)["items"]
    shown = Shown(shell.page_language("muster_ingest"), shell.time_zone())
    rendered = render_template(
        "project.html",
        records=records,
        project=records.project,
        shown=shown,
        steps=steps,
        documents=[_document(each) for each in documents],
        document_types=project_documents.TYPES,
        may_add=project_documents.may_write(caller(), records.project),
        history=_in_order(record_history.steps_by_field("project", revisions, shown)),
        revisions=revisions,
        step_refused=step_refused,
        file_refused=file_refused,
        key=secrets.token_hex(16),
        is_kept=bookmarks.keeps(context(), caller(), project_href(project_code)),
        href=project_href(project_code),
        **_figures(records, shown),
        **words(shown),
    )
    return make_response(rendered, refused.status if refused else 200)


def _in_order(history: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in the order in which a project is written down."""
    return {name: history[name] for name in KINDS["project"].schema.fields if name in history}


def _figures(records: ProjectRecords, shown: Shown) -> dict[str, Any]:
    today = today_of(records.office, context().clock.now())
    line = timeline.timeline(records, today)
    people = project_figures.people_of(records.project, records.reports, today)
    return {
        "line": line,
        "line_picture": timeline_picture.picture(line, shown.language),
        "map": step_words.workflow_map(records.project["status"], shown.language),
        "money": project_figures.money_of(records.grants, records.reports, today),
        "people": people,
        "charts": project_charts.charts(records.project, people, shown),
    }


def words(shown: Shown) -> dict[str, Any]:
    """What templates on projects say by code: steps, statuses, marks."""
    language = shown.language
    return {
        "step_name": lambda name: step_words.step_name(name, language),
        "status_name": lambda status: step_words.status_name(status, language),
        "lacking": lambda error: step_words.lacking(error, language),
        "mark_name": lambda mark: timeline_picture.mark_name(mark, language),
        "people_name": lambda name: project_charts.people_name(name, shown),
        "field_name": lambda name: kind_words.field_name("project", name, language),
        "document_type": lambda name: language.say(step_words.DOCUMENT_TYPES[name]),
        "said_day": lambda moment: language.short_day(date.fromisoformat(moment[:10])),
        "symbol": timeline_picture.symbol,
        "badges": step_words.BADGES,
    }


def today_of(office: Fields, now: datetime) -> date:
    """The day it is at an office."""
    return now.astimezone(ZoneInfo(office.get("time_zone") or "UTC")).date()


def _back() -> str | None:
    """The page a step was taken from, if it is one of ours."""
    wanted = request.form.get("back", "")
    return wanted if is_own_page(wanted) else None


def _document(document: Mapping[str, Any]) -> dict[str, Any]:
    kilobytes = max(round(document["size"] / 1024), 1)
    return {**document, "kilobytes": kilobytes}
