"""The catalogue as a page: what there is, how fresh, and the form that opens any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import g, render_template

from muster_report import addresses, page_words, queries, report_forms, seen
from muster_report.pages import pages
from muster_report.released import is_donor
from muster_report.reports import catalogue
from muster_shared.pages.shell import page_language
from muster_shared.web import caller, context

_PACKAGE = "muster_report"
_SHOWN: Final = 5  # sets of parameters of each report; the others stand on its own page


@pages.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "words": page_words,
        "addresses": addresses,
        "described": _described,
        "report_title": lambda key: page_language(_PACKAGE).say(catalogue()[key].title),
        "figure": lambda value: page_words.figure(page_language(_PACKAGE), value),
        "publishes": lambda: caller().role in {"analyst", "admin"},
    }


def _described(key: str, params: Mapping[str, str]) -> str:
    return page_words.described(page_language(_PACKAGE), catalogue()[key], params, _donor_name)


def _donor_name(donor_id: str) -> str:
    """What a donor is called, asked once for a page."""
    known: dict[str, str] = g.setdefault("donor_names", {})
    if donor_id not in known:
        with context().sessions() as session:
            known[donor_id] = report_forms.donor_name(session, donor_id)
    return known[donor_id]


@pages.get("/")
def home() -> str:
    """The catalogue with the current issues of every report; for a donor, what was released to them."""
    with context().sessions() as session:
        items = seen.reports(session, caller(), most=_SHOWN)["items"]
        if is_donor(caller()):
            return render_template("released.html", report=items[0])
        fields = {item["key"]: report_forms.fields(session, caller(), catalogue()[item["key"]]) for item in items}
        sets = queries.sets_of_parameters(session)
    mine = [item for item in items if seen.may_ask_for(caller(), item["key"])]
    others = [item for item in items if item not in mine]
    return render_template("catalogue.html", reports=mine, others=others, fields=fields, sets=sets)
