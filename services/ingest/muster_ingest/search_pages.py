"""The page of what was searched for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import render_template, request

from muster_ingest import project_pages, searching
from muster_ingest.pages import pages
from muster_ingest.shown_values import Shown
from muster_shared.language import noted
from muster_shared.pages import shell
from muster_shared.web import caller, context

KIND_NAMES: Final[Mapping[str, str]] = {
    "project": noted("Project"),
    "partner": noted("Partner"),
    "donor": noted("Donor"),
    "office": noted("Office"),
    searching.DOCUMENT: noted("Document"),
    searching.SUBMISSION: noted("Submission"),
}


@pages.get("/search")
def search() -> str:
    """What fits a question, best first, of what the caller may see."""
    asked, kind = request.args.get("q", "").strip(), request.args.get("kind", "")
    wanted = kind if kind in KIND_NAMES else None
    with context().sessions() as session:
        found = searching.search(session, caller(), asked, kind=wanted)
        alike = searching.finds_alike(session)
    shown = Shown(shell.page_language("muster_ingest"), shell.time_zone())
    told = {"asked": asked, "kind": wanted, "kinds": KIND_NAMES, "most": searching.MOST, "alike": alike}
    return render_template("search.html", found=found, **told, **project_pages.words(shown))
