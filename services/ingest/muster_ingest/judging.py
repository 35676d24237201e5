"""Accepting or rejecting what an envelope sends, as a whole, in one transaction; it is kept either way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from psycopg import errors as pg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from muster_ingest import receipts
from muster_ingest.checks import Review
from muster_ingest.envelope import Envelope
from muster_ingest.models import IdempotencyKey, Record, Submission
from muster_ingest.receipts import Answer, Arrival, Tally
from muster_ingest.submission_rows import keep
from muster_ingest.writing import TakenMeanwhile, write
from muster_shared.context import Context
from muster_shared.fixed_statements import run
from muster_shared.problems import Problem

_log = logging.getLogger(__name__)
_ATTEMPTS = 8
_RETRIABLE = (pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, TakenMeanwhile)
_NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})
_CLAIM = """
    INSERT INTO idempotency_key (caller, key, sha256, submission_id)
    VALUES (%(caller)s, %(key)s, %(sha256)s, %(submission_id)s)
    ON CONFLICT (caller, key) DO UPDATE SET sha256 = excluded.sha256
    WHERE idempotency_key.submission_id = excluded.submission_id
    RETURNING key
"""
T = TypeVar("T")


class Repeated(Exception):
    """The key was used in the meantime; its first answer stands."""


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
        answer = Answer(receipts.receipt(self.arrival, self.envelope, None, tally), 201)
        keep(session, self.arrival, self.envelope.office, answer, self.keeping, numbered=True)
        return answer


def reject(
    context: Context, arrival: Arrival, office: str | None, problem: Problem, keeping: Mapping[str, Any] = _NOTHING_MORE
) -> Answer:
    """Keep a submission that is not accepted, and what was wrong with it."""
    with context.sessions.begin() as session:
        claim_key(session, arrival)
        document = problem.document() | {"submission_id": str(arrival.submission_id), "receipt": None}
        answer = Answer(document, problem.status)
        keep(session, arrival, office, answer, keeping, numbered=office is not None and _is_office(session, office))
    return answer


def _is_office(session: Session, office: str) -> bool:
    return session.get(Record, ("office", office)) is not None or office == "HQ"


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
    if not run(session, _CLAIM, row):
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
