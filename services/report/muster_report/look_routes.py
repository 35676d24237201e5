"""Looks over HTTP."""

from __future__ import annotations

from flask import Response, jsonify
from flask.views import MethodView

from muster_report import asking, looks, schemas
from muster_report.routes import blueprint
from muster_shared.problems import not_found
from muster_shared.web import caller, context


@blueprint.route("/looks")
class Looks(MethodView):
    """How copies that leave the house look."""

    @blueprint.response(200, schemas.Listed)
    def get(self) -> Response:
        """The look of each donor and office that has one, and the default."""
        with context().sessions() as session:
            return jsonify({"items": [looks.look_document(row) for row in looks.every(session)], "next": None})


@blueprint.route("/looks/<scope>")
class OneLook(MethodView):
    """The look of ``default``, ``office:CODE`` or ``donor:ID``."""

    @blueprint.response(200, schemas.LookDocument)
    def get(self, scope: str) -> Response:
        """As it stands."""
        return jsonify(looks.look_document(looks.one(context(), scope)))

    @blueprint.doc(requestBody={"content": {"application/json": {"schema": schemas.LookBody}}})
    @blueprint.response(200, schemas.LookDocument)
    def put(self, scope: str) -> Response:
        """Set it; issues that were made before stay as they are."""
        wanted = looks.Wanted(**asking.body(schemas.LookBody()))
        return jsonify(looks.look_document(looks.put(context(), caller(), scope, wanted)))

    @blueprint.response(204)
    def delete(self, scope: str) -> None:
        """Take it away: the default, or the look of the house, takes its place."""
        looks.remove(context(), caller(), scope)


@blueprint.route("/looks/<scope>/logo.png")
class Logo(MethodView):
    """The logo of a look."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
    def get(self, scope: str) -> Response:
        """As it is kept, without what the file held beside the picture."""
        logo = looks.one(context(), scope).logo
        if logo is None:
            raise not_found(f"the look of '{scope[:60]}' has no logo")
        return Response(context().objects.get(logo), content_type="image/png")
