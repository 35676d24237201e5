"""Accepting or rejecting what an envelope sends, as a whole, in one transaction; it is kept either way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from psycopg import errors as pg
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from muster_ingest import receipts
from muster_ingest.checks import Review
from muster_ingest.envelope import Envelope
from muster_ingest.models import Base, IdempotencyKey, Record, Submission
from muster_ingest.receipts import Answer, Arrival, Tally
from muster_ingest.writing import TakenMeanwhile, write
from muster_shared import audit
from muster_shared.context import Context
from muster_shared.problems import Problem

_log = logging.getLogger(__name__)
_ATTEMPTS = 8
_RETRIABLE = (pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, TakenMeanwhile)
_STATUSES = {200: "accepted", 201: "accepted", 202: "processing"}
_SETTLED = ("submission_id", "received_at", "caller")  # what the end of the work does not change
_NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})
_NEXT_NUMBER = text(
    """
    INSERT INTO office_counter (office, last) VALUES (:office, 1)
    ON CONFLICT (office) DO UPDATE SET last = office_counter.last + 1 RETURNING last
    """
)
T = TypeVar("T")


class Repeated(Exception):
    """The key was used in the meantime; its first answer stands."""


class Ended(Exception):
    """Another worker has ended the submission in the meantime."""


def _nothing(_session: Session) -> None:
    pass


def _no_tick(_done: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Judging:
    """What is judged, and what goes with it into the same transaction.

    Attributes:
        before: done first in the transaction; raises a ``Problem`` where the submission may not be.
        keeping: further columns of the submission's row.
        tick: told the share of records that is done, from 0 to 1.
    """

    context: Context
    arrival: Arrival
    envelope: Envelope
    before: Callable[[Session], None] = _nothing
    keeping: Mapping[str, Any] = field(default_factory=dict)
    tick: Callable[[float], None] = _no_tick

    def judge(self) -> Answer:
        """Accepted or rejected as a whole.

        Raises:
            Repeated: the idempotency key was used meanwhile.
            Problem: ``before`` says so.
        """
        known = (self.envelope.found, len(self.envelope.errors))
        return retrying(lambda: self._once(known))

    def _once(self, known: tuple[int, int]) -> Answer:
        self.envelope.found = known[0]
        del self.envelope.errors[known[1] :]
        with self.context.sessions.begin() as session:
            self.before(session)
            answer = self._accept(session)
            if answer is not None and not self.arrival.dry_run:
                return answer
            session.rollback()
        if answer is not None:
            return answer
        problem = receipts.rejection(self.envelope)
        return reject(self.context, self.arrival, self.envelope.office, problem, self.keeping)

    def _accept(self, session: Session) -> Answer | None:
        """The answer to what is right, written but not committed; None where something is wrong."""
        if not self.arrival.dry_run:
            claim_key(session, self.arrival)
        tally, done = Tally(), 0
        for batch in Review(session, self.envelope, self.arrival.caller).batches():
            write(session, self.arrival, batch, tally)
            done += len(batch)
            self.tick(done / len(self.envelope.drafts))
        if self.envelope.found:
            return None
        if self.arrival.dry_run:
            return Answer(receipts.receipt(self.arrival, self.envelope, None, tally), 200)
        number = receipt_number(session, self.envelope.office or "")
        answer = Answer(receipts.receipt(self.arrival, self.envelope, number, tally), 201)
        keep(session, self.arrival, self.envelope.office, answer, self.keeping)
        return answer


def reject(
    context: Context, arrival: Arrival, office: str | None, problem: Problem, keeping: Mapping[str, Any] = _NOTHING_MORE
) -> Answer:
    """Keep a submission that is not accepted, and what was wrong with it."""
    with context.sessions.begin() as session:
        claim_key(session, arrival)
        number = receipt_number(session, office) if office and _is_office(session, office) else None
        document = problem.document() | {"submission_id": str(arrival.submission_id), "receipt": number}
        answer = Answer(document, problem.status)
        keep(session, arrival, office, answer, keeping)
    return answer


def keep(
    session: Session,
    arrival: Arrival,
    office: str | None,
    answer: Answer,
    keeping: Mapping[str, Any] = _NOTHING_MORE,
) -> None:
    """Write the submission's row; of one that was being worked on, how it ended.

    Raises:
        Ended: it had ended already.
    """
    row = {
        "submission_id": arrival.submission_id,
        "receipt": answer.document.get("receipt"),
        "office": office,
        "status": _STATUSES.get(answer.status, "rejected"),
        "received_at": arrival.received_at,
        "caller": arrival.caller.name,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "content_type": arrival.content_type,
        "file_name": arrival.file_name,
        "dry_run": arrival.dry_run,
        "http_status": answer.status,
        "document": answer.document,
        **keeping,
    }
    if session.execute(_keeping(tuple(row)), row).first() is None:
        raise Ended
    if row["status"] != "processing":
        _audit(session, arrival, row)


@cache
def _keeping(columns: tuple[str, ...]) -> ReturningInsert[UUID]:
    """The statement that writes these columns; made once, as that takes longer than the database takes for it."""
    table = Base.metadata.tables[Submission.__tablename__]
    statement = upsert(table)
    ending = {name: statement.excluded[name] for name in columns if name not in _SETTLED}
    statement = statement.on_conflict_do_update(
        index_elements=["submission_id"], set_=ending, where=table.c.status == "processing"
    )
    return statement.returning(table.c.submission_id)


def _audit(session: Session, arrival: Arrival, row: Mapping[str, Any]) -> None:
    told = {name: row[name] for name in ("receipt", "office", "status", "file_name", "dry_run") if row[name]}
    outcome = "done" if row["status"] == "accepted" else "refused"
    subject = {"submission_id": str(arrival.submission_id), **told}
    audit.note(session, arrival.caller, "submission", subject, at=arrival.received_at, outcome=outcome)


def _is_office(session: Session, office: str) -> bool:
    return session.get(Record, ("office", office)) is not None or office == "HQ"


def receipt_number(session: Session, office: str) -> str:
    """The next number of an office; its next submission waits here until this one has ended."""
    number = session.execute(_NEXT_NUMBER, {"office": office}).scalar_one()
    return f"{office}-{number:06d}"


def claim_key(session: Session, arrival: Arrival) -> None:
    """Take the idempotency key in this transaction; a second one waits here until the first has ended.

    Raises:
        Repeated: it was taken.
    """
    if arrival.key is None or arrival.dry_run:
        return
    row = {
        "caller": arrival.caller.name,
        "key": arrival.key,
        "sha256": arrival.sha256,
        "submission_id": arrival.submission_id,
    }
    claim = upsert(IdempotencyKey).values(row)
    claim = claim.on_conflict_do_update(
        index_elements=["caller", "key"],
        set_={"sha256": arrival.sha256},
        where=IdempotencyKey.submission_id == arrival.submission_id,
    )
    if session.execute(claim.returning(IdempotencyKey.key)).first() is None:
        raise Repeated


def earlier(context: Context, arrival: Arrival) -> Answer | None:
    """The first answer to this key, if there was one.

    Raises:
        Problem: 409, it was used with another body.
    """
    if arrival.key is None or arrival.dry_run:
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


def retrying(work: Callable[[], T]) -> T:
    """Do a transaction again where another one was faster on the same rows."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return work()
        except (TakenMeanwhile, DBAPIError) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            if attempt == _ATTEMPTS or not isinstance(reason, _RETRIABLE):
                raise
            _log.info("transaction again", extra={"attempt": attempt, "reason": type(reason).__name__})
    raise AssertionError("unreachable")
