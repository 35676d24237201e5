"""The home page: what waits for me, my deadlines, the portfolio, bookmarks, the newest submissions."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import bookmarks, home, project_pages, transitions
from muster_ingest.kinds.project import STATUSES
from muster_ingest.pages import pages
from muster_ingest.shown_values import Shown
from muster_ingest.upload_pages import may
from muster_shared.pages import navigation, shell
from muster_shared.web import caller, context

_HERE = "/ingest/"


@pages.get("/")
def home_page() -> AnyResponse | str:
    """Where a person begins; a donor's begin is the reports."""
    begin = navigation.home_of(caller())
    if begin != _HERE:
        return redirect(begin)
    with context().sessions() as session:
        submissions = home.newest_submissions(session, caller())
        counts = home.project_counts(session, caller())
    shown = Shown(shell.page_language("muster_ingest"), shell.time_zone())
    return render_template(
        "home.html",
        waiting=home.waiting_for(context(), caller()),
        submissions=submissions,
        counts={status: counts[status] for status in STATUSES if status in counts},
        bookmarks=bookmarks.kept(context(), caller(), 8),
        late_days=transitions.LATE_DAYS,
        may_upload=may("POST", "/ingest/upload"),
        **project_pages.words(shown),
    )
