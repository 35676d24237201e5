"""The page of reminders: who was told of what, and what became of it."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import render_template, request

from muster_notify import reminder_list
from muster_notify.pages import pages, words
from muster_shared.web import caller, context


@pages.get("/reminders")
def reminders_page() -> str:
    """Reminders that were sent, wait, failed or were not sent, the newest first; the address holds the filters."""
    wanted, after = reminder_list.filters_of(request.args), request.args.get("after") or None
    with context().sessions() as session:
        found = reminder_list.listed(session, caller(), wanted, after=after)
        counts = reminder_list.counts(session, caller())
    return render_template(
        "reminders.html",
        items=found["items"],
        next=found["next"],
        counts=counts,
        wanted=wanted,
        others={name: value for name, value in wanted.items() if name != "status"},
        after=after,
        query=urlencode,
        words=words(),
    )
