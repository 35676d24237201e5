"""The pages of submissions: what came in, the receipt or every error where it is, undoing, submitting after a check."""

from __future__ import annotations

import secrets
from typing import Any, Final
from uuid import UUID

from flask import make_response, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import (
    checking,
    kind_words,
    office_choices,
    queries,
    remarks,
    reverting,
    told_changes,
    wrong_cells,
)
from muster_ingest.kinds import KINDS
from muster_ingest.models import Submission
from muster_ingest.pages import filters_of, pages
from muster_ingest.schemas import SubmissionsQuery
from muster_ingest.shown_values import Shown
from muster_ingest.upload_pages import may, readers
from muster_ingest.uploads import XLSX
from muster_shared.language import noted
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.web import caller, context

STATUS_NAMES: Final = {
    "accepted": noted("Accepted"),
    "rejected": noted("Rejected"),
    "processing": noted("Being worked on"),
}
_LISTED: Final = 30
_CHANGES: Final = 50
_FORETOLD: Final = 200
_ERRORS: Final = 200


@pages.get("/submissions")
def submissions() -> str:
    """What came in, newest first."""
    filters = filters_of(SubmissionsQuery, limit=_LISTED)
    with context().sessions() as session:
        listed = queries.submissions(session, caller(), **filters)
        offices = office_choices.seen(session, caller())
    return render_template(
        "submissions.html",
        listed=listed,
        filters=filters,
        offices=offices,
        kinds={name: kind_words.title(name, _language()) for name in KINDS},
        statuses=STATUS_NAMES,
        may_upload=may("POST", "/ingest/upload"),
        said_remark=_said_remark,
    )


@pages.get("/submissions/<uuid:submission_id>")
def submission(submission_id: UUID) -> str:
    """One submission: what it changed or would change, or every error where it is."""
    with context().sessions() as session:
        row = queries.submission(session, caller(), submission_id)
        told = _told(session, row)
    errors = told["submission"]["errors"][:_ERRORS]
    sheets = [] if row.restricted_at else wrong_cells.pictured(context(), readers(), row, errors)
    anchors = dict(wrong_cells.anchors(sheets))
    pictured = {"errors": errors, "sheets": sheets, "anchors": anchors, "said_remark": _said_remark}
    return render_template("submission.html", **told, **pictured, statuses=STATUS_NAMES)


@pages.post("/submissions/<uuid:submission_id>/submit")
def submit_checked(submission_id: UUID) -> AnyResponse:
    """Submit the file that was checked, without sending it again."""
    made = checking.submit_checked(context(), readers(), caller(), submission_id)
    return redirect(f"/ingest/submissions/{made}", 303)


@pages.post("/submissions/<uuid:submission_id>/revert")
def revert_submission(submission_id: UUID) -> AnyResponse:
    """First what undoing would restore; then, when that was confirmed, undo it."""
    key = request.form.get("sure", "")[:64] or None
    try:
        answer = reverting.revert(context(), caller(), submission_id, key=key, dry_run=key is None)
    except Problem as problem:
        if problem.status != 409:
            raise
        return _undoing(submission_id, problem.status, refusal=problem.document())
    if answer.status >= 400:
        return _undoing(submission_id, answer.status, refusal=answer.document)
    if key:
        return redirect(f"/ingest/submissions/{answer.document['submission_id']}", 303)
    return _undoing(submission_id, 200, foretold=answer.document)


def _language() -> Any:
    return shell.page_language("muster_ingest")


def _said_remark(text: str) -> str:
    return remarks.said(_language(), text)


def _is_open(row: Submission) -> bool:
    """Whether the caller may be shown the bytes that were sent."""
    return row.restricted_at is None or caller().role == "admin"


def _told(session: Session, row: Submission) -> dict[str, Any]:
    details = queries.details(session, row)
    listed = _changes(session, row, details)
    undone_by = select(Submission.submission_id, Submission.receipt).where(
        Submission.reverts == row.submission_id, Submission.status == "accepted"
    )
    writes = caller().may_write_for(row.office or "")
    return {
        "submission": details,
        "changes": list(told_changes.told(listed["items"], Shown(_language(), shell.time_zone()))),
        "more_changes": listed["next"],
        "is_check": row.dry_run,
        "is_open": _is_open(row),
        "is_workbook": row.content_type == XLSX,
        "may_submit": writes and may("POST", "/ingest/upload"),
        "may_undo": writes and row.status == "accepted" and not row.dry_run and bool(listed["items"]),
        "undone_by": session.execute(undone_by).first(),
        "submitted_as": checking.submitted_as(session, caller(), row),
    }


def _changes(session: Session, row: Submission, details: dict[str, Any]) -> dict[str, Any]:
    if row.dry_run or row.status != "accepted":
        return {"items": details["changes"][:_FORETOLD], "next": None}
    return queries.changes_of(session, row, after=request.args.get("after"), limit=_CHANGES)


def _undoing(submission_id: UUID, status: int, **outcome: Any) -> AnyResponse:
    with context().sessions() as session:
        row = queries.submission(session, caller(), submission_id)
        details = queries.summary(row)
    shown = Shown(_language(), shell.time_zone())
    foretold = outcome.get("foretold", {}).get("changes", ())[:_FORETOLD]
    rendered = render_template(
        "submission_undo.html",
        submission=details,
        changes=list(told_changes.told(foretold, shown)),
        total=sum(outcome["foretold"][name] for name in ("new", "changed", "withdrawn")) if foretold else 0,
        refusal=outcome.get("refusal"),
        sure=secrets.token_hex(16),
    )
    return make_response(rendered, status)
