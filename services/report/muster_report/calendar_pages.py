"""The calendar of coming issues as a page, and the forms of the schedules they come from."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from muster_report import addresses, asking, report_forms, schedule_forms, schedules, scheduling
from muster_report.pages import pages
from muster_report.reports import ParameterError, catalogue
from muster_report.schedules import Coming
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_MOST: Final = 1000
_YEARS_AHEAD: Final = 3


@pages.get("/calendar")
def calendar() -> str:
    """The issues that come in a month, day by day, and every schedule."""
    now = context().clock.now()
    month = _month(request.args.get("month"), now)
    since, until = _bounds(month)
    with context().sessions() as session:
        found = schedules.calendar(session, now, max(since, now), until, _MOST) if until > now else []
        rows = [schedules.schedule_document(row) for row in schedules.every(session)]
    return render_template(
        "calendar.html",
        month=month,
        month_name=_month_name,
        earlier=_shifted(month, -1) if since > now else None,
        later=_shifted(month, 1) if month.year < now.year + _YEARS_AHEAD else None,
        days=_by_day(found),
        count=len(found),
        rows=rows,
        reports=catalogue().values(),
    )


@pages.get("/calendar/schedules")
def choose_report() -> Response:
    """On to the form of the report that was chosen."""
    return redirect(addresses.of_schedule(asking.report_named(request.args.get("report", "")).key), 303)


@pages.get("/calendar/schedules/<key>")
def schedule(key: str) -> Response:
    """The form of a schedule: that of the parameters of the address, or a new one."""
    report = asking.report_named(key)
    given = addresses.params_of(asking.query())
    return _form(key, given, schedule_forms.standing(context(), report, given))


@pages.post("/calendar/schedules/<key>")
def set_schedule(key: str) -> Response:
    """Set when the report is made, for the parameters of the form."""
    report, given = asking.report_named(key), schedule_forms.params_given(request.form)
    try:
        wanted = scheduling.asked(report, given, context().clock.now().date())
        timetable, enabled = schedule_forms.timetable_given(request.form)
        scheduling.schedule(context(), caller(), report, wanted, timetable, enabled=enabled)
    except ParameterError as error:
        return _form(key, given, request.form, {error.parameter: error.args[0]})
    except Problem as problem:
        if problem.status != 422:
            raise
        return _form(key, given, request.form, {str(one.field): one.message for one in problem.errors})
    return redirect("/report/calendar#schedules", 303)


@pages.post("/calendar/schedules/<key>/remove")
def remove_schedule(key: str) -> Response:
    """Take a schedule away: the report is made on each change again."""
    report, given = asking.report_named(key), schedule_forms.params_given(request.form)
    try:
        wanted = scheduling.asked(report, given, context().clock.now().date())
    except ParameterError as error:
        raise asking.wrong(error.parameter, error.args[0]) from error
    scheduling.unschedule(context(), caller(), report, wanted)
    return redirect("/report/calendar#schedules", 303)


def _form(
    key: str, given: Mapping[str, str], timetable: Mapping[str, str], wrong: Mapping[str, str] | None = None
) -> Response:
    report = catalogue()[key]
    with context().sessions() as session:
        fields = report_forms.fields(session, caller(), report, given)
    moving = {name for name, text in given.items() if text == schedules.DUE}
    shown = render_template(
        "schedule.html",
        report=report,
        fields=fields,
        moving=moving,
        may_move=schedules.moves,
        set=schedule_forms.shown(timetable),
        wrong=wrong or {},
    )
    return make_response(shown, 422 if wrong else 200)


def _by_day(found: Iterable[Coming]) -> list[tuple[date, list[Coming]]]:
    zone = ZoneInfo(shell.time_zone())
    return [(day, list(ones)) for day, ones in groupby(found, key=lambda one: one.when.astimezone(zone).date())]


def _month(text: str | None, now: datetime) -> date:
    """The first day of a month written ``2016-12``; of the present one where it is not one, or out of reach."""
    try:
        wanted = date.fromisoformat(f"{text}-01")
    except ValueError:
        return now.date().replace(day=1)
    return wanted if now.year <= wanted.year <= now.year + _YEARS_AHEAD else now.date().replace(day=1)


def _month_name(month: date) -> str:
    return format_skeleton("yMMMM", month, locale=shell.page_language("muster_report").locale)


def _shifted(month: date, by: int) -> date:
    at = month.year * 12 + month.month - 1 + by
    return date(at // 12, at % 12 + 1, 1)


def _bounds(month: date) -> tuple[datetime, datetime]:
    """The month in the reader's time zone, aware, UTC."""
    zone = ZoneInfo(shell.time_zone())
    last = month.replace(day=monthrange(month.year, month.month)[1])
    first, end = datetime.combine(month, time.min, zone), datetime.combine(last, time.max, zone)
    return first.astimezone(UTC), end.astimezone(UTC)
