"""Following reports over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from muster_notify import issues_heard, schemas
from muster_notify.routes import blueprint
from muster_shared.web import caller, context


@blueprint.route("/follows")
class Follows(MethodView):
    """Reports whose new issues are told to the caller."""

    @blueprint.response(200, schemas.FollowsPage)
    def get(self) -> Response:
        """What the caller follows."""
        return jsonify(issues_heard.followed(context(), caller()))

    @blueprint.arguments(schemas.Follow)
    @blueprint.response(200, schemas.Follow)
    def put(self, asked: dict[str, Any]) -> Response:
        """Follow a report with its parameters; once more changes nothing."""
        return jsonify(issues_heard.follow(context(), caller(), asked["report"], asked["params"]))

    @blueprint.arguments(schemas.Follow)
    @blueprint.response(204)
    def delete(self, asked: dict[str, Any]) -> None:
        """Follow it no more."""
        issues_heard.unfollow(context(), caller(), asked["report"], asked["params"])
