"""Ingest over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.views import MethodView
from werkzeug.exceptions import RequestEntityTooLarge

from muster_ingest import queries, schemas, usecases
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
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(200, schema=schemas.Receipt, description="the first receipt of a repeated key")
    @blueprint.alt_response(422, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self) -> Response:
        """Accepted or rejected as a whole, and kept either way."""
        if request.mimetype not in _JSON:
            raise Problem(415, "unsupported_type", "send the envelope as application/json")
        key = _idempotency_key()
        return _answer(usecases.submit(context(), caller(), _body(), content_type=request.mimetype, key=key))

    @blueprint.arguments(schemas.SubmissionsQuery, location="query")
    @blueprint.response(200, schemas.Listed)
    def get(self, query: dict[str, Any]) -> Response:
        """Submissions, newest first."""
        with context().sessions() as session:
            return jsonify(queries.submissions(session, caller(), **query))


@blueprint.route("/submissions/<uuid:submission_id>")
class OneSubmission(MethodView):
    """One submission."""

    @blueprint.response(200, schemas.Receipt)
    def get(self, submission_id: UUID) -> Response:
        """The receipt, or the errors."""
        with context().sessions() as session:
            return jsonify(queries.details(queries.submission(session, caller(), submission_id)))


@blueprint.route("/submissions/<uuid:submission_id>/original")
class Original(MethodView):
    """The bytes of a submission."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
    def get(self, submission_id: UUID) -> Response:
        """As received."""
        with context().sessions() as session:
            row = queries.submission(session, caller(), submission_id)
        response = Response(context().objects.get(row.sha256), content_type=row.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{row.receipt or submission_id}.json"'
        return response


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


def _body() -> bytes:
    """The whole body; one without a stated length is cut off by the server where it grows too large."""
    body = request.get_data()
    if request.content_length is None and len(body) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return body


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(400, "bad_key", f"Idempotency-Key has 1 to {_LONGEST_KEY} characters")
    return key


def _answer(answer: usecases.Answer) -> Response:
    response = jsonify(answer.document)
    response.status_code = answer.status
    if answer.status >= 400:
        response.content_type = JSON_TYPE
    else:
        response.headers["Location"] = f"/ingest/v1/submissions/{answer.document['submission_id']}"
    return response
