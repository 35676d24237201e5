"""Notify over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.views import MethodView

from muster_notify import queries, schemas
from muster_shared.blueprint import Blueprint
from muster_shared.web import caller, context

blueprint = Blueprint("notify", __name__, url_prefix="/notify/v1", description="What is owed, and who was told")


@blueprint.route("/obligations")
class Obligations(MethodView):
    """Reports owed to donors."""

    @blueprint.arguments(schemas.ObligationsQuery, location="query")
    @blueprint.response(200, schemas.ObligationsPage)
    def get(self, query: dict[str, Any]) -> Response:
        """What is owed, by whom, when, how late; in the order of due dates."""
        held = context()
        with held.sessions() as session:
            return jsonify(queries.obligations(session, caller(), now=held.clock.now(), **query))


@blueprint.route("/obligations/<uuid:obligation_id>")
class OneObligation(MethodView):
    """One report owed."""

    @blueprint.response(200, schemas.ObligationDocument)
    def get(self, obligation_id: UUID) -> Response:
        """As it stands, with its history."""
        held = context()
        with held.sessions() as session:
            return jsonify(queries.obligation(session, caller(), obligation_id, now=held.clock.now()))


@blueprint.route("/reminders")
class Reminders(MethodView):
    """Who was told."""

    @blueprint.arguments(schemas.RemindersQuery, location="query")
    @blueprint.response(200, schemas.RemindersPage)
    def get(self, query: dict[str, Any]) -> Response:
        """What was sent to whom and when, and its delivery; newest first."""
        with context().sessions() as session:
            return jsonify(queries.reminders(session, caller(), **query))
