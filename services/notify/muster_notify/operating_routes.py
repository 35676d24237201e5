"""What whoever runs Muster looks at and decides, over HTTP: alarms, storms, bounces, addresses that fail."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Response, jsonify, request
from flask.views import MethodView

from muster_notify import alarms, bounces, breaker, failing_addresses, operating_schemas, reminding
from muster_notify.bodies import read_body
from muster_notify.bounces import Bounce
from muster_notify.ladder import shipped_ladders
from muster_notify.people_routes import described
from muster_notify.routes import blueprint
from muster_shared.web import caller, context

_BOUNCE: Final = operating_schemas.Bounce()


@blueprint.route("/alarms")
class Alarms(MethodView):
    """What somebody has to look at."""

    @blueprint.arguments(operating_schemas.AlarmsQuery, location="query")
    @blueprint.response(200, operating_schemas.AlarmsPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Those that stand first, the newest first; ``standing`` false: also what was cleared."""
        with context().sessions() as session:
            return jsonify(alarms.listed(session, caller(), **query))


@blueprint.route("/alarms/<uuid:alarm_id>/clear")
class ClearedAlarms(MethodView):
    """Alarms somebody has looked at."""

    @blueprint.response(200, operating_schemas.AlarmDocument)
    def post(self, alarm_id: UUID) -> Response:
        """Clear one; once more changes nothing."""
        held = context()
        with held.sessions.begin() as session:
            return jsonify(alarms.clear_by_hand(session, caller(), alarm_id, now=held.clock.now()))


@blueprint.route("/storm")
class Storms(MethodView):
    """Far more reminders than usual."""

    @blueprint.response(200, operating_schemas.StormDocument)
    def get(self) -> Response:
        """Whether today's reminders are held back."""
        held = context()
        with held.sessions() as session:
            return jsonify(breaker.standing(session, caller(), now=held.clock.now()))


@blueprint.route("/storm/release")
class ReleasedStorms(MethodView):
    """Reminders let go."""

    @blueprint.response(200, operating_schemas.StormDocument)
    def post(self) -> Response:
        """Let today's reminders go, however many; the next sweep records them."""
        held = context()
        with held.sessions.begin() as session:
            return jsonify(breaker.release(session, caller(), now=held.clock.now()))


@blueprint.route("/reminders/dry-run")
class DryRuns(MethodView):
    """What a sweep would do."""

    @blueprint.response(200, operating_schemas.DryRunDocument)
    def get(self) -> Response:
        """How many reminders would go to whom now; nothing is recorded."""
        held = context()
        with held.sessions() as session:
            at = reminding.where_it_is(session, held.clock.now())
            return jsonify(breaker.dry_run(session, caller(), held.settings, at, shipped_ladders()))


@blueprint.route("/bounces")
class Bounces(MethodView):
    """Mails that came back."""

    @blueprint.doc(requestBody=described(operating_schemas.Bounce))
    @blueprint.response(200, operating_schemas.BounceDocument)
    def post(self) -> Response:
        """From the mail server's hook; for good (5.x.x): its address is written to no more and its rungs climb."""
        return jsonify(bounces.take_bounce(context(), caller(), Bounce(**read_body(request, _BOUNCE))))


@blueprint.route("/failing-addresses")
class FailingAddresses(MethodView):
    """Addresses that mail does not reach."""

    @blueprint.response(200, operating_schemas.FailingAddressesPage)
    def get(self) -> Response:
        """The newest first, each with the reason."""
        with context().sessions() as session:
            return jsonify(failing_addresses.listed(session, caller()))


@blueprint.route("/failing-addresses/<email>")
class OneFailingAddress(MethodView):
    """An address that mail does not reach."""

    @blueprint.response(204)
    def delete(self, email: str) -> None:
        """Write there again from now on."""
        failing_addresses.take_back(context(), caller(), email.replace("\x00", ""))
