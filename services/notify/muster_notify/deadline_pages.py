"""The pages of deadlines: as a list, as a calendar, and as parts of other services' pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, request
from sqlalchemy.orm import Session

from muster_notify import alarms, deadline_calendar, deadlines, extension_list
from muster_notify.deadlines import GROUPS, PAGE, Filters
from muster_notify.pages import pages, words
from muster_notify.windows import local_day
from muster_shared.auth import Caller
from muster_shared.pages import shell
from muster_shared.web import caller, context

_MOST_ON_HOME: Final = 8
_MOST_OF_PROJECT: Final = 100


@pages.get("/")
def deadlines_page() -> str:
    """What is owed, most overdue first, or a month of it as a calendar; the address holds every filter."""
    held, wanted = context(), deadlines.filters_of(request.args)
    with held.sessions() as session:
        told = _told(session, caller(), wanted, now=held.clock.now())
        if request.args.get("view") == "calendar":
            return _calendar(session, wanted, told, now=held.clock.now())
        return _list(session, wanted, told, now=held.clock.now())


@pages.get("/parts/deadlines")
def part_for_home() -> str:
    """The reader's own deadlines that are overdue or come next: of the projects they manage, if any, else all."""
    held, who = context(), caller()
    now = held.clock.now()
    with held.sessions() as session:
        wanted = Filters(mine=deadlines.manages_any(session, who))
        rows = deadlines.listed(session, who, wanted, now=now, most=_MOST_ON_HOME)
        counts = deadlines.counts(session, who, wanted, now=now)
        asked = extension_list.waiting(session, who)
    more = f"/notify/?{urlencode(wanted.query())}" if wanted.mine else "/notify/"
    return render_template("part_deadlines.html", rows=rows, counts=counts, more=more, words=words(), asked=asked)


@pages.get("/parts/project")
def part_for_project() -> str:
    """What a project owes and owed, with how each reminder of it fared."""
    held, code = context(), request.args.get("code", "")
    wanted = deadlines.filters_of({"project": code})
    with held.sessions() as session:
        rows = deadlines.of_project(session, caller(), code, now=held.clock.now(), most=_MOST_OF_PROJECT)
    more = f"/notify/?{urlencode(wanted.query())}"
    return render_template("part_project.html", rows=rows, code=code, more=more, words=words())


def _told(session: Session, who: Caller, wanted: Filters, *, now: datetime) -> dict[str, Any]:
    """What both views of the deadlines tell."""
    return {
        "wanted": wanted,
        "counts": deadlines.counts(session, who, wanted, now=now),
        "choices": deadlines.choices(session, who),
        "groups": GROUPS,
        "words": words(),
        "address": address,
        "asked": extension_list.waiting(session, who),
        "alarms": alarms.listed(session, who, office=None, standing=True)["items"],
    }


def _list(session: Session, wanted: Filters, told: Mapping[str, Any], *, now: datetime) -> str:
    page = deadlines.page_of(request.args)
    rows = deadlines.listed(session, caller(), wanted, now=now, page=page)
    return render_template(
        "deadlines.html",
        **told,
        view="list",
        shown=_in_groups(rows),
        page=page,
        pages=-(-sum(told["counts"][name] for name in deadlines.standings_of(wanted)) // PAGE),
    )


def _calendar(session: Session, wanted: Filters, told: Mapping[str, Any], *, now: datetime) -> str:
    today = local_day(now, shell.time_zone())
    locale = told["words"].language.locale
    month = deadline_calendar.month_of(request.args.get("month", ""), today=today, locale=locale)
    most = deadline_calendar.MOST_SHOWN
    entries, numbers = deadlines.in_month(
        session, caller(), wanted, first=month.begins, last=month.ends, most=most, now=now
    )
    weeks, total = month.days(entries, numbers), sum(n for day, n in numbers.items() if _is_in(day, month.first))
    shown = {"month": month, "weeks": weeks, "total": total, "today": today, "written": deadline_calendar.written}
    return render_template("calendar.html", **told, view="calendar", **shown)


def address(wanted: Filters, **changes: Any) -> str:
    """The address of the deadlines with these filters, some of them or of the view changed; None leaves one out."""
    query = {name: value for name, value in {**wanted.query(), **changes}.items() if value not in (None, "")}
    return f"/notify/?{urlencode(query)}" if query else "/notify/"


def _in_groups(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Rows by how they stand, in the order of ``GROUPS``."""
    grouped = ((name, [row for row in rows if row["group"] == name]) for name in GROUPS)
    return [(name, found) for name, found in grouped if found]


def _is_in(day: date, month: date) -> bool:
    return (day.year, day.month) == (month.year, month.month)
