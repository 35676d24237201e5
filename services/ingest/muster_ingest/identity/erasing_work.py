"""The work of an erasure, a step at a time, each in one transaction: whoever dies is followed by the next sweep.

First every table is rewritten, again until nothing is found; then the bytes of all submissions are looked through;
then ingest waits for the services that follow it, and forgets whom it was about.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from muster_ingest.identity.erasing import FOLLOWERS, of_row
from muster_ingest.identity.models import ErasureRow
from muster_ingest.models import Submission
from muster_shared import audit, erasing_heard, naming
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.erasing import Erasure
from muster_shared.names import NOTIFY_FOLLOW, REPORT_FOLLOW

_log = logging.getLogger(__name__)
OWN: Final = "ingest"
_LOG: Final = frozenset({"revision", "revision_pack", "submission"})  # what the change log tells of
_PUBLISHING: Final = 0x6C6F67  # nobody gives a position while the log is rewritten
_FILES_AT_ONCE: Final = 50
_REVOKE: Final = text(
    "UPDATE api_token SET revoked_at = :now, revoked_by = 'muster' WHERE lower(name) = :address AND revoked_at IS NULL"
)
_BY_ADDRESS: Final = {
    "person": "email = :address",
    "sign_in_link": "email = :address",
    "signed_out": "email = :address",
    "idempotency_key": "lower(caller) = :address",
}


def work(context: Context) -> bool:
    """Take the next step of each erasure; whether there was one to take.

    A step that another process is at is left to it.
    """
    with context.sessions() as session:
        query = select(ErasureRow.erasure_id).where(ErasureRow.done_at.is_(None)).order_by(ErasureRow.asked_at)
        open_ones = session.scalars(query).all()
    moved = [erasure_id for erasure_id in open_ones if _work_on(context, erasure_id)]
    if moved:
        context.wake(REPORT_FOLLOW)
        context.wake(NOTIFY_FOLLOW)
    return bool(moved)


def _work_on(context: Context, erasure_id: UUID) -> bool:
    with context.sessions.begin() as session:
        these = select(ErasureRow).where(ErasureRow.erasure_id == erasure_id, ErasureRow.done_at.is_(None))
        row = session.scalars(these.with_for_update(skip_locked=True)).first()
        return row is not None and _step(session, context, row)


def _step(session: Session, context: Context, row: ErasureRow) -> bool:
    if row.rewritten_at is None:
        _rewrite(session, context, row)
    elif row.looked_at is None:
        _look_through(session, context, row)
    elif all(service in row.touched for service in FOLLOWERS):
        _finish(session, context, row)
    else:
        return False
    return True


def _rewrite(session: Session, context: Context, row: ErasureRow) -> None:
    """One pass over the database. Where the log was touched it has another epoch, by which its readers know."""
    now = context.clock.now()
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PUBLISHING})
    touched = erasing_heard.pass_over(session, of_row(row), partial(_forget, now=now), now=now)
    if not _LOG.isdisjoint(touched):
        session.execute(text("UPDATE change_log SET epoch = gen_random_uuid()::text"))
    row.touched = {**row.touched, OWN: dict(Counter(row.touched.get(OWN, {})) + Counter(touched))}
    row.passes += 1
    row.rewritten_at = None if touched else now


def _forget(session: Session, erasure: Erasure, *, now: datetime) -> dict[str, int]:
    """What is kept by the address goes, and their tokens are listed as taken back."""
    given = {"address": erasure.address}
    session.execute(_REVOKE, given | {"now": now})
    gone = {}
    for table, theirs in _BY_ADDRESS.items():
        statement = f"DELETE FROM {table} WHERE {theirs} RETURNING 1"  # noqa: S608 - put together from constants
        gone[table] = len(session.execute(text(statement), given).all())
    return gone


def _look_through(session: Session, context: Context, row: ErasureRow) -> None:
    """Restrict those of the next submissions whose bytes name the person; they stay as evidence."""
    query = select(Submission).where(Submission.number > row.looked_upto).order_by(Submission.number)
    batch = session.scalars(query.limit(_FILES_AT_ONCE)).all()
    for submission in batch:
        if submission.restricted_at is None and _names(context, submission.sha256, of_row(row)):
            submission.restricted_at = context.clock.now()
            row.restricted += 1
        row.looked_upto = submission.number
    if len(batch) < _FILES_AT_ONCE:
        row.looked_at = context.clock.now()


def _names(context: Context, sha256: str, erasure: Erasure) -> bool:
    try:
        return naming.names(context.objects.get(sha256), erasure)
    except FileNotFoundError:
        return False  # a dry run keeps no bytes


def _finish(session: Session, context: Context, row: ErasureRow) -> None:
    """Forget whom it was about, unless something came in meanwhile that names them."""
    if erasing_heard.counted(session, of_row(row)):
        row.rewritten_at = row.looked_at = None
        row.touched = {OWN: row.touched.get(OWN, {})}
        return
    pseudonym, row.done_at = of_row(row).pseudonym, context.clock.now()
    row.address = row.names = None
    rows = sum(count for tables in row.touched.values() for count in tables.values())
    told = {"person": pseudonym, "rows": rows, "restricted": row.restricted}
    audit.note(session, Caller("muster", "service"), "erased", told, at=row.done_at)
    _log.info("a person was erased", extra={"pseudonym": pseudonym, "rows": rows})
