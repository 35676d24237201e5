"""The page of submissions: what came in from the caller's offices, and what was wrong with it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from muster_ingest import queries
from muster_shared.web import caller, context

pages = Blueprint("pages", __name__, url_prefix="/ingest", template_folder="templates")
_MOST = 200


@pages.get("/")
def home() -> str:
    """The newest submissions."""
    with context().sessions() as session:
        listed = queries.submissions(session, caller(), office=None, status=None, after=None, limit=_MOST)
    return render_template("submissions.html", submissions=listed["items"])


@pages.get("/submissions/<uuid:submission_id>")
def submission(submission_id: UUID) -> str:
    """One submission: what changed, or every error."""
    with context().sessions() as session:
        details = queries.details(session, queries.submission(session, caller(), submission_id))
    return render_template("submission.html", submission=details)
