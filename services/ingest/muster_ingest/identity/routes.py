"""People, tokens, and what was taken back, over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from muster_ingest.identity import people, schemas, taking_back, tokens
from muster_ingest.routes import blueprint
from muster_shared.problems import forbidden
from muster_shared.web import caller, context


@blueprint.route("/me")
class Me(MethodView):
    """Who the caller is."""

    @blueprint.response(200, schemas.Me)
    def get(self) -> Response:
        """The name, role and scope of the token or session."""
        return jsonify(asdict(caller()))


@blueprint.route("/users")
class Users(MethodView):
    """People who may sign in."""

    @blueprint.response(200, schemas.PeoplePage)
    def get(self) -> Response:
        """Everybody, by address."""
        return jsonify(people.listed(context(), caller()))

    @blueprint.arguments(schemas.NewPerson)
    @blueprint.response(201, schemas.Person)
    def post(self, given: dict[str, Any]) -> tuple[Response, int]:
        """Somebody new."""
        return jsonify(people.add(context(), caller(), given)), 201


@blueprint.route("/users/<email>")
class OneUser(MethodView):
    """Somebody."""

    @blueprint.arguments(schemas.PersonChange)
    @blueprint.response(200, schemas.Person)
    def patch(self, given: dict[str, Any], email: str) -> Response:
        """Other facts; with another role or scope, or closed, they are signed out everywhere."""
        return jsonify(people.change(context(), caller(), email, given))


@blueprint.route("/users/<email>/sign-out")
class SignOut(MethodView):
    """Signing out everywhere."""

    @blueprint.response(204)
    def post(self, email: str) -> None:
        """Every session and token of theirs is void, in every service within a second."""
        people.sign_out_everywhere(context(), caller(), email)


@blueprint.route("/tokens")
class Tokens(MethodView):
    """API tokens."""

    @blueprint.response(200, schemas.TokensPage)
    def get(self) -> Response:
        """The caller's, of an administrator everybody's; without their texts."""
        return jsonify(tokens.listed(context(), caller()))

    @blueprint.arguments(schemas.NewToken)
    @blueprint.response(201, schemas.MadeToken)
    def post(self, asked: dict[str, Any]) -> tuple[Response, int]:
        """A new one; its text is shown this once."""
        return jsonify(tokens.hand_out(context(), caller(), asked)), 201


@blueprint.route("/tokens/<token_id>")
class OneToken(MethodView):
    """An API token."""

    @blueprint.response(204)
    def delete(self, token_id: str) -> None:
        """Take it back."""
        tokens.revoke(context(), caller(), token_id)


@blueprint.route("/revoked")
class Revoked(MethodView):
    """What opens nothing any more."""

    @blueprint.arguments(schemas.RevokedQuery, location="query")
    @blueprint.response(200, schemas.RevokedDocument)
    @blueprint.alt_response(204, description="nothing new")
    def get(self, query: dict[str, Any]) -> Response:
        """For the other services; empty where the asker knows it all."""
        if caller().role != "service":
            raise forbidden("this is what services tell one another")
        with context().sessions() as session:
            found = taking_back.revoked(session, query["known"])
        return Response(status=204) if found is None else jsonify(found.document())
