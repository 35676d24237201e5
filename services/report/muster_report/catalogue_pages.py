"""The catalogue as a page: what there is, how fresh, and the form that opens any of it."""

from __future__ import annotations

from typing import Any

from flask import render_template

from muster_report import addresses, page_words, report_forms, seen
from muster_report.pages import pages
from muster_report.released import is_donor
from muster_report.reports import catalogue
from muster_shared.pages.shell import page_language
from muster_shared.web import caller, context

_PACKAGE = "muster_report"


@pages.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "words": page_words,
        "addresses": addresses,
        "described": lambda key, params: page_words.described(page_language(_PACKAGE), catalogue()[key], params),
        "report_title": lambda key: page_language(_PACKAGE).say(catalogue()[key].title),
        "figure": lambda value: page_words.figure(page_language(_PACKAGE), value),
        "publishes": lambda: caller().role in {"analyst", "admin"},
    }


@pages.get("/")
def home() -> str:
    """The catalogue with the current issues of every report; for a donor, what was released to them."""
    with context().sessions() as session:
        items = seen.reports(session, caller())["items"]
        if is_donor(caller()):
            return render_template("released.html", report=items[0])
        fields = {item["key"]: report_forms.fields(session, caller(), catalogue()[item["key"]]) for item in items}
    mine = [item for item in items if seen.may_ask_for(caller(), item["key"])]
    others = [item for item in items if item not in mine]
    return render_template("catalogue.html", reports=mine, others=others, fields=fields)
