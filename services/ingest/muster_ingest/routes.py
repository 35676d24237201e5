"""Ingest over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify, request
from flask.views import MethodView
from werkzeug.exceptions import RequestEntityTooLarge

from muster_ingest import (
    annotating,
    forms,
    handover,
    prefill,
    queries,
    restricted,
    reverting,
    schemas,
    uploads,
    usecases,
)
from muster_ingest.receipts import Answer
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared.blueprint import Blueprint
from muster_shared.problems import JSON_TYPE, Problem, forbidden
from muster_shared.web import caller, context

blueprint = Blueprint("ingest", __name__, url_prefix="/ingest/v1", description="Submissions, records, the change log")
_JSON = ("application/json", "text/json")
_LONGEST_KEY = 200


@blueprint.route("/submissions")
class Submissions(MethodView):
    """What offices sent."""

    @blueprint.doc(
        summary="Send a submission",
        parameters=[{"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}],
        requestBody={"required": True, "content": {"application/json": {"schema": schemas.EnvelopeDocument}}},
    )
    @blueprint.arguments(schemas.DryRunQuery, location="query")
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(200, schema=schemas.Receipt, description="a dry run; the first receipt of a repeated key")
    @blueprint.alt_response(422, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self, query: dict[str, Any]) -> Response:
        """Accepted or rejected as a whole, and kept either way."""
        if request.mimetype not in _JSON:
            raise Problem(415, "unsupported_type", "send the envelope as application/json")
        key = idempotency_key()
        return answered(usecases.submit(context(), caller(), body(), content_type=request.mimetype, key=key, **query))

    @blueprint.arguments(schemas.SubmissionsQuery, location="query")
    @blueprint.response(200, schemas.Listed)
    def get(self, query: dict[str, Any]) -> Response:
        """Submissions, newest first."""
        with context().sessions() as session:
            return jsonify(queries.submissions(session, caller(), **query))


@blueprint.route("/workbooks")
class Workbooks(MethodView):
    """Workbooks and CSV files that offices sent."""

    @blueprint.doc(
        summary="Upload a workbook",
        parameters=[{"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}],
        requestBody={"required": True, "content": {"multipart/form-data": {"schema": schemas.UploadForm}}},
    )
    @blueprint.arguments(schemas.WorkbookQuery, location="query")
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(200, schema=schemas.Receipt, description="a dry run; the first receipt of a repeated key")
    @blueprint.alt_response(202, schema=schemas.Receipt, description="large: poll the submission at Location")
    @blueprint.alt_response(422, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self, query: dict[str, Any]) -> Response:
        """Accepted or rejected as a whole, and kept either way; every wrong cell is named."""
        upload = forms.upload(request, query, key=idempotency_key())
        return answered(uploads.submit(context(), _readers(), caller(), upload))


@blueprint.route("/templates/<kind>.xlsx")
class Templates(MethodView):
    """Templates of workbooks."""

    @blueprint.arguments(schemas.TemplateQuery, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type=uploads.XLSX)
    def get(self, query: dict[str, Any], kind: str) -> Response:
        """Of one kind or ``all``, prefilled with the current records of an office."""
        made = prefill.template(context(), caller(), kind, **query)
        return download(made.content, uploads.XLSX, made.file_name)


@blueprint.route("/submissions/<uuid:submission_id>")
class OneSubmission(MethodView):
    """One submission."""

    @blueprint.response(200, schemas.Receipt)
    def get(self, submission_id: UUID) -> Response:
        """The receipt, or the errors."""
        with context().sessions() as session:
            return jsonify(queries.details(session, queries.submission(session, caller(), submission_id)))


@blueprint.route("/submissions/<uuid:submission_id>/original")
class Original(MethodView):
    """The bytes of a submission."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
    def get(self, submission_id: UUID) -> Response:
        """As received."""
        with context().sessions() as session:
            row = queries.submission(session, caller(), submission_id)
        restricted.check(context(), caller(), row)
        name = row.file_name or f"{row.receipt or submission_id}.json"
        return download(context().objects.get(row.sha256), row.content_type, name)


@blueprint.route("/submissions/<uuid:submission_id>/annotated.xlsx")
class Annotated(MethodView):
    """The sender's own workbook."""

    @blueprint.arguments(schemas.AnnotatedQuery, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type=uploads.XLSX)
    def get(self, query: dict[str, Any], submission_id: UUID) -> Response:
        """With each error pinned in its cell; correct it and upload it again."""
        with context().sessions() as session:
            row = queries.submission(session, caller(), submission_id)
        restricted.check(context(), caller(), row)
        annotated = annotating.annotated(context(), _readers(), row, query["lang"])
        return download(annotated, uploads.XLSX, annotating.name_of(row))


