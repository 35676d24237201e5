"""Report over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from flask import Response, jsonify, request, stream_with_context
from flask.views import MethodView

from muster_report import comparing, explaining, exporting, formats, queries, schemas, usecases
from muster_report.exports import hxl, iati
from muster_report.models import Issue
from muster_report.params import OF_EVERY_REPORT, own
from muster_report.reports import COPY, ParameterError, Report, catalogue
from muster_shared.blueprint import Blueprint
from muster_shared.names import DEFAULT_COPY
from muster_shared.problems import DataError, Problem, forbidden, not_found
from muster_shared.web import caller, context

blueprint = Blueprint("report", __name__, url_prefix="/report/v1", description="Reports, issues, runs")
_PLACE = ("sheet", "cell", "issue")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}
_SHOWN = 60  # characters of a wrong name that an answer repeats


@blueprint.before_request
def _staff_only() -> None:
    if caller().role == "donor":
        raise forbidden("donors read their own released reports; none of these is one")


@blueprint.route("/reports")
class Reports(MethodView):
    """The catalogue."""

    @blueprint.response(200, schemas.Listed)
    def get(self) -> Response:
        """Every report with its parameters and its last issue."""
        with context().sessions() as session:
            return jsonify(queries.reports(session))


@blueprint.route("/reports/<key>/latest.xlsx")
class Latest(MethodView):
    """The current issue of a report."""

    @blueprint.response(200, _BINARY, content_type=_XLSX)
    @blueprint.alt_response(304, description="the caller has it already")
    def get(self, key: str) -> Response:
        """For the parameters given; ``as_of`` shows it as it was at a past time."""
        moment = _moment(request.args.get("as_of"))
        report, params = _asked(key, leave_out=("as_of",))
        if moment:
            content = usecases.as_of(context(), report, params, moment)
            return _workbook(content, context().objects.name_of(content), _file_name(report, params))
        issue = usecases.current_issue(context(), report, params)
        return _issue_file(report, issue)


@blueprint.route("/reports/<key>/latest.<any(html, csv, json):form>")
class LatestInFormat(MethodView):
    """The current issue of a report, not as a workbook."""

    @blueprint.response(200, _BINARY, content_type="application/octet-stream")
    @blueprint.alt_response(304, description="the caller has it already")
    def get(self, key: str, form: str) -> Response:
        """The same figures on a page, as a zip of CSV files, or as JSON."""
        report, params = _asked(key)
        return _in_format(report, usecases.current_issue(context(), report, params), form)


@blueprint.route("/reports/<key>/issues")
class Issues(MethodView):
    """Every issue of a report."""

    @blueprint.response(200, schemas.Listed)
    def get(self, key: str) -> Response:
        """For the parameters given, newest first."""
        report, params = _asked(key)
        with context().sessions() as session:
            return jsonify(queries.issues(session, report, params))


@blueprint.route("/reports/<key>/explain")
class Explain(MethodView):
    """Where a figure comes from."""

    @blueprint.response(200, schemas.Explanation)
    def get(self, key: str) -> Response:
        """The records, submissions and source cells behind one cell of the current issue, or of ``issue``."""
        report, params = _asked(key, leave_out=_PLACE)
        place = explaining.Place(*(_query().get(name) for name in _PLACE))
        return jsonify(explaining.explain(context(), report, params, place))


@blueprint.route("/reports/<key>/runs")
class Runs(MethodView):
    """Regeneration on demand."""

    @blueprint.response(202, schemas.RunDocument)
    def post(self, key: str) -> tuple[Response, int, dict[str, str]]:
        """Regenerate now, for the parameters given."""
        report, params = _asked(key)
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
            return jsonify(queries.issue_document(queries.issue(session, issue_id)))


@blueprint.route("/issues/<uuid:issue_id>.xlsx")
class IssueFile(MethodView):
    """The bytes of one issue."""

    @blueprint.response(200, _BINARY, content_type=_XLSX)
    def get(self, issue_id: UUID) -> Response:
        """As they were made; they never change."""
        with context().sessions() as session:
            issue = queries.issue(session, issue_id)
        return _issue_file(_report(issue.report), issue)


@blueprint.route("/issues/<uuid:issue_id>.<any(html, csv, json):form>")
class IssueInFormat(MethodView):
    """One issue, not as a workbook."""

    @blueprint.response(200, _BINARY, content_type="application/octet-stream")
    def get(self, issue_id: UUID, form: str) -> Response:
        """The same figures on a page, as a zip of CSV files, or as JSON."""
        with context().sessions() as session:
            issue = queries.issue(session, issue_id)
        return _in_format(_report(issue.report), issue, form)


@blueprint.route("/issues/<uuid:issue_id>/compare/<uuid:other_id>")
class Compare(MethodView):
    """What differs between any two issues."""

    @blueprint.response(200, schemas.Listed)
    def get(self, issue_id: UUID, other_id: UUID) -> Response:
        """Cell by cell, from the first issue to the other."""
        return jsonify(comparing.compare(context(), issue_id, other_id))


@blueprint.route("/issues/<uuid:issue_id>/release")
class Release(MethodView):
    """Releasing an issue."""

    @blueprint.response(200, schemas.IssueDocument)
    def post(self, issue_id: UUID) -> Response:
        """An analyst's word that it may leave the house."""
        return jsonify(queries.issue_document(usecases.release(context(), caller(), issue_id)))


