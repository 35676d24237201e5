"""Undoing a submission: new revisions restore what stood before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session, aliased

from muster_ingest import queries, remarks, usecases
from muster_ingest.drafts import Draft, Drafts, InDocument
from muster_ingest.envelope import Envelope
from muster_ingest.judging import Judging
from muster_ingest.kinds import KINDS
from muster_ingest.models import Record, Revision, Submission
from muster_ingest.receipts import Answer, Arrival
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem


def revert(
    context: Context, caller: Caller, submission_id: UUID, *, key: str | None = None, dry_run: bool = False
) -> Answer:
    """Restore what a submission changed; a dry run only says what that would be.

    Raises:
        Problem: 404 none that the caller may see, 403 of an office that is not the caller's, 409 it was not accepted
            or changed nothing, or a later submission touched the same records, which are named.
    """
    with context.sessions() as session:
        undone = queries.submission(session, caller, submission_id)
        session.expunge(undone)
    usecases.check_office(caller, undone.office or "")
    body = json.dumps({"revert": str(submission_id)}).encode()
    came = usecases.arrival(context, caller, body, content_type="application/json", key=key, dry_run=dry_run)
    return usecases.once(context, came, lambda: _revert(context, came, undone, body))


def _revert(context: Context, came: Arrival, undone: Submission, body: bytes) -> Answer:
    with context.sessions() as session:
        rows = _revisions(session, undone.submission_id)
    if undone.status != "accepted" or not rows:
        raise Problem(409, "nothing_to_undo", f"submission {undone.receipt or undone.submission_id} changed nothing")
    envelope = Envelope(undone.office, remarks.UNDOES.format(receipt=undone.receipt), len(rows), _drafts(rows))
    if not came.dry_run:
        context.objects.put(body)
    keeping = {"reverts": undone.submission_id}
    return Judging(
        context, came, envelope, before=lambda session: _refuse_later(session, undone), keeping=keeping
    ).judge()


def _revisions(session: Session, submission_id: UUID) -> Sequence[Row[Revision, Revision]]:
    """What the submission wrote, newest first so that what names another goes before it; with what stood before."""
    before = aliased(Revision)
    joined = and_(before.kind == Revision.kind, before.key == Revision.key, before.revision == Revision.revision - 1)
    query = (
        select(Revision, before)
        .outerjoin(before, joined)
        .where(Revision.submission_id == submission_id)
        .order_by(Revision.change_id.desc())
    )
    rows = session.execute(query).all()
    session.expunge_all()
    return rows


def _drafts(rows: Sequence[Row[Revision, Revision]]) -> Drafts:
    drafts = Drafts()
    for index, (revision, before) in enumerate(rows):
        stood = before is not None and before.action == "upsert"
        fields = before.fields if stood else revision.fields
        action = "upsert" if stood else "withdraw"
        drafts.append(Draft(KINDS[revision.kind], action, fields, (), revision.revision, InDocument(index)))
    return drafts


def _refuse_later(session: Session, undone: Submission) -> None:
    """Locks the records too, so that what is found here still holds when they are written."""
    query = (
        select(Record, Revision)
        .join(Revision, and_(Revision.kind == Record.kind, Revision.key == Record.key))
        .where(Revision.submission_id == undone.submission_id)
        .order_by(Record.kind, Record.key)
        .with_for_update(of=Record)
    )
    later = [record for record, revision in session.execute(query) if record.revision != revision.revision]
    if later:
        errors = [_touched(session, record) for record in later]
        detail = f"{len(later)} of its records were changed by later submissions: undo those first"
        raise Problem(409, "changed_since", detail, errors=errors)
    session.expunge_all()


def _touched(session: Session, record: Record) -> DataError:
    query = (
        select(Submission.receipt, Revision.actor)
        .join(Revision, Revision.submission_id == Submission.submission_id)
        .where(Revision.kind == record.kind, Revision.key == record.key, Revision.revision == record.revision)
    )
    receipt, actor = session.execute(query).one()
    message = f"{record.kind} {record.key} was changed again by {actor} with {receipt}"
    return DataError("changed_since", message, value=f"{record.kind}/{record.key}")
