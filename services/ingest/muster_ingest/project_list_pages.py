"""The page that lists projects; its address holds the filters."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, request

from muster_ingest import office_choices, project_list, project_pages, world
from muster_ingest.kinds.project import STATUSES
from muster_ingest.pages import pages
from muster_ingest.project_list import Asked
from muster_ingest.shown_values import Shown, columns_by_name
from muster_shared.codelists import areas, regions
from muster_shared.pages import shell
from muster_shared.web import caller, context

_HERE: Final = "/ingest/projects"


@pages.get("/projects")
def projects() -> str:
    """Projects by status, office, region, area and donor, sorted by any column."""
    asked = _asked()
    with context().sessions() as session:
        listed = project_list.projects(session, caller(), asked)
        offices = office_choices.seen(session, caller())
        donors = world.names_of(session, "donor", None)
    shown = Shown(shell.page_language("muster_ingest"), shell.time_zone())
    return render_template(
        "projects.html",
        listed=listed,
        asked=asked,
        offices=offices,
        donors=dict(sorted(donors.items(), key=lambda each: each[1])),
        statuses=STATUSES,
        **_codes(shown),
        address=lambda **changes: _address(asked, **changes),
        **project_pages.words(shown),
    )


def _codes(shown: Shown) -> dict[str, Any]:
    area, region = columns_by_name("project")["areas.code"], columns_by_name("office")["region"]
    return {
        "areas": {code: shown.code(area, code) for code in areas()},
        "regions": {code: shown.code(region, code) for code in regions()},
    }


def _asked() -> Asked:
    said = {name: request.args.get(name, "").strip() for name in project_list.FILTERS}
    sort = request.args.get("sort", "code")
    wanted = sort.removeprefix("-")
    return Asked(
        {name: value for name, value in said.items() if value},
        wanted if wanted in project_list.SORTS else "code",
        descending=sort.startswith("-"),
        page=request.args.get("page", 1, type=int),
    )


def _address(asked: Asked, *, page: int | None = None, sort: str | None = None) -> str:
    """The same list on another page, or sorted by a column; by the column it is sorted by already, the other way."""
    turned = sort == asked.sort and not asked.descending
    by = (f"-{sort}" if turned else sort) if sort else ("-" if asked.descending else "") + asked.sort
    query = dict(asked.filters) | ({"sort": by} if by != "code" else {})
    query |= {"page": str(page)} if page and page > 1 else {}
    return f"{_HERE}?{urlencode(query)}" if query else _HERE
