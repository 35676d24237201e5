"""The report part of administration as pages, and the same in short for the overview of all services."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from muster_report import addresses, administration, seen, usecases
from muster_report.pages import pages
from muster_shared import set_aside_routes
from muster_shared.names import REPORT_FOLLOW
from muster_shared.web import caller, context


@pages.get("/admin")
def admin() -> str:
    """What failed, what is stale, the last runs, looks, and the disk that issues use."""
    return render_template("report_admin.html", **administration.everything(context()))


@pages.get("/parts/admin")
def admin_part() -> str:
    """The same in short, without the frame of a page."""
    return render_template("parts/report_admin.html", **administration.overview(context()))


@pages.post("/admin/retry/<key>")
def retry(key: str) -> Response:
    """Make a report that failed again, now."""
    given = addresses.params_of({name: text for name, text in request.form.items() if name != "csrf_token"})
    report, params = seen.asked(caller(), key, given=given)
    usecases.ask_for_run(context(), caller(), report, params)
    return redirect("/report/admin", 303)


@pages.post("/admin/set-aside/<int:position>")
def retry_set_aside(position: int) -> Response:
    """Try a change again that could not be applied, now."""
    set_aside_routes.retry(context(), caller(), position, task=REPORT_FOLLOW)
    return redirect("/report/admin#set-aside", 303)
