"""What ingest tells: submissions, records, revisions, changes. Each query knows what its caller may see."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, Text, and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased, defer

from muster_ingest import submission_filters
from muster_ingest.identity.models import ErasureRow
from muster_ingest.kinds import KINDS
from muster_ingest.models import ChangeLogState, Record, Revision, Submission, Transition, WorkbookJob
from muster_ingest.receipts import LISTED
from muster_ingest.sources import source
from muster_ingest.visibility import records_seen, submissions_seen
from muster_ingest.writing import differences
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import Problem, not_found

MOST = 1000
_ERASING = select(ErasureRow.mark).where(ErasureRow.done_at.is_(None), ErasureRow.passes > 0).limit(1)
_LONG = ("changes", "unchanged_records", "errors")
# a rejected document may hold 10,000 errors
_SHORT = Submission.document.op("-", return_type=JSONB())(cast(list(_LONG), ARRAY(Text)))
ERRORS_FOUND = func.coalesce(  # of very many, those that were found stand apart from those that are told
    Submission.document["errors_found"].as_integer(), func.jsonb_array_length(Submission.document["errors"]), 0
)
_ORIGIN = defer(Submission.document)  # one row for each revision: what was answered is not read again with each


def standing(context: Context) -> dict[str, int]:
    """The newest position of the change log, how many committed changes still wait for theirs, how many workbooks."""
    unpublished = select(func.count()).select_from(Revision).where(Revision.position.is_(None))
    processing = select(func.count()).select_from(Submission).where(Submission.status == "processing")
    with context.sessions() as session:
        return {
            "position": session.scalars(select(ChangeLogState.last)).one(),
            "unpublished": session.scalar(unpublished) or 0,
            "processing": session.scalar(processing) or 0,
        }


def submissions(session: Session, caller: Caller, *, after: str | None, limit: int, **filters: Any) -> dict[str, Any]:
    """Submissions, newest first, as ``{items, next}``; ``filters`` as ``submission_filters.narrowed`` takes them."""
    query: Any = select(Submission, _SHORT, ERRORS_FOUND).options(_ORIGIN).where(~Submission.dry_run)
    query = query.where(submissions_seen(session, caller)).order_by(Submission.number.desc())
    query = submission_filters.narrowed(query, **filters)
    if after:
        query = query.where(Submission.number < _number(after))
    rows = session.execute(query.limit(limit + 1)).all()
    items = [{"errors_found": errors, **summary(row, short)} for row, short, errors in rows]
    return _listed(items, [str(row.Submission.number) for row in rows], limit)


def summary(row: Submission, short: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A submission without its changes and errors; ``short`` is its document without them, where it was read so."""
    document = row.document if short is None else short
    shown = {name: value for name, value in document.items() if name not in _LONG}
    return {
        **shown,
        "submission_id": str(row.submission_id),
        "receipt": row.receipt,
        "office": row.office,
        "status": row.status,
        "received_at": iso_z(row.received_at),
        "sha256": row.sha256,
        "sent_by": row.caller,
        "size": row.size,
        "file_name": row.file_name,
        "reverts": str(row.reverts) if row.reverts else None,
    }


def submission(session: Session, caller: Caller, submission_id: UUID) -> Submission:
    """One submission that the caller may see.

    Raises:
        Problem: 404, there is none, or none of the caller's.
    """
    query = select(Submission).where(Submission.submission_id == submission_id, submissions_seen(session, caller))
    row = session.scalars(query).first()
    if row is None:
        raise not_found(f"there is no submission {submission_id} that you may see")
    return row


def details(session: Session, row: Submission) -> dict[str, Any]:
    """The receipt or the errors of a submission, as ``errors`` and ``changes`` in either case.

    What an old receipt lists is not kept with it any more (``keeping_receipts``): it is read from the log.
    """
    job = session.get(WorkbookJob, row.submission_id) if row.status == "processing" else None
    progress = {"progress": job.progress} if job else {}
    is_short = row.status == "accepted" and "changes" not in row.document
    listed = changes_of(session, row, after=None, limit=LISTED)["items"] if is_short else []
    return {"changes": listed, "errors": [], **row.document, **summary(row), **progress}


def changes_of(session: Session, row: Submission, *, after: str | None, limit: int) -> dict[str, Any]:
    """What a submission changed, in the order sent, as ``{items, next}`` of a receipt's ``changes``."""
    before = aliased(Revision)
    same = and_(before.kind == Revision.kind, before.key == Revision.key, before.revision == Revision.revision - 1)
    query = (
        select(Revision, before)
        .outerjoin(before, same)
        .where(Revision.submission_id == row.submission_id)
        .order_by(Revision.change_id)
        .limit(limit + 1)
    )
    if after:
        query = query.where(Revision.change_id > _number(after))
    rows = session.execute(query).all()
    return _listed([_told(*pair) for pair in rows], [str(revision.change_id) for revision, _ in rows], limit)


def _told(revision: Revision, before: Revision | None) -> dict[str, Any]:
    stood = before.fields if before is not None and before.action == "upsert" else {}
    stands = revision.fields if revision.action == "upsert" else {}
    return {
        "kind": revision.kind,
        "key": revision.key,
        "action": "withdrawn" if not stands else "changed" if stood else "new",
        "revision": revision.revision,
        "fields": differences(stood, stands),
    }


