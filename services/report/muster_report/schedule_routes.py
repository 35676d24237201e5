"""Schedules and the calendar of coming issues over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response, jsonify
from flask.views import MethodView

from muster_report import asking, schedules, scheduling, schemas
from muster_report.reports import ParameterError, Report
from muster_report.routes import blueprint
from muster_report.timetable import Timetable
from muster_shared.web import caller, context

_AHEAD: Final = timedelta(days=92)  # a quarter and its end
_FARTHEST: Final = timedelta(days=3 * 366)
_MOST: Final = 5000


@blueprint.route("/schedules")
class Schedules(MethodView):
    """When reports are made."""

    @blueprint.response(200, schemas.Listed)
    def get(self) -> Response:
        """Every schedule; a report with parameters that have none is made on each change."""
        with context().sessions() as session:
            items = [schedules.schedule_document(row) for row in schedules.every(session)]
        return jsonify({"items": items, "next": None})


@blueprint.route("/schedules/<key>")
class OneSchedule(MethodView):
    """When a report with the parameters given is made; ``until`` and ``year`` may be ``@due``."""

    @blueprint.response(200, schemas.ScheduleDocument)
    def get(self, key: str) -> Response:
        """As it was set; 404 where the report is made on each change."""
        report, wanted = _asked(key)
        return jsonify(schedules.schedule_document(scheduling.one(context(), report, wanted)))

    @blueprint.doc(requestBody={"content": {"application/json": {"schema": schemas.ScheduleBody}}})
    @blueprint.response(200, schemas.ScheduleDocument)
    def put(self, key: str) -> Response:
        """Set it, whatever it was before."""
        report, wanted = _asked(key)
        body = asking.body(schemas.ScheduleBody())
        timetable = Timetable(body["kind"], body["time_zone"], body["hour"], tuple(body["dates"]))
        row = scheduling.schedule(context(), caller(), report, wanted, timetable, enabled=body["enabled"])
        return jsonify(schedules.schedule_document(row))

    @blueprint.response(204)
    def delete(self, key: str) -> None:
        """Take it away: the report is made on each change again."""
        report, wanted = _asked(key)
        scheduling.unschedule(context(), caller(), report, wanted)


@blueprint.route("/calendar")
class Calendar(MethodView):
    """The issues that come."""

    @blueprint.response(200, schemas.Listed)
    def get(self) -> Response:
        """Those of schedules with times, ``from`` now ``until`` in 92 days if not asked otherwise."""
        given, now = asking.asked_only("from", "until"), context().clock.now()
        since = max(asking.moment(given.get("from"), "from") or now, now)
        until = asking.moment(given.get("until"), "until") or since + _AHEAD
        if until - now > _FARTHEST:
            raise asking.wrong("until", "looks further ahead than three years: ask for less")
        with context().sessions() as session:
            found = schedules.calendar(session, now, since, until, _MOST)
        return jsonify({"items": [schedules.coming_document(one) for one in found], "next": None})


def _asked(key: str) -> tuple[Report, scheduling.Asked]:
    report = asking.report_named(key)
    try:
        return report, scheduling.asked(report, asking.query(), context().clock.now().date())
    except ParameterError as error:
        raise asking.wrong(error.parameter, error.args[0]) from error
