"""Looking before leaping: a file is checked, its sender sees what it would change, and submits it without sending it
again. A check is a kept dry run: its bytes lie in the object store like those of any submission.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from muster_ingest import queries, restricted, submission_rows, uploads, usecases
from muster_ingest.models import IdempotencyKey, Submission, WorkbookJob
from muster_ingest.receipts import Answer, Arrival
from muster_ingest.uploads import Upload
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem


def check(context: Context, readers: Readers, caller: Caller, upload: Upload) -> UUID:
    """Try a file; what it would change, or every error, is kept under the id that is returned.

    Raises:
        Problem: as ``uploads.submit``.
    """
    tried = replace(upload, dry_run=True, key=None)
    answer = uploads.submit(context, readers, caller, tried)
    if answer.document["submission_id"]:
        return UUID(answer.document["submission_id"])
    came = uploads.arrived(context, caller, tried)
    _keep(context, came, answer, upload.kind)
    return came.submission_id


def _keep(context: Context, came: Arrival, answer: Answer, kind: str | None) -> None:
    document = answer.document | {"submission_id": str(came.submission_id), "kind": kind}
    with context.sessions.begin() as session:
        submission_rows.keep(session, came, answer.document["office"], Answer(document, answer.status))


def submit_checked(context: Context, readers: Readers, caller: Caller, submission_id: UUID) -> UUID:
    """Submit the file of a check, once however often it is asked for; returns the id of the submission.

    Raises:
        Problem: 404 no check that the caller may see, 403 of an office that is not the caller's or restricted,
            409 it was no check or had errors; and as ``uploads.submit``.
    """
    with context.sessions() as session:
        row = queries.submission(session, caller, submission_id)
        job = session.get(WorkbookJob, submission_id)
        session.expunge_all()
    usecases.check_office(caller, row.office or "")
    restricted.check(context, caller, row)
    if not row.dry_run or row.status != "accepted":
        raise Problem(409, "not_checked", "only a file that was checked and found to be right is submitted this way")
    upload = Upload(
        context.objects.get(row.sha256),
        row.file_name or "",
        office=row.office,
        kind=job.kind if job else row.document.get("kind"),
        note=row.document.get("note"),
        key=_key(submission_id),
    )
    return UUID(uploads.submit(context, readers, caller, upload).document["submission_id"])


def submitted_as(session: Session, caller: Caller, row: Submission) -> UUID | None:
    """The submission that the caller made of a check, if any."""
    used = session.get(IdempotencyKey, (caller.name, _key(row.submission_id))) if row.dry_run else None
    return used.submission_id if used else None


def _key(submission_id: UUID) -> str:
    return f"checked {submission_id}"
