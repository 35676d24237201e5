"""The audit trail of a service as a page, and as a part of the page that searches all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request

from muster_shared import audit, audit_verifying
from muster_shared.audit import ENTRY
from muster_shared.audit_search import matching
from muster_shared.audit_verifying import Verified
from muster_shared.context import Context
from muster_shared.pages import health_pages, shell

TYPED: Final = ("person", "project_code", "action", "outcome", "since", "until")
_LISTED: Final = 30
_EXPORTED: Final = 10_000
_OUTCOMES: Final = ("done", "refused")


def add_to(routes: Blueprint) -> None:
    """Give a service the page and the part."""

    @routes.get("/audit")
    def audit_page() -> str:
        return render_template("audit.html", **told())

    @routes.get("/parts/audit")
    def audit_part() -> str:
        return render_template("part_audit.html", **told())


def told() -> dict[str, Any]:
    """What the part shows: entries as the address of the request asks for, newest first."""
    context, typed = _context(), typed_filters(request.args)
    asked = _asked(typed)
    audit.seal(context.sessions)
    entries = _newest(context, asked, request.args.get("before", type=int))
    given = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asked.items()}
    return {
        "service": context.service,
        "service_names": health_pages.SERVICE_NAMES,
        "typed": typed,
        "query": urlencode(typed),
        "entries": entries[:_LISTED],
        "older": entries[_LISTED - 1]["number"] if len(entries) > _LISTED else None,
        "export": f"/{context.service}/v1/audit.csv?{urlencode({**given, 'limit': _EXPORTED})}",
        "verified": _verified(context) if "verify" in request.args else None,
    }


def typed_filters(sent: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address as they were typed, without blank ones and without what is no filter."""
    given = {name: text.strip().replace("\x00", "") for name, text in sent.items() if name in TYPED}
    return {name: text for name, text in given.items() if text and not _is_wrong(name, text)}


def _is_wrong(name: str, text: str) -> bool:
    return (name == "outcome" and text not in _OUTCOMES) or (name in {"since", "until"} and _day(text) is None)


def _asked(typed: Mapping[str, str]) -> dict[str, Any]:
    """The filters as the search takes them: days are those of the reader's time zone, the last one included."""
    found: dict[str, Any] = dict(typed)
    for name, more in (("since", 0), ("until", 1)):
        if day := _day(typed.get(name, "")):
            found[name] = datetime.combine(day + timedelta(days=more), time(), ZoneInfo(shell.time_zone()))
    return found


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date.min < found < date.max else None


def _newest(context: Context, asked: Mapping[str, Any], before: int | None) -> list[dict[str, Any]]:
    query = matching(asked).order_by(ENTRY.c.number.desc()).limit(_LISTED + 1)
    if before is not None and 0 <= before < 2**63:
        query = query.where(ENTRY.c.number < before)
    with context.sessions() as session:
        return [audit.document(row) for row in session.execute(query).mappings()]


def _verified(context: Context) -> Verified:
    with context.sessions() as session:
        return audit_verifying.verify(session)


def _context() -> Context:
    held: Context = current_app.extensions["muster"]
    return held
