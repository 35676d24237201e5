"""Due dates for calendar programs over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask.views import MethodView

from muster_notify import calendars, schemas
from muster_notify.routes import blueprint
from muster_shared.own_routes import opened
from muster_shared.web import caller, context


@blueprint.route("/calendar.ics")
class OwnCalendar(MethodView):
    """The caller's due dates."""

    @blueprint.arguments(schemas.CalendarQuery, location="query")
    @blueprint.response(200, content_type="text/calendar")
    def get(self, query: dict[str, Any]) -> Response:
        """As a calendar; of one office where it is given."""
        return _calendar(calendars.of_caller(context(), caller(), query["office"]))


@blueprint.route("/calendars")
class Calendars(MethodView):
    """Addresses at which calendar programs read the caller's due dates."""

    @blueprint.response(200, schemas.CalendarFeedsPage)
    def get(self) -> Response:
        """The feeds that stand, without their addresses."""
        return jsonify(calendars.feeds(context(), caller()))

    @blueprint.arguments(schemas.CalendarQuery)
    @blueprint.response(201, schemas.NewCalendarFeed)
    def post(self, asked: dict[str, Any]) -> tuple[Response, int]:
        """A new feed; its address is a secret and is shown this once."""
        return jsonify(calendars.open_feed(context(), caller(), asked["office"])), 201


@blueprint.route("/calendars/<uuid:feed_id>")
class OneCalendarFeed(MethodView):
    """A feed."""

    @blueprint.response(204)
    def delete(self, feed_id: UUID) -> None:
        """Take its address back."""
        calendars.revoke(context(), caller(), feed_id)


@blueprint.route("/calendars/<string:secret>.ics")
@blueprint.response(200, content_type="text/calendar", description="Due dates, for a calendar program")
@opened
def feed(secret: str) -> Response:
    """What stands behind a feed's address; the address itself is the key."""
    return _calendar(calendars.of_feed(context(), secret))


def _calendar(content: bytes) -> Response:
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.cache_control.private = True
    response.add_etag()
    response.make_conditional(request)
    return response