@blueprint.route("/exports/iati.xml")
class Iati(MethodView):
    """The portfolio for the aid transparency registry."""

    @blueprint.response(200, _BINARY, content_type=iati.CONTENT_TYPE)
    def get(self) -> Response:
        """IATI 2.03 activities; ``as_of`` as they stood at a time."""
        pieces = exporting.activities(context(), _moment(_asked_only("as_of").get("as_of")))
        return _streamed(pieces, iati.CONTENT_TYPE, "iati-activities.xml")


@blueprint.route("/exports/<kind>.csv")
class HxlRecords(MethodView):
    """Every record of a kind."""

    @blueprint.response(200, _BINARY, content_type=hxl.CONTENT_TYPE)
    def get(self, kind: str) -> Response:
        """CSV with a row of HXL hashtags; ``copy`` leaves out what must not leave the house."""
        asked = _asked_only("copy", "as_of")
        if not caller().sees_all_offices:
            raise forbidden("exports hold the records of every office: ask an analyst for one")
        try:
            copy = COPY.parse(asked.get("copy", DEFAULT_COPY))
        except ValueError as error:
            raise _wrong("copy", str(error)) from error
        pieces = exporting.records(context(), kind, copy, _moment(asked.get("as_of")))
        return _streamed(pieces, hxl.CONTENT_TYPE, f"{kind}.csv")


def _asked_only(*names: str) -> dict[str, str]:
    asked = _query()
    for name in asked.keys() - set(names):
        raise _wrong(name[:_SHOWN], f"'{name[:_SHOWN]}' is not a parameter here: give {' and '.join(names)}")
    return asked


def _streamed(pieces: Iterator[bytes], content_type: str, name: str) -> Response:
    response = Response(stream_with_context(pieces), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _report(key: str) -> Report:
    if key not in catalogue():
        raise not_found(f"there is no report '{key[:60]}'; known are {', '.join(catalogue())}")
    return catalogue()[key]


def _asked(key: str, *, leave_out: tuple[str, ...] = ()) -> tuple[Report, dict[str, str]]:
    report = _report(key)
    given = {name: text for name, text in {**_body(), **_query()}.items() if name not in leave_out}
    try:
        return report, report.read(given)
    except ParameterError as error:
        raise _wrong(error.parameter, error.args[0]) from error


def _query() -> dict[str, str]:
    given = request.args.to_dict(flat=False)
    for name in (name for name, values in given.items() if len(values) > 1):
        raise _wrong(name[:_SHOWN], f"'{name[:_SHOWN]}' is given {len(given[name])} times: give it once")
    return {name: values[0] for name, values in given.items()}


def _body() -> dict[str, str]:
    """Parameters may also come as a JSON object in the body of a POST."""
    if request.method != "POST" or not request.get_data():
        return {}
    try:
        document = request.get_json()
    except RecursionError as error:
        raise Problem(400, "not_readable", "the body is nested too deeply") from error
    if not isinstance(document, dict):
        raise Problem(400, "not_readable", 'the body is not an object: send {"name": "value"}')
    return {name: _parameter_text(name, value) for name, value in document.items()}


def _parameter_text(name: str, value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _wrong(_storable(name)[:_SHOWN], "give a text or a whole number")
    if str(value) != _storable(str(value)):
        raise _wrong(_storable(name)[:_SHOWN], "holds a character that text cannot carry (half a pair): leave it out")
    return str(value)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _wrong("as_of", f"'{text[:40]}' is not a time: write it like 2016-11-30T08:00:00Z")
    return moment


def _wrong(name: str, message: str) -> Problem:
    error = DataError("bad_parameter", message, field=name)
    return Problem(422, "bad_parameter", "a parameter of the report is not as it should be", errors=[error])


def _issue_file(report: Report, issue: Issue) -> Response:
    return _workbook(context().objects.get(issue.sha256), issue.sha256, _file_name(report, issue.params))


def _workbook(content: bytes, sha256: str, name: str) -> Response:
    return _file(Response(content, content_type=_XLSX), sha256, name, "attachment")


def _in_format(report: Report, issue: Issue, form: str) -> Response:
    content = formats.of_issue(context(), report, issue, form)
    known = formats.FORMATS[form]
    name = _file_name(report, issue.params).removesuffix("xlsx") + known.extension
    response = Response(content, content_type=known.content_type)
    return _file(response, context().objects.name_of(content), name, "inline" if known.shown else "attachment")


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
