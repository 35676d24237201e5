"""The workflow and the documents of projects over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from muster_ingest import process_map, project_documents, schemas, transitions
from muster_ingest.routes import answered, blueprint, body, download, idempotency_key
from muster_ingest.workflow import shipped_workflow
from muster_shared.problems import JSON_TYPE
from muster_shared.web import caller, context


@blueprint.route("/projects/<project_code>/transitions")
class Transitions(MethodView):
    """Steps of the endorsement workflow."""

    @blueprint.doc(parameters=[{"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}])
    @blueprint.arguments(schemas.TransitionWish)
    @blueprint.response(201, schemas.Receipt)
    @blueprint.alt_response(409, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    @blueprint.alt_response(422, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def post(self, asked: dict[str, Any], project_code: str) -> Response:
        """Take a step; each is a revision of the project, with who took it and why."""
        wish = transitions.Wish(project_code, **asked)
        return answered(transitions.take(context(), caller(), wish, key=idempotency_key()))

    @blueprint.response(200, schemas.TransitionsDocument)
    def get(self, project_code: str) -> Response:
        """The steps taken, and those the caller may take now with what is missing for each."""
        return jsonify(transitions.history(context(), caller(), project_code))


@blueprint.route("/transitions/waiting")
class Waiting(MethodView):
    """What waits for a reviewer."""

    @blueprint.arguments(schemas.WaitingQuery, location="query")
    @blueprint.response(200, schemas.WaitingPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Projects that were submitted for endorsement, longest waiting first."""
        return jsonify(transitions.waiting(context(), caller(), query["region"]))


@blueprint.route("/workflow.svg")
class ProcessMap(MethodView):
    """The endorsement workflow."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/svg+xml")
    def get(self) -> Response:
        """As a picture: what leads where; who takes which step stands in its description."""
        return Response(process_map.svg(shipped_workflow()), content_type="image/svg+xml; charset=utf-8")


@blueprint.route("/projects/<project_code>/documents")
class Documents(MethodView):
    """The files of a project."""

    @blueprint.response(200, schemas.DocumentsPage)
    def get(self, project_code: str) -> Response:
        """The newest version of each, by name."""
        return jsonify(project_documents.listed(context(), caller(), project_code))


@blueprint.route("/projects/<project_code>/documents/<name>")
class OneDocument(MethodView):
    """A file of a project."""

    @blueprint.doc(requestBody={"required": True, "content": {"application/octet-stream": {}}})
    @blueprint.arguments(schemas.DocumentType, location="query")
    @blueprint.response(201, schemas.ProjectDocument)
    @blueprint.alt_response(200, schema=schemas.ProjectDocument, description="stored already")
    @blueprint.alt_response(415, schema=schemas.ProblemDocument, content_type=JSON_TYPE)
    def put(self, query: dict[str, Any], project_code: str, name: str) -> tuple[Response, int]:
        """Keep the body as the newest version of this file."""
        sent = project_documents.Sent(project_code, name, query["type"], body())
        document, is_new = project_documents.store(context(), caller(), sent)
        return jsonify(document), 201 if is_new else 200

    @blueprint.arguments(schemas.DocumentVersion, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
    def get(self, query: dict[str, Any], project_code: str, name: str) -> Response:
        """Its bytes: of the newest version, or of the one asked for."""
        row, content = project_documents.read(context(), caller(), project_code, name, query["version"])
        response = download(content, row.content_type, row.name)
        response.set_etag(row.sha256)
        response.make_conditional(request)
        return response


@blueprint.route("/projects/<project_code>/documents/<name>/versions")
class DocumentVersions(MethodView):
    """The history of a file."""

    @blueprint.response(200, schemas.DocumentsPage)
    def get(self, project_code: str, name: str) -> Response:
        """Every version, newest first."""
        return jsonify(project_documents.versions(context(), caller(), project_code, name))
