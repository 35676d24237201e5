"""How a service is, as a page and as a part of the overview that administrators see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from babel.units import format_unit
from flask import Blueprint, render_template

from muster_shared.context import Context
from muster_shared.health import Standing, health
from muster_shared.language import Language, noted

SERVICE_NAMES: Final[Mapping[str, str]] = {
    "ingest": noted("Submissions and records"),
    "report": noted("Reports"),
    "notify": noted("Deadlines and reminders"),
}
_PART_NAMES: Final[Mapping[str, str]] = {
    "database": noted("Database"),
    "broker": noted("Broker of tasks (Redis)"),
    "objects": noted("Store of files"),
}
_STANDING_NAMES: Final[Mapping[str, str]] = {
    "position": noted("Position in the change log"),
    "unpublished": noted("Changes that have no position yet"),
    "processing": noted("Workbooks being read"),
    "stale": noted("Reports to be made again"),
    "failing": noted("Reports that failed at their last attempt"),
    "set_aside": noted("Changes that could not be applied and are set aside"),
    "judged": noted("Deadlines judged up to position"),
    "sendable": noted("Mails that may go out"),
    "over_cap": noted("Mails that wait for their reader's next hour"),
    "in_doubt": noted("Mails that may have arrived already"),
}
_WORDS: Final = {"service_names": SERVICE_NAMES, "part_names": _PART_NAMES, "standing_names": _STANDING_NAMES}
_TIMES: Final = 1000
_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


def add_to(routes: Blueprint, context: Context, standing: Standing) -> None:
    """Give a service the page and the part."""

    @routes.get("/health")
    def health_page() -> str:
        return render_template("health.html", **told(context, standing))

    @routes.get("/parts/health")
    def health_part() -> str:
        return render_template("part_health.html", **told(context, standing))


def told(context: Context, standing: Standing) -> dict[str, Any]:
    """What the part shows of a service."""
    return {"health": health(context, standing), "size": size, **_WORDS}


def size(language: Language, count: int) -> str:
    """So many bytes as people say it: 13.6 MB."""
    value, unit = float(count), 0
    while value >= _TIMES and unit < len(_UNITS) - 1:
        value, unit = value / _TIMES, unit + 1
    form: Literal["short", "long"] = "short" if unit else "long"  # "69 byte" is no English
    return format_unit(round(value, 1), f"digital-{_UNITS[unit]}", form, locale=language.locale)
