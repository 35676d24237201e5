"""Erasing a person, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.views import MethodView

from muster_ingest.identity import erasing, erasing_schemas
from muster_ingest.routes import blueprint
from muster_ingest.schemas import ProblemDocument
from muster_shared.problems import JSON_TYPE
from muster_shared.web import caller, context


@blueprint.route("/users/<email>/erasure")
class OneErasure(MethodView):
    """A person who is to be erased, or was."""

    @blueprint.response(200, erasing_schemas.Erasure)
    def get(self, email: str) -> Response:
        """How far it is."""
        return jsonify(erasing.state(context(), caller(), email))

    @blueprint.arguments(erasing_schemas.ErasureQuery, location="query")
    @blueprint.response(202, erasing_schemas.Erasure)
    @blueprint.alt_response(200, schema=erasing_schemas.Erasure, description="a dry run, or done before")
    @blueprint.alt_response(409, schema=ProblemDocument, content_type=JSON_TYPE)
    def post(self, query: dict[str, Any], email: str) -> tuple[Response, int]:
        """Put a pseudonym in their place everywhere; refused while they answer for a project or an office."""
        if query["dry_run"]:
            return jsonify(erasing.foretell(context(), caller(), email)), 200
        told = erasing.ask(context(), caller(), email, force=query["force"])
        return jsonify(told), 200 if told["status"] == "done" else 202


@blueprint.route("/erasures")
class Erasures(MethodView):
    """People who are to be erased."""

    @blueprint.response(200, erasing_schemas.OpenErasures)
    def get(self) -> Response:
        """For the services that follow the log: whom they have to erase still."""
        return jsonify(erasing.of_service(context(), caller()))


@blueprint.route("/erasures/<uuid:erasure_id>/done")
class ErasureDone(MethodView):
    """What a service did."""

    @blueprint.arguments(erasing_schemas.Touched)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], erasure_id: UUID) -> None:
        """Nothing of the service's names them any more."""
        erasing.take_done(context(), caller(), erasure_id, given["touched"])
