"""Erasures as the services hear of them that follow ingest: rewritten until nothing is found, then told to be done.

Ingest says with the change log that somebody is to be erased. The rewriting stands in the same transaction as what is
followed. Address and name are forgotten here as soon as all is done.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from muster_shared import audit_erasing, erasing
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context
from muster_shared.erasing import Erasure

_log = logging.getLogger(__name__)
AUDIT: Final = "audit_entry"
Forget = Callable[[Session, Erasure], Mapping[str, int]]

CREATE: Final = """
    CREATE TABLE erasure (
        erasure_id uuid PRIMARY KEY,
        mark text NOT NULL,
        address text,
        names text[],
        touched jsonb NOT NULL,
        rewritten_at timestamptz,
        files_at timestamptz,
        looked_upto jsonb,
        told_at timestamptz
    )
    """
_HEAR: Final = text(
    """
    INSERT INTO erasure (erasure_id, mark, address, names, touched, files_at)
    VALUES (:erasure_id, :mark, :address, :names, '{}', :files_at)
    ON CONFLICT (erasure_id) DO UPDATE SET address = excluded.address, names = excluded.names,
        rewritten_at = NULL, files_at = excluded.files_at, looked_upto = NULL, told_at = NULL
    WHERE erasure.told_at IS NOT NULL
    """
)
_OPEN: Final = text(
    """
    SELECT erasure_id, mark, address, names, touched FROM erasure
    WHERE rewritten_at IS NULL ORDER BY erasure_id FOR UPDATE
    """
)
_NOTE: Final = text(
    """
    UPDATE erasure SET touched = CAST(:touched AS jsonb), rewritten_at = :rewritten_at WHERE erasure_id = :erasure_id
    """
)
_DONE: Final = text(
    """
    UPDATE erasure SET address = NULL, names = NULL
    WHERE rewritten_at IS NOT NULL AND files_at IS NOT NULL AND told_at IS NULL RETURNING erasure_id, touched
    """
)


def hear(session: Session, erasures: Sequence[Erasure], *, files_at: datetime | None) -> None:
    """Keep what ingest told of. One that was told to be done begins anew: something came in meanwhile.

    ``files_at`` is given where the service keeps no files that would have to be looked through.
    """
    for erasure in erasures:
        row = {"mark": erasure.mark, "address": erasure.address, "names": [*erasure.names], "files_at": files_at}
        session.execute(_HEAR, {"erasure_id": erasure.erasure_id, **row})


def rewrite(session: Session, forget: Forget, *, now: datetime) -> bool:
    """Make a pass over this database for each erasure that is open; whether anything was found.

    ``forget`` does first what is the service's own: what is kept of a person by their address.
    """
    found = False
    for row in session.execute(_OPEN).all():
        erasure = Erasure(str(row.erasure_id), row.address, tuple(row.names), row.mark)
        touched = pass_over(session, erasure, forget, now=now)
        found = found or bool(touched)
        told = json.dumps(Counter(row.touched) + Counter(touched))
        state = {"touched": told, "rewritten_at": None if touched else now}
        session.execute(_NOTE, {"erasure_id": row.erasure_id, **state})
    return found


def pass_over(session: Session, erasure: Erasure, forget: Forget, *, now: datetime) -> dict[str, int]:
    """One pass over every table of a database, its audit trail last; how many rows of each table were touched."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    touched = Counter(forget(session, erasure)) + Counter(erasing.rewrite(session, erasure))
    return dict(touched + Counter({AUDIT: audit_erasing.erase(session, erasure, at=now)}))


def counted(session: Session, erasure: Erasure) -> dict[str, int]:
    """How many rows of each table of a database name somebody."""
    session.execute(text("SET LOCAL statement_timeout = '60s'"))
    return dict(Counter(erasing.count(session, erasure)) + Counter({AUDIT: audit_erasing.count(session, erasure)}))


def tell(context: Context, log: ChangeLog) -> None:
    """Say to ingest what is done; what it cannot be told now is told at the next turn."""
    with context.sessions.begin() as session:
        for erasure_id, touched in list(_done(session)):
            try:
                log.tell_erased(erasure_id, touched)
            except LogUnreachable as error:
                _log.warning("ingest could not be told of an erasure", extra={"reason": str(error)})
                return
            told = text("UPDATE erasure SET told_at = now() WHERE erasure_id = :erasure_id")
            session.execute(told, {"erasure_id": erasure_id})


def _done(session: Session) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in session.execute(_DONE):
        yield str(row.erasure_id), dict(row.touched)
