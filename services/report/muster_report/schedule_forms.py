"""The form of a schedule: what it asks for, and what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from muster_report import addresses, asking, schedules, scheduling
from muster_report.models import Schedule
from muster_report.reports import ParameterError, Report
from muster_report.timetable import Timetable
from muster_shared.context import Context
from muster_shared.problems import Problem

_FOLLOWS: Final = "follows_"  # before the name of a parameter that follows the day
_OF_TIMETABLE: Final = frozenset({"csrf_token", "kind", "time_zone", "hour", "dates", "enabled"})


def params_given(form: Mapping[str, str]) -> dict[str, str]:
    """The parameters in the form; those that follow the day are ``@due``."""
    stated = {name: text for name, text in form.items() if name not in _OF_TIMETABLE and not name.startswith(_FOLLOWS)}
    moving = {name.removeprefix(_FOLLOWS): schedules.DUE for name in form if name.startswith(_FOLLOWS)}
    return {**addresses.params_of(stated), **moving}


def timetable_given(form: Mapping[str, str]) -> tuple[Timetable, bool]:
    """When the report is to be made, and whether the schedule holds or rests.

    Raises:
        Problem: 422 for an hour or a day that cannot be read.
    """
    kind = form.get("kind", "")
    dates = _dates(form.get("dates", "")) if kind == "dates" else ()
    return Timetable(kind, form.get("time_zone", "").strip() or "UTC", _hour(form.get("hour", "")), dates), (
        "enabled" in form
    )


def standing(context: Context, report: Report, given: Mapping[str, str]) -> dict[str, str]:
    """The timetable that stands for these parameters, as the form writes it; empty where there is none yet."""
    try:
        row = scheduling.one(context, report, scheduling.asked(report, given, context.clock.now().date()))
    except (ParameterError, Problem):
        return {}
    return _written(row)


def shown(given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of the timetable, each filled in."""
    enabled = "enabled" in given or "kind" not in given
    first = {"kind": "month_end", "time_zone": "UTC", "hour": "22", "dates": ""}
    return {**first, **{name: given[name] for name in first if name in given}, "enabled": enabled}


def _written(row: Schedule) -> dict[str, str]:
    days = "\n".join(day.isoformat() for day in row.dates)
    written = {"kind": row.kind, "time_zone": row.time_zone, "hour": str(row.hour), "dates": days}
    return {**written, "enabled": "yes"} if row.enabled else written


def _hour(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise asking.wrong("hour", f"'{text[:20]}' is not an hour of the day: give 0 to 23")
    return int(text)


def _dates(text: str) -> tuple[date, ...]:
    return tuple(_date(part) for part in text.replace(",", " ").split())


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise asking.wrong("dates", f"'{text[:20]}' is not a day: write it like 2016-12-31") from error
