"""The page of requests for more time, where the reviewer of the region decides on those that wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from muster_notify import extension_list, extensions
from muster_notify.actors import actor_of_caller
from muster_notify.deadlines import choices, filters_of
from muster_notify.deed_forms import decision_of
from muster_notify.extensions import Decision
from muster_notify.obligation_pages import done_in, trouble
from muster_notify.pages import pages, see_other, words
from muster_notify.people_routes import day_of, records
from muster_shared.auth import Caller
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_STATUSES: Final = ("open", "approved", "refused", "")
_PAGE: Final = 50


@pages.get("/extensions")
def extensions_page() -> str:
    """Requests for more time, those that wait first; whoever decides does it here."""
    return _shown(done=done_in(request.args))


@pages.post("/extensions/<project_code>/<requested_on>")
def decide_on_extension(project_code: str, requested_on: str) -> AnyResponse | tuple[str, int]:
    """Approve or refuse a request; whoever asked hears of it."""
    try:
        decision = Decision(day_of(requested_on).isoformat(), **decision_of(request.form))
        done = extensions.decide(context(), records(), caller(), project_code, decision)
    except Problem as problem:
        if problem.status not in (409, 422, 503):
            raise
        return _shown(done={}, wrong=trouble(problem)), problem.status
    what = {"done": decision.decision, "receipt": done.receipt}
    return see_other(f"/notify/extensions?{urlencode(what)}")


def _shown(*, done: Mapping[str, Any], wrong: str = "") -> str:
    wanted, status = filters_of(request.args), request.args.get("status", "open")
    status = status if status in _STATUSES else "open"
    held, who = context(), caller()
    filters = {"office": wanted.office or None, "region": wanted.region or None, "project": wanted.project or None}
    with held.sessions() as session:
        found = _listed(session, who, status, filters)
        regions = {one["region"] for one in found["items"] if one["status"] == "open"}
        told = {
            "items": found["items"],
            "next": found["next"],
            "deciding": {region for region in regions if _decides(session, who, region)},
            "asked": extension_list.waiting(session, who),
            "choices": choices(session, who),
        }
    given = {name: value for name, value in filters.items() if value}
    return render_template(
        "extensions.html",
        **told,
        **_view(status, given),
        wanted=wanted,
        words=words(),
        done=done,
        wrong=wrong,
        form=request.form,
    )


def _view(status: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The statuses to choose from, each with its address, and the one that is shown."""
    statuses = [(name, f"/notify/extensions?{urlencode({**given, 'status': name})}") for name in _STATUSES]
    return {"statuses": statuses, "status": status, "path": dict(statuses)[status]}


def _listed(session: Session, who: Caller, status: str, filters: Mapping[str, str | None]) -> dict[str, Any]:
    named = {"region": filters["region"], "office": filters["office"], "project_code": filters["project"]}
    after = request.args.get("after") or None
    return extension_list.extensions(session, who, status=status or None, after=after, limit=_PAGE, **named)


def _decides(session: Session, who: Caller, region: str | None) -> bool:
    """Whether the reader decides on requests of a region's projects."""
    try:
        return actor_of_caller(session, who, region=region).decides
    except Problem:
        return False
