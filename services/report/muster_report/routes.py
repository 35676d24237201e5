"""Report over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from flask import Response, jsonify, request, stream_with_context
from flask.views import MethodView

from muster_report import (
    asking,
    checklist,
    comparing,
    downloads,
    explaining,
    exporting,
    formats,
    making_again,
    queries,
    restricted,
    schemas,
    seen,
    usecases,
)
from muster_report.exports import hxl, iati
from muster_report.made_file import MadeFile
from muster_report.models import Issue
from muster_report.params import OF_EVERY_REPORT, own
from muster_report.reports import COPY, Report
from muster_shared.blueprint import Blueprint
from muster_shared.names import DEFAULT_COPY
from muster_shared.pages import shell
from muster_shared.problems import forbidden
from muster_shared.web import caller, context

blueprint = Blueprint("report", __name__, url_prefix="/report/v1", description="Reports, issues, runs")
_PLACE = ("sheet", "cell", "issue")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}


@blueprint.route("/reports")
class Reports(MethodView):
    """The catalogue."""

    @blueprint.response(200, schemas.Listed)
    def get(self) -> Response:
        """Every report with its parameters and its last issue; for a donor, what was released to them."""
        with context().sessions() as session:
            return jsonify(seen.reports(session, caller()))


@blueprint.route("/reports/<key>/latest.xlsx")
class Latest(MethodView):
    """The current issue of a report."""

    @blueprint.response(200, _BINARY, content_type=_XLSX)
    @blueprint.alt_response(304, description="the caller has it already")
    def get(self, key: str) -> Response:
        """For the parameters given; ``as_of`` shows it as it was at a past time."""
        moment = asking.moment(request.args.get("as_of"))
        report, params = seen.asked(caller(), key, leave_out=("as_of",))
        if moment:
            content = usecases.as_of(context(), report, params, moment)
            return _noted(_workbook(content, _file_name(report, params)), report, params)
        return _issue_file(report, seen.current(context(), caller(), report, params))


@blueprint.route("/reports/<key>/latest.<any(html, csv, json):form>")
class LatestInFormat(MethodView):
    """The current issue of a report, not as a workbook."""

    @blueprint.response(200, _BINARY, content_type="application/octet-stream")
    @blueprint.alt_response(304, description="the caller has it already")
    def get(self, key: str, form: str) -> Response:
        """The same figures on a page, as a zip of CSV files, or as JSON."""
        report, params = seen.asked(caller(), key)
        return _in_format(report, seen.current(context(), caller(), report, params), form)


@blueprint.route("/reports/<key>/issues")
class Issues(MethodView):
    """Every issue of a report."""

    @blueprint.response(200, schemas.Listed)
    def get(self, key: str) -> Response:
        """For the parameters given, newest first."""
        report, params = seen.asked(caller(), key)
        with context().sessions() as session:
            return jsonify(seen.issues(session, caller(), report, params))


@blueprint.route("/reports/<key>/explain")
class Explain(MethodView):
    """Where a figure comes from."""

    @blueprint.response(200, schemas.Explanation)
    def get(self, key: str) -> Response:
        """The records, submissions and source cells behind one cell of the current issue, or of ``issue``."""
        report, params = seen.asked(caller(), key, leave_out=_PLACE)
        place = explaining.Place(*(asking.query().get(name) for name in _PLACE))
        return jsonify(explaining.explain(context(), caller(), report, params, place))


@blueprint.route("/reports/<key>/runs")
class Runs(MethodView):
    """Regeneration on demand."""

    @blueprint.response(202, schemas.RunDocument)
    def post(self, key: str) -> tuple[Response, int, dict[str, str]]:
        """Regenerate now, for the parameters given."""
        report, params = seen.asked(caller(), key)
        run = usecases.ask_for_run(context(), caller(), report, params)
        return jsonify(queries.run_document(run)), 202, {"Location": f"/report/v1/runs/{run.run_id}"}


@blueprint.route("/runs/<uuid:run_id>")
class OneRun(MethodView):
    """A regeneration that was asked for."""

    @blueprint.response(200, schemas.RunDocument)
    def get(self, run_id: UUID) -> Response:
        """Its status and progress."""
        with context().sessions() as session:
            return jsonify(queries.run(session, run_id))


@blueprint.route("/issues/<uuid:issue_id>")
class OneIssue(MethodView):
    """One issue."""

    @blueprint.response(200, schemas.IssueDocument)
    def get(self, issue_id: UUID) -> Response:
        """What it is, without its bytes."""
        with context().sessions() as session:
            return jsonify(seen.issue_document(session, caller(), issue_id))


@blueprint.route("/issues/<uuid:issue_id>.xlsx")
class IssueFile(MethodView):
    """The bytes of one issue."""

    @blueprint.response(200, _BINARY, content_type=_XLSX)
    def get(self, issue_id: UUID) -> Response:
        """As they were made; they never change. Those of a thinned issue are made again."""
        with context().sessions() as session:
            issue = seen.issue(session, caller(), issue_id)
        return _issue_file(asking.report_named(issue.report), issue)


@blueprint.route("/issues/<uuid:issue_id>.<any(html, csv, json):form>")
class IssueInFormat(MethodView):
    """One issue, not as a workbook."""

    @blueprint.response(200, _BINARY, content_type="application/octet-stream")
    def get(self, issue_id: UUID, form: str) -> Response:
        """The same figures on a page, as a zip of CSV files, or as JSON."""
        with context().sessions() as session:
            issue = seen.issue(session, caller(), issue_id)
        return _in_format(asking.report_named(issue.report), issue, form)


@blueprint.route("/issues/<uuid:issue_id>/compare/<uuid:other_id>")
class Compare(MethodView):
    """What differs between any two issues."""

    @blueprint.response(200, schemas.Listed)
    def get(self, issue_id: UUID, other_id: UUID) -> Response:
        """Cell by cell, from the first issue to the other."""
        _check_seen(issue_id, other_id)
        return jsonify(comparing.compare(context(), issue_id, other_id))


@blueprint.route("/issues/<uuid:issue_id>/checklist")
class Checklist(MethodView):
    """Before a release."""

    @blueprint.response(200, schemas.ChecklistDocument)
    def get(self, issue_id: UUID) -> Response:
        """What must be looked at: differences, missing rates, hidden counts, overdue reports, changes."""
        _check_seen(issue_id)
        return jsonify(checklist.checklist(context(), issue_id))


@blueprint.route("/issues/<uuid:issue_id>/release")
class Release(MethodView):
    """Releasing an issue."""

    @blueprint.doc(requestBody={"content": {"application/json": {"schema": schemas.ReleaseBody}}})
    @blueprint.response(200, schemas.IssueDocument)
    def post(self, issue_id: UUID) -> Response:
        """An analyst's word that it may leave the house; a body is not needed."""
        note = asking.body(schemas.ReleaseBody())["note"] if request.get_data() else None
        return jsonify(queries.issue_document(usecases.release(context(), caller(), issue_id, note)))