@blueprint.route("/submissions/<uuid:submission_id>/changes")
class SubmissionChanges(MethodView):
    """What a submission changed."""

    @blueprint.arguments(schemas.PageQuery, location="query")
    @blueprint.response(200, schemas.Listed)
    def get(self, query: dict[str, Any], submission_id: UUID) -> Response:
        """In the order of what was sent."""
        with context().sessions() as session:
            row = queries.submission(session, caller(), submission_id)
            return jsonify(queries.changes_of(session, row, **query))


@blueprint.route("/submissions/<uuid:submission_id>/revert")
class Revert(MethodView):
    """Undoing."""

    @blueprint.arguments(schemas.DryRunQuery, location="query")
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(200, schema=schemas.Receipt, description="a dry run: what it would restore")
    @blueprint.alt_response(409, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self, query: dict[str, Any], submission_id: UUID) -> Response:
        """New revisions restore what was before; refused where a later submission touched the same records."""
        key = idempotency_key()
        return answered(reverting.revert(context(), caller(), submission_id, key=key, **query))


@blueprint.route("/handovers")
class Handovers(MethodView):
    """Projects that change hands."""

    @blueprint.doc(
        summary="Hand all of one person's projects to another",
        parameters=[{"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}],
        requestBody={"required": True, "content": {"application/json": {"schema": schemas.HandoverDocument}}},
    )
    @blueprint.arguments(schemas.DryRunQuery, location="query")
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(200, schema=schemas.Receipt, description="a dry run; the first receipt of a repeated key")
    @blueprint.alt_response(422, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self, query: dict[str, Any]) -> Response:
        """One revision of each, all of them or none."""
        if request.mimetype not in _JSON:
            raise Problem(415, "unsupported_type", "send the handover as application/json")
        key = idempotency_key()
        return answered(
            handover.hand_over(context(), caller(), body(), content_type=request.mimetype, key=key, **query)
        )


@blueprint.route("/records/<kind>")
class Records(MethodView):
    """Current records of a kind."""

    @blueprint.arguments(schemas.RecordsQuery, location="query")
    @blueprint.response(200, schemas.Listed)
    def get(self, query: dict[str, Any], kind: str) -> Response:
        """In the order of their keys."""
        page = {name: query.pop(name) for name in ("after", "limit")}
        with context().sessions() as session:
            return jsonify(queries.records(session, caller(), kind, filters=query, **page))


@blueprint.route("/records/<kind>/<path:key>")
class OneRecord(MethodView):
    """One record."""

    @blueprint.response(200, schemas.RecordDocument)
    def get(self, kind: str, key: str) -> Response:
        """As it stands; the parts of its key joined with ``/``."""
        with context().sessions() as session:
            return jsonify(queries.record(session, caller(), kind, key))


@blueprint.route("/records/<kind>/<path:key>/revisions")
class Revisions(MethodView):
    """A record's history."""

    @blueprint.response(200, schemas.Listed)
    def get(self, kind: str, key: str) -> Response:
        """Newest first, each with who, when and from which submission."""
        with context().sessions() as session:
            return jsonify(queries.revisions(session, caller(), kind, key))


@blueprint.route("/changes")
class Changes(MethodView):
    """The change log."""

    @blueprint.arguments(schemas.ChangesQuery, location="query")
    @blueprint.response(200, schemas.ChangesDocument)
    def get(self, query: dict[str, Any]) -> Response:
        """What came after a position, oldest first."""
        if not caller().sees_all_offices:
            raise forbidden("the change log is for services, analysts and administrators")
        with context().sessions() as session:
            return jsonify(queries.changes(session, **query))


def _readers() -> Readers:
    readers: Readers = current_app.extensions["muster_readers"]
    return readers


def download(content: bytes, content_type: str, name: str) -> Response:
    """Bytes to be kept as a file, never shown in place."""
    response = Response(content, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def body() -> bytes:
    """The whole body; one without a stated length is cut off by the server where it grows too large."""
    body = request.get_data()
    if request.content_length is None and len(body) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return body


def idempotency_key() -> str | None:
    """The key that the request carries.

    Raises:
        Problem: 400, it is too long.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(400, "bad_key", f"Idempotency-Key has 1 to {_LONGEST_KEY} characters")
    return key


def answered(answer: Answer) -> Response:
    """A receipt or a problem as a response, with where the submission is to be read."""
    response = jsonify(answer.document)
    response.status_code = answer.status
    if answer.status >= 400:
        response.content_type = JSON_TYPE
    elif answer.document["submission_id"]:
        response.headers["Location"] = f"/ingest/v1/submissions/{answer.document['submission_id']}"
    return response
