"""What people do about reminders, and how they want to hear of them, over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Response, current_app, jsonify, request
from flask.views import MethodView
from marshmallow import Schema

from muster_notify import acting, extension_list, extensions, office_channels, people_schemas, preferring
from muster_notify.bodies import read_body
from muster_notify.deeds import Deed, Done
from muster_notify.extensions import Decision
from muster_notify.records import Records
from muster_notify.routes import blueprint
from muster_shared.problems import not_found
from muster_shared.web import caller, context

_SNOOZE: Final = people_schemas.Snooze()
_ACKNOWLEDGE: Final = people_schemas.Acknowledge()
_ASK: Final = people_schemas.AskForExtension()
_DECIDE: Final = people_schemas.Decide()
_PREFERENCES: Final = people_schemas.Preferences()
_CHANNEL: Final = people_schemas.OfficeChannel()


def described(schema: type[Schema]) -> dict[str, Any]:
    """How the documentation tells of a body; it is read by ``read_body`` so that every error has its pointer."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


@blueprint.route("/obligations/<uuid:obligation_id>/snooze")
class Snoozes(MethodView):
    """Reports put off."""

    @blueprint.doc(requestBody=described(people_schemas.Snooze))
    @blueprint.response(201, people_schemas.DoneDocument)
    def post(self, obligation_id: UUID) -> tuple[Response, int]:
        """Remind nobody until a day is over; past the donor's due date only as the reviewer of the region."""
        asked = read_body(request, _SNOOZE)
        return _act(obligation_id, Deed("snooze", asked["reason"], asked["until"]))


@blueprint.route("/obligations/<uuid:obligation_id>/acknowledge")
class Acknowledgements(MethodView):
    """Reports somebody is at."""

    @blueprint.doc(requestBody=described(people_schemas.Acknowledge))
    @blueprint.response(201, people_schemas.DoneDocument)
    def post(self, obligation_id: UUID) -> tuple[Response, int]:
        """Say that somebody is at it; it is visible to the manager."""
        return _act(obligation_id, Deed("acknowledge", read_body(request, _ACKNOWLEDGE)["reason"]))


@blueprint.route("/obligations/<uuid:obligation_id>/extension")
class Requests(MethodView):
    """Requests for more time."""

    @blueprint.doc(requestBody=described(people_schemas.AskForExtension))
    @blueprint.response(201, people_schemas.DoneDocument)
    def post(self, obligation_id: UUID) -> tuple[Response, int]:
        """Ask for a later end of the project; the reviewer of the region decides and the answer comes by mail."""
        asked = read_body(request, _ASK)
        return _act(obligation_id, Deed("extension", asked["reason"], asked["new_end"]))


@blueprint.route("/extensions")
class Extensions(MethodView):
    """Extensions of projects."""

    @blueprint.arguments(people_schemas.ExtensionsQuery, location="query")
    @blueprint.response(200, people_schemas.ExtensionsPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Asked for, approved and refused; the newest request first."""
        with context().sessions() as session:
            return jsonify(extension_list.extensions(session, caller(), **query))


@blueprint.route("/extensions/<project_code>/<requested_on>/decision")
class Decisions(MethodView):
    """Decisions on extensions."""

    @blueprint.doc(requestBody=described(people_schemas.Decide))
    @blueprint.response(201, people_schemas.DoneDocument)
    def post(self, project_code: str, requested_on: str) -> tuple[Response, int]:
        """Approve or refuse; whoever asked hears of it."""
        decision = Decision(day_of(requested_on).isoformat(), **read_body(request, _DECIDE))
        return _done(extensions.decide(context(), records(), caller(), project_code, decision))


@blueprint.route("/preferences")
class Preferences(MethodView):
    """How a person wants to hear from Muster."""

    @blueprint.arguments(people_schemas.PreferencesQuery, location="query")
    @blueprint.response(200, people_schemas.PreferencesDocument)
    def get(self, query: dict[str, Any]) -> Response:
        """The caller's own; for an administrator those of ``email``."""
        with context().sessions() as session:
            return jsonify(preferring.shown(session, preferring.whose(caller(), query["email"])))

    @blueprint.doc(requestBody=described(people_schemas.Preferences))
    @blueprint.arguments(people_schemas.PreferencesQuery, location="query")
    @blueprint.response(200, people_schemas.PreferencesDocument)
    def put(self, query: dict[str, Any]) -> Response:
        """All of them at once: what is left out goes back to its default."""
        email = preferring.whose(caller(), query["email"])
        wishes = read_body(request, _PREFERENCES)
        return jsonify(preferring.replace(context(), email, wishes, by=caller()))


@blueprint.route("/office-channels/<office>")
class OfficeChannels(MethodView):
    """The chat of an office as a whole."""

    @blueprint.response(200, people_schemas.OfficeChannelDocument)
    def get(self, office: str) -> Response:
        """Its address, masked."""
        with context().sessions() as session:
            return jsonify(office_channels.shown(session, caller(), office))

    @blueprint.doc(requestBody=described(people_schemas.OfficeChannel))
    @blueprint.response(200, people_schemas.OfficeChannelDocument)
    def put(self, office: str) -> Response:
        """Tell the office there from now on."""
        asked = read_body(request, _CHANNEL)
        return jsonify(office_channels.replace(context(), caller(), office, asked["chat_url"]))

    @blueprint.response(204)
    def delete(self, office: str) -> None:
        """Tell the office as a whole no more."""
        office_channels.remove(context(), caller(), office)


def records() -> Records:
    """Ingest, as the running application reaches it."""
    held: Records = current_app.extensions["muster_records"]
    return held


def _act(obligation_id: UUID, deed: Deed) -> tuple[Response, int]:
    return _done(acting.act(context(), records(), caller(), obligation_id, deed))


def _done(done: Done) -> tuple[Response, int]:
    return jsonify(receipt=done.receipt, warnings=[dict(warning) for warning in done.warnings]), 201


def day_of(text: str) -> date:
    """The day that an address names.

    Raises:
        Problem: 404, it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise not_found(f"'{text[:40]}' is no day: write it like 2016-11-30") from error