@blueprint.route("/exports/iati.xml")
class Iati(MethodView):
    """The portfolio for the aid transparency registry."""

    @blueprint.response(200, _BINARY, content_type=iati.CONTENT_TYPE)
    def get(self) -> Response:
        """IATI 2.03 activities; ``as_of`` as they stood at a time."""
        pieces = exporting.activities(context(), asking.moment(asking.asked_only("as_of").get("as_of")))
        return _streamed(pieces, iati.CONTENT_TYPE, "iati-activities.xml")


@blueprint.route("/exports/<kind>.csv")
class HxlRecords(MethodView):
    """Every record of a kind."""

    @blueprint.response(200, _BINARY, content_type=hxl.CONTENT_TYPE)
    def get(self, kind: str) -> Response:
        """CSV with a row of HXL hashtags; ``copy`` leaves out what must not leave the house."""
        asked = asking.asked_only("copy", "as_of")
        if not caller().sees_all_offices:
            raise forbidden("exports hold the records of every office: ask an analyst for one")
        try:
            copy = COPY.parse(asked.get("copy", DEFAULT_COPY))
        except ValueError as error:
            raise asking.wrong("copy", str(error)) from error
        pieces = exporting.records(context(), kind, copy, asking.moment(asked.get("as_of")))
        return _streamed(pieces, hxl.CONTENT_TYPE, f"{kind}.csv")


def _check_seen(*issue_ids: UUID) -> None:
    with context().sessions() as session:
        for issue_id in issue_ids:
            seen.issue(session, caller(), issue_id)


def _streamed(pieces: Iterator[bytes], content_type: str, name: str) -> Response:
    response = Response(stream_with_context(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _issue_file(report: Report, issue: Issue) -> Response:
    restricted.check(context(), caller(), issue)
    response = Response(making_again.pieces(context(), issue), content_type=_XLSX)
    response.content_length = issue.size
    shown = _file(response, issue.sha256, _file_name(report, issue.params), "attachment")
    return _noted(shown, report, issue.params, issue)


def _workbook(content: MadeFile, name: str) -> Response:
    return _file(_made(content, _XLSX), content.sha256, name, "attachment")


def _made(content: MadeFile, content_type: str) -> Response:
    response = Response(content.pieces(), content_type=content_type)
    response.content_length = content.size
    return response


def _in_format(report: Report, issue: Issue, form: str) -> Response:
    content = formats.of_issue(context(), issue, form)
    known = formats.FORMATS[form]
    name = _file_name(report, issue.params).removesuffix("xlsx") + known.extension
    response = _made(content, known.content_type)
    disposition = "inline" if known.shown else "attachment"
    if form == "html":
        response.headers["Content-Security-Policy"] = shell.policy_of(content.beginning())
    shown = _file(response, content.sha256, name, disposition)
    return _noted(shown, report, issue.params, issue)


def _noted(response: Response, report: Report, params: dict[str, str], issue: Issue | None = None) -> Response:
    """Whoever is given a donor's report stands in the audit trail; one they have already is not given again."""
    if response.status_code == 200 and request.method == "GET":
        downloads.note(context(), caller(), report, params, issue)
    return response


def _file(response: Response, sha256: str, name: str, disposition: str) -> Response:
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response.make_conditional(request)
    return response


def _file_name(report: Report, params: dict[str, str]) -> str:
    parts = [report.key, *(re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-") for value in own(params).values())]
    parts += [value for name, value in params.items() if name in OF_EVERY_REPORT and value != DEFAULT_COPY]
    return "-".join(parts) + ".xlsx"
