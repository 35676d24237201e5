"""What an erasure would touch in a service, over HTTP; the same in every service."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from marshmallow import RAISE, Schema, fields, validate

from muster_shared import erasing_heard
from muster_shared.blueprint import Blueprint
from muster_shared.erasing import Erasure
from muster_shared.problems import forbidden
from muster_shared.web import caller, context


class Somebody(Schema):
    """An address, and names that are this person's alone."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE

    address = fields.String(required=True, validate=validate.Length(3, 254))
    names = fields.List(fields.String(validate=validate.Length(3, 200)), load_default=list)


class Counted(Schema):
    """Rows by table."""

    touched = fields.Dict(keys=fields.String(), values=fields.Integer())


def add_to(blueprint: Blueprint) -> None:
    """Give a service the route."""

    @blueprint.route("/erasures/count")
    class ErasureCount(MethodView):
        """What names somebody."""

        @blueprint.arguments(Somebody)
        @blueprint.response(200, Counted)
        def post(self, given: dict[str, Any]) -> Response:
            """How many rows of each table do; nothing is changed."""
            if caller().role != "admin":
                raise forbidden("people are the administrators'")
            wanted = Erasure("", given["address"].lower(), tuple(given["names"]), "none")
            with context().sessions() as session:
                return jsonify(touched=erasing_heard.counted(session, wanted))
