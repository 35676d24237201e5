"""The page of deadlines: what is overdue or due soon among what the caller may see."""

from __future__ import annotations

from flask import Blueprint, render_template

from muster_notify import queries
from muster_shared.web import caller, context

pages = Blueprint("pages", __name__, url_prefix="/notify", template_folder="templates")
_MOST = 200


@pages.get("/")
def home() -> str:
    """Overdue first, then what is due soon."""
    held = context()
    with held.sessions() as session:
        groups = {
            status: queries.obligations(
                session,
                caller(),
                now=held.clock.now(),
                status=status,
                office=None,
                project_code=None,
                after=None,
                limit=_MOST,
            )["items"]
            for status in ("overdue", "due_soon")
        }
    return render_template("deadlines.html", groups=groups)
