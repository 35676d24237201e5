"""What a service could not apply of the change log, over HTTP; the same in every service that follows it."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from muster_shared import audit, set_aside
from muster_shared.auth import Caller
from muster_shared.blueprint import Blueprint
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.problems import Problem, forbidden, not_found
from muster_shared.web import caller, context

_LARGEST: Final = 2**63 - 1


class SetAside(Schema):
    """What could not be applied; at position 0 what is worked out of many changes. ``superseded_by`` is a position."""

    position = fields.Integer()
    kind = fields.String()
    key = fields.String()
    reason = fields.String()
    version = fields.String()
    tries = fields.Integer()
    first_tried = fields.AwareDateTime()
    last_tried = fields.AwareDateTime()
    try_at = fields.AwareDateTime()
    superseded_by = fields.Integer(allow_none=True)


class SetAsidePage(Schema):
    """All of it."""

    items_ = fields.List(fields.Nested(SetAside), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


def add_to(blueprint: Blueprint, *, task: str) -> None:
    """Give a service the routes; ``task`` is the one that follows the log and tries again."""

    @blueprint.route("/set-aside")
    class AllSetAside(MethodView):
        """Changes that could not be applied."""

        @blueprint.response(200, SetAsidePage)
        def get(self) -> Response:
            """Each with its reason and its next try; what was superseded by a later change comes last."""
            with context().sessions() as session:
                return jsonify(items=[document(row) for row in listed(session, caller())], next=None)

    @blueprint.route("/set-aside/<int:position>/retry")
    class RetriedSetAside(MethodView):
        """Changes that are tried again."""

        @blueprint.response(202, SetAsidePage)
        def post(self, position: int) -> tuple[Response, int]:
            """Try again what is set aside at a position, now and not at its time."""
            rows = retry(context(), caller(), position, task=task)
            return jsonify(items=[document(row) for row in rows], next=None), 202


def listed(session: Session, who: Caller) -> list[dict[str, Any]]:
    """Everything that is set aside.

    Raises:
        Problem: 403, the caller is no administrator.
    """
    if who.role != "admin":
        raise forbidden("what could not be applied is the administrators'")
    return set_aside.listed(session)


def retry(held: Context, who: Caller, position: int, *, task: str) -> list[dict[str, Any]]:
    """Have what is set aside at a position tried at once; returns its rows.

    Raises:
        Problem: 403, the caller is no administrator; 404, nothing is set aside there; 409, a later change of the same
            record has taken its place.
    """
    if who.role != "admin":
        raise forbidden("what could not be applied is the administrators'")
    with held.sessions.begin() as session:
        rows = set_aside.try_at_once(session, position, now=real_now()) if position <= _LARGEST else []
        if not rows:
            raise not_found(f"nothing is set aside at position {position}")
        if all(row["superseded_by"] for row in rows):
            said = f"change {rows[0]['superseded_by']} has taken its place; 'muster rebuild' applies it to the past"
            raise Problem(409, "superseded", said)
        about = {"position": position, "kind": rows[0]["kind"], "key": rows[0]["key"]}
        audit.note(session, who, "set_aside_retried", about, at=held.clock.now())
    held.wake(task)
    return rows


def document(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the outside sees it."""
    times = {name: iso_z(row[name]) for name in ("first_tried", "last_tried", "try_at")}
    return {**row, **times}
