"""Two issues cell by cell as a page: what changed most stands first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from flask import render_template, request

from muster_report import asking, comparing, seen
from muster_report.pages import pages
from muster_report.reports import catalogue
from muster_shared.problems import not_found
from muster_shared.web import caller, context

_ON_A_PAGE: Final = 300


@pages.get("/compare")
def compare() -> str:
    """From the issue ``a`` to the issue ``b``, sheet by sheet, the biggest difference first."""
    before, after = (_issue_id(request.args.get(name), name) for name in ("a", "b"))
    with context().sessions() as session:
        issues = [seen.issue(session, caller(), issue_id) for issue_id in (before, after)]
        told = [seen.issue_document(session, caller(), issue_id) for issue_id in (before, after)]
    found: Sequence[dict[str, Any]] = comparing.compare(context(), before, after)["items"]
    text = request.args.get("page", "1")
    page = max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    first = (page - 1) * _ON_A_PAGE
    return render_template(
        "compare.html",
        report=catalogue()[issues[0].report],
        before=told[0],
        after=told[1],
        count=len(found),
        sheets=_by_sheet(found[first : first + _ON_A_PAGE]),
        page=page,
        more=len(found) > first + _ON_A_PAGE,
    )


def _by_sheet(found: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(sheet, list(differences)) for sheet, differences in groupby(found, key=itemgetter("sheet"))]


def _issue_id(text: str | None, name: str) -> UUID:
    if not text:
        raise asking.wrong(name, "pick two issues on the page of their report")
    try:
        return UUID(text)
    except ValueError as error:
        raise not_found(f"there is no issue '{text[:60]}'") from error