def records(
    session: Session, caller: Caller, kind: str, *, filters: Mapping[str, Any], after: str | None, limit: int
) -> dict[str, Any]:
    """Current records of a kind in the order of their keys, as ``{items, next}``.

    ``filters``: ``office``, ``q`` (text anywhere in the record), ``region`` (of the owning office).
    """
    query = _visible(session, caller, kind).where(~Record.withdrawn).order_by(Record.key)
    if filters.get("office"):
        query = query.where(Record.office == filters["office"])
    if filters.get("region"):
        region = Record.fields["region"].astext
        offices = select(Record.key).where(Record.kind == "office", region == filters["region"])
        query = query.where(Record.office.in_(offices))
    if filters.get("q"):
        query = query.where(Record.fields.cast(Text).icontains(filters["q"], autoescape=True))
    if after:
        query = query.where(Record.key > _cursor(after))
    rows = session.execute(query.limit(limit + 1)).all()
    return _listed([_record(row) for row in rows], [row.Record.key for row in rows], limit)


def record(session: Session, caller: Caller, kind: str, key: str) -> dict[str, Any]:
    """One current record.

    Raises:
        Problem: 404, there is none, it was withdrawn, or it is not for the caller.
    """
    row = session.execute(_visible(session, caller, kind).where(Record.key == key)).first()
    if row is None or row.Record.withdrawn:
        raise not_found(f"there is no current {kind} '{key}' that you may see")
    return _record(row)


def revisions(session: Session, caller: Caller, kind: str, key: str) -> dict[str, Any]:
    """A record's history, newest first: what, who, when, from which submission and where in it."""
    if session.execute(_visible(session, caller, kind).where(Record.key == key)).first() is None:
        raise not_found(f"there is no {kind} '{key}' that you may see")
    query = (
        select(Revision, Submission)
        .join(Submission, Submission.submission_id == Revision.submission_id)
        .options(_ORIGIN)
        .where(Revision.kind == kind, Revision.key == key)
        .order_by(Revision.revision.desc())
    )
    return {"items": [_revision(row.Revision, row.Submission) for row in session.execute(query)], "next": None}


def changes(session: Session, *, after: int, limit: int) -> dict[str, Any]:
    """The change log after a position, oldest first; ``last`` is the newest position of all."""
    state = session.scalars(select(ChangeLogState)).one()
    of_project = and_(Revision.kind == "project", Transition.project_code == Revision.key)
    query = (
        select(Revision, Submission, Transition.comment)
        .join(Submission, Submission.submission_id == Revision.submission_id)
        .outerjoin(Transition, and_(of_project, Transition.revision == Revision.revision))
        .options(_ORIGIN)
        .where(Revision.position > after, Revision.position <= state.last)
        .order_by(Revision.position)
        .limit(limit)
    )
    items = [_change(row.Revision, row.Submission, row.comment) for row in session.execute(query)]
    erasing = {"erasing": True} if session.scalars(_ERASING).first() else {}
    return {"epoch": state.epoch, "items": items, "last": state.last, **erasing}


def _visible(session: Session, caller: Caller, kind: str) -> Select[Record, Revision, Submission]:
    if kind not in KINDS:
        raise not_found(f"there is no record kind '{kind[:40]}'; known are {', '.join(KINDS)}")
    return (
        select(Record, Revision, Submission)
        .join(
            Revision,
            and_(Revision.kind == Record.kind, Revision.key == Record.key, Revision.revision == Record.revision),
        )
        .join(Submission, Submission.submission_id == Revision.submission_id)
        .options(_ORIGIN)
        .where(Record.kind == kind, records_seen(session, caller, kind))
    )


def _record(row: Row[Record, Revision, Submission]) -> dict[str, Any]:
    return {
        "kind": row.Record.kind,
        "key": row.Record.key,
        "revision": row.Record.revision,
        "office": row.Record.office,
        "updated_at": iso_z(row.Revision.occurred_at),
        "updated_by": row.Revision.actor,
        "receipt": row.Submission.receipt,
        "fields": row.Record.fields,
    }


def _revision(row: Revision, origin: Submission) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": row.key,
        "revision": row.revision,
        "action": row.action,
        "office": row.office,
        "updated_at": iso_z(row.occurred_at),
        "updated_by": row.actor,
        "receipt": origin.receipt,
        "fields": row.fields,
        "source": source(row, origin),
    }


def _change(row: Revision, origin: Submission, comment: str | None) -> dict[str, Any]:
    """One entry of the log; ``comment`` is that of the endorsement step it came from."""
    return {
        "position": row.position,
        "kind": row.kind,
        "key": row.key,
        "revision": row.revision,
        "action": row.action,
        "office": row.office,
        "receipt": origin.receipt,
        "occurred_at": iso_z(row.occurred_at),
        "by": row.actor,
        "comment": comment,
        "fields": row.fields,
        "source": source(row, origin) | {"sha256": origin.sha256, "received_at": iso_z(origin.received_at)},
    }


def _listed(items: Sequence[dict[str, Any]], places: Sequence[str], limit: int) -> dict[str, Any]:
    more = len(items) > limit
    return {"items": list(items[:limit]), "next": _opaque(places[limit - 1]) if more else None}


def _opaque(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _number(text: str) -> int:
    number = _cursor(text)
    if not number.isdecimal():
        raise _bad_cursor()
    return int(number)


def _bad_cursor() -> Problem:
    return Problem(400, "bad_cursor", "after is not a cursor: take it from 'next' of a list")


def _cursor(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
