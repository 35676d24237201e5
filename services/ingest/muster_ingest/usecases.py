"""What ingest does: one function, one transaction."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from psycopg import errors as pg
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from muster_ingest import checks, publish
from muster_ingest.checks import Prepared
from muster_ingest.envelope import Envelope, open_envelope
from muster_ingest.kinds.kind import Fields
from muster_ingest.models import IdempotencyKey, OfficeCounter, Record, Revision, Submission
from muster_ingest.reading import read_json, unstorable
from muster_ingest.rules import filled
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW, REPORT_FOLLOW
from muster_shared.problems import DataError, Problem, forbidden

_log = logging.getLogger(__name__)
_ATTEMPTS = 8
_RETRIABLE = (pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A body as it came in: who sent it, when, under which key."""

    caller: Caller
    body: bytes
    content_type: str
    key: str | None
    received_at: datetime
    submission_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: a receipt or a problem, and whether it was told so before."""

    document: dict[str, Any]
    status: int
    repeated: bool = False


class _Repeated(Exception):
    """The key was used in the meantime; its first answer stands."""


def submit(context: Context, caller: Caller, body: bytes, *, content_type: str, key: str | None) -> Answer:
    """Take a submission in: accepted or rejected as a whole, and kept either way.

    Raises:
        Problem: 403 for an office that is not the caller's, 409 for a key used with another body (nothing is kept).
    """
    sha256 = hashlib.sha256(body).hexdigest()
    arrival = Arrival(caller, body, content_type, key, context.clock.now(), uuid4(), sha256)
    earlier = _earlier(context, arrival)
    if earlier:
        return earlier
    try:
        answer = _take_in(context, arrival)
    except _Repeated:
        return _earlier(context, arrival) or submit(context, caller, body, content_type=content_type, key=key)
    if answer.status == 201:
        announce(context)
    return answer


def announce(context: Context) -> None:
    """Publish what was committed and wake the readers of the log; a sweep does both where this fails."""
    if publish.publish(context.sessions) is not None:
        context.wake(REPORT_FOLLOW)
        context.wake(NOTIFY_FOLLOW)


def _take_in(context: Context, arrival: Arrival) -> Answer:
    try:
        document = read_json(arrival.body)
    except Problem as problem:
        context.objects.put(arrival.body)
        return _reject(context, arrival, _only_office(arrival.caller), problem)
    wrong = list(unstorable(document))
    envelope = open_envelope(document)
    if envelope.office and not arrival.caller.may_write_for(envelope.office):
        raise forbidden(f"your token does not let you submit for office '{envelope.office[:40]}'")
    context.objects.put(arrival.body)
    if wrong:
        places = {error.pointer for error in wrong}
        envelope.errors = wrong + [error for error in envelope.errors if error.pointer not in places]
        return _reject(context, arrival, _only_office(arrival.caller), _rejection(envelope))
    return _retrying(lambda: _accept_or_reject(context, arrival, envelope))


def _accept_or_reject(context: Context, arrival: Arrival, envelope: Envelope) -> Answer:
    with context.sessions.begin() as session:
        _claim_key(session, arrival)
        prepared, errors = checks.prepare(session, envelope, arrival.caller)
        envelope_errors = [*envelope.errors, *errors]
        if not envelope_errors:
            return _accept(session, arrival, envelope, prepared)
        session.rollback()
    problem = _rejection(envelope, errors)
    return _reject(context, arrival, envelope.office, problem)


def _accept(session: Session, arrival: Arrival, envelope: Envelope, prepared: Sequence[Prepared]) -> Answer:
    office = envelope.office or ""
    changed = [(record, change) for record in prepared if (change := _change(record))]
    receipt = _receipt_number(session, office)
    document = _receipt(arrival, office, receipt, envelope, [change for _, change in changed])
    _keep(session, arrival, office=office, receipt=receipt, status="accepted", answer=Answer(document, 201))
    _write(session, arrival, [record for record, _ in changed])
    return Answer(document, 201)


def _receipt(
    arrival: Arrival, office: str, receipt: str, envelope: Envelope, changes: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    counts = {
        action: sum(change["action"] == action for change in changes) for action in ("new", "changed", "withdrawn")
    }
    return {
        "submission_id": str(arrival.submission_id),
        "receipt": receipt,
        "office": office,
        "status": "accepted",
        "received_at": iso_z(arrival.received_at),
        "sha256": arrival.sha256,
        "note": envelope.note,
        "records": envelope.count,
        **counts,
        "unchanged": envelope.count - len(changes),
        "changes": list(changes),
        "errors": [],
    }


def _change(record: Prepared) -> dict[str, Any] | None:
    stored = record.stored
    current: Fields = {} if stored is None or stored.withdrawn else stored.fields
    withdrawn = record.draft.action == "withdraw"
    new: Fields = {} if withdrawn else record.fields
    names = sorted({*current, *new})
    differing = {
        name: [current.get(name), new.get(name)] for name in names if filled(current.get(name)) != filled(new.get(name))
    }
    if not withdrawn and current and not differing and stored is not None and stored.office == record.office:
        return None
    return {
        "kind": record.draft.kind.name,
        "key": record.key,
        "action": "withdrawn" if withdrawn else "changed" if current else "new",
        "revision": (stored.revision if stored else 0) + 1,
        "fields": differing,
    }


def _write(session: Session, arrival: Arrival, records: Sequence[Prepared]) -> None:
    if not records:
        return
    rows = [_row(record) for record in records]
    new = [row for row, record in zip(rows, records, strict=True) if record.stored is None]
    if new:
        session.execute(insert(Record), new)
    for row, record in zip(rows, records, strict=True):
        if record.stored is not None:
            for name in ("revision", "office", "withdrawn", "fields"):
                setattr(record.stored, name, row[name])
    session.flush()
    session.execute(
        insert(Revision), [_revision(arrival, record, row) for row, record in zip(rows, records, strict=True)]
    )


def _row(record: Prepared) -> dict[str, Any]:
    return {
        "kind": record.draft.kind.name,
        "key": record.key,
        "revision": (record.stored.revision if record.stored else 0) + 1,
        "office": record.office,
        "withdrawn": record.draft.action == "withdraw",
        "fields": dict(record.fields),
    }


def _revision(arrival: Arrival, record: Prepared, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("kind", "key", "revision", "office", "fields")},
        "action": record.draft.action,
        "occurred_at": arrival.received_at,
        "actor": arrival.caller.name,
        "submission_id": arrival.submission_id,
        "pointer": record.draft.pointer,
    }


def _reject(context: Context, arrival: Arrival, office: str | None, problem: Problem) -> Answer:
    with context.sessions.begin() as session:
        _claim_key(session, arrival)
        receipt = _receipt_number(session, office) if office and _is_office(session, office) else None
        document = problem.document() | {"submission_id": str(arrival.submission_id), "receipt": receipt}
        answer = Answer(document, problem.status)
        _keep(session, arrival, office=office, receipt=receipt, status="rejected", answer=answer)
    return answer


def _is_office(session: Session, office: str) -> bool:
    known = session.get(Record, ("office", office))
    return known is not None or office == "HQ"


def _rejection(envelope: Envelope, errors: Sequence[DataError] = ()) -> Problem:
    found = sorted([*envelope.errors, *errors], key=lambda error: (error.record is not None, error.record or 0))
    detail = f"nothing of the submission was accepted: {len(found)} error{'s' if len(found) > 1 else ''}"
    return Problem(422, "rejected", detail, errors=found)


def _only_office(caller: Caller) -> str | None:
    return caller.offices[0] if len(caller.offices) == 1 else None


def _receipt_number(session: Session, office: str) -> str:
    query = upsert(OfficeCounter).values(office=office, last=1)
    query = query.on_conflict_do_update(index_elements=["office"], set_={"last": OfficeCounter.last + 1})
    number = session.execute(query.returning(OfficeCounter.last)).scalar_one()
    return f"{office}-{number:06d}"


def _keep(
    session: Session, arrival: Arrival, *, office: str | None, receipt: str | None, status: str, answer: Answer
) -> None:
    row = {
        "submission_id": arrival.submission_id,
        "receipt": receipt,
        "office": office,
        "status": status,
        "received_at": arrival.received_at,
        "caller": arrival.caller.name,
        "sha256": arrival.sha256,
        "size": len(arrival.body),
        "content_type": arrival.content_type,
        "http_status": answer.status,
        "document": answer.document,
    }
    session.execute(insert(Submission), [row])


def _claim_key(session: Session, arrival: Arrival) -> None:
    """Take the idempotency key in this transaction; a second one waits here until the first has ended."""
    if arrival.key is None:
        return
    row = {
        "caller": arrival.caller.name,
        "key": arrival.key,
        "sha256": arrival.sha256,
        "submission_id": arrival.submission_id,
    }
    claim = upsert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(claim).first() is None:
        raise _Repeated


def _earlier(context: Context, arrival: Arrival) -> Answer | None:
    if arrival.key is None:
        return None
    with context.sessions() as session:
        used = session.get(IdempotencyKey, (arrival.caller.name, arrival.key))
        if used is None:
            return None
        if used.sha256 != arrival.sha256:
            raise Problem(409, "key_reused", "this Idempotency-Key was used with another body: use a new key")
        first = session.scalars(select(Submission).where(Submission.submission_id == used.submission_id)).one()
        status = 200 if first.http_status == 201 else first.http_status
        return Answer(first.document, status, repeated=True)


def _retrying(work: Callable[[], T]) -> T:
    """Do a transaction again where another one was faster on the same rows."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return work()
        except DBAPIError as error:
            if attempt == _ATTEMPTS or not isinstance(error.orig, _RETRIABLE):
                raise
            _log.info("transaction again", extra={"attempt": attempt, "reason": type(error.orig).__name__})
    raise AssertionError("unreachable")
