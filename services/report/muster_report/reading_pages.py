"""An issue as pages: its sheets with the same figures as its workbook, and what each figure is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request

from muster_report import downloads, explaining, issue_books, reading, seen
from muster_report.blocks import Column, Row, Table, Value
from muster_report.book import Book, Sheet
from muster_report.models import Issue
from muster_report.pages import pages
from muster_report.released import is_donor
from muster_report.reports import catalogue
from muster_report.words import ENGLISH
from muster_shared.problems import not_found
from muster_shared.web import caller, context

_PARTS_ON_A_PAGE: Final = 100
_PARTS_BESIDE: Final = 30


@pages.get("/issues/<uuid:issue_id>/read")
def read_issue(issue_id: UUID) -> str:
    """One sheet of an issue: the page asked for, or the one that holds ``cell``."""
    with context().sessions() as session:
        issue = seen.issue(session, caller(), issue_id)
        told = seen.issue_document(session, caller(), issue_id)
    book = issue_books.whole(context(), issue)
    shown = _shown(issue, book, _sheet(book, request.args.get("sheet")))
    downloads.note(context(), caller(), catalogue()[issue.report], issue.params, issue)
    return render_template("reading.html", issue=told, report=catalogue()[issue.report], **shown)


@pages.get("/issues/<uuid:issue_id>/explain")
def explain(issue_id: UUID) -> str:
    """Where one figure comes from; with ``beside`` without the frame of a page, to stand beside the figures."""
    with context().sessions() as session:
        issue = seen.issue(session, caller(), issue_id)
    report, sheet, cell = catalogue()[issue.report], request.args.get("sheet"), request.args.get("cell")
    place = explaining.Place(sheet, cell, str(issue_id))
    told = explaining.explain(context(), caller(), report, issue.params, place)
    template = "parts/explanation.html" if "beside" in request.args else "explanation.html"
    return render_template(template, report=report, issue=issue, **_pages_of_parts(told))


def _pages_of_parts(told: dict[str, Any]) -> dict[str, Any]:
    """The biggest parts first, as many as fit."""
    beside, page = "beside" in request.args, _page(request.args.get("page"))
    most = _PARTS_BESIDE if beside else _PARTS_ON_A_PAGE
    ordered = sorted(told["parts"], key=lambda part: -abs(Decimal(part["value"] or 0)))
    first = 0 if beside else (page - 1) * most
    return {
        "told": told,
        "parts": ordered[first : first + most],
        "count": len(ordered),
        "first": first,
        "page": page,
        "more": len(ordered) > first + most,
    }


@dataclass(frozen=True, slots=True)
class _Explained:
    """The address behind a figure that can be explained to the caller; relative, as it stands in every cell."""

    issue: Issue
    sheet: str

    def link(self, table: Table, row: Row, column: Column, value: Value, cell: str) -> str:
        if not isinstance(value, int | Decimal) or table.parts is None:
            return ""
        if explaining.counts_people(
            catalogue()[self.issue.report], self.issue.params, (table.key, row.key, column.key)
        ):
            return ""
        return f"explain?{urlencode({'sheet': self.sheet, 'cell': cell})}"


def _shown(issue: Issue, book: Book, sheet: Sheet) -> dict[str, Any]:
    lang, cell = issue.params.get("lang", ENGLISH), request.args.get("cell", "")
    cut = reading.pages_of(sheet)
    row = int("".join(sign for sign in cell if sign.isdecimal())[:7] or 1)
    page = reading.page_with(cut, row) if cell else min(_page(request.args.get("page")), len(cut))
    link = (lambda *_: "") if is_donor(caller()) else _Explained(issue, sheet.name).link
    return {
        "lang": lang,
        "sheets": [one.name for one in book.sheets],
        "shown": reading.parts(book, sheet, cut[page - 1], lang, link),
        "page": page,
        "pages": len(cut),
        "explained": not is_donor(caller()),
        "donor": is_donor(caller()),
    }


def _sheet(book: Book, name: str | None) -> Sheet:
    if name is None:
        return book.sheets[0]
    known: Mapping[str, Sheet] = {sheet.name: sheet for sheet in book.sheets}
    if name not in known:
        raise not_found(f"there is no sheet '{name[:60]}'; there are {', '.join(known)}")
    return known[name]


def _page(text: str | None) -> int:
    return max(int(text), 1) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 1
