"""Review: what waits in my regions and for how long, and a project's revisions compared field by field."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import render_template, request

from muster_ingest import comparing, office_choices, project_pages, queries, transitions
from muster_ingest.pages import pages
from muster_ingest.searching import project_href
from muster_ingest.shown_values import Shown, columns_by_name
from muster_shared.codelists import regions
from muster_shared.pages import shell
from muster_shared.web import caller, context

PAGE: Final = 20


@pages.get("/review")
def review() -> str:
    """What waits for a reviewer, longest first, by office, with the decisions at hand."""
    region = request.args.get("region", "")
    waits = transitions.waiting(context(), caller(), region or None)["items"]
    page = min(max(request.args.get("page", 1, type=int), 1), max(-(-len(waits) // PAGE), 1))
    shown = _shown()
    with context().sessions() as session:
        offices = office_choices.seen(session, caller())
    return render_template(
        "review.html",
        waits=[_with_steps(item) for item in waits[(page - 1) * PAGE : page * PAGE]],
        count=len(waits),
        late=sum(is_late(item) for item in waits),
        by_office=_by_office(waits),
        offices=offices,
        page=page,
        pages=max(-(-len(waits) // PAGE), 1),
        region=region,
        regions=_regions(shown),
        is_late=is_late,
        late_days=transitions.LATE_DAYS,
        key=secrets.token_hex(16),
        **project_pages.words(shown),
    )


@pages.get("/projects/<project_code>/compare")
def compare(project_code: str) -> str:
    """The newest revision beside the last endorsed one, or ``with`` another."""
    with context().sessions() as session:
        revisions = queries.revisions(session, caller(), "project", project_code)["items"]
    steps = transitions.history(context(), caller(), project_code)
    new, shown = revisions[0], _shown()
    base = _chosen(revisions, request.args.get("with", type=int)) or comparing.base_of(revisions)
    return render_template(
        "compare.html",
        code=project_code,
        href=project_href(project_code),
        new=new,
        base=base,
        endorsed=comparing.last_endorsed(revisions[1:]),
        revisions=revisions,
        fields=comparing.compared(base, new, shown),
        steps=steps["steps"],
        key=secrets.token_hex(16),
        **project_pages.words(shown),
    )


def is_late(item: Mapping[str, Any]) -> bool:
    """Whether a project waits longer than it should."""
    return bool(item["waiting_days"] > transitions.LATE_DAYS)


def _shown() -> Shown:
    return Shown(shell.page_language("muster_ingest"), shell.time_zone())


def _with_steps(item: Mapping[str, Any]) -> dict[str, Any]:
    steps = transitions.history(context(), caller(), item["project_code"])["steps"]
    return {**item, "steps": steps, "href": project_href(item["project_code"])}


def _by_office(waits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Offices with how many projects wait and for how long at most, the longest first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in waits:
        found.setdefault(item["office"], []).append(item)
    return [
        {"office": office, "count": len(items), "late": sum(map(is_late, items)), "longest": items[0]["waiting_days"]}
        for office, items in found.items()
    ]


def _regions(shown: Shown) -> dict[str, str]:
    seen = caller().regions or tuple(regions())
    column = columns_by_name("office")["region"]
    return {code: shown.code(column, code) for code in regions() if code in seen}


def _chosen(revisions: Sequence[Mapping[str, Any]], number: int | None) -> Mapping[str, Any] | None:
    return next((one for one in revisions[1:] if one["revision"] == number), None)
