"""The audit trail: who did what, in a chain of hashes that shows whether anything was changed or taken out.

An entry is written in the transaction of what it tells of. Soon after, a sealer gives the committed ones their
numbers, dense and in one place, and each the hash of itself and of the hash before; nobody waits for that. Entries
can never be changed or deleted (the database refuses), and where somebody gets around that, the chain breaks there.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    MetaData,
    RowMapping,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, sessionmaker

from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.logs import request_id

_SEAL_LOCK: Final = 0x61756469
_AT_ONCE: Final = 1000
BEGINNING: Final = "0" * 64  # what the first entry names as the hash before it

ENTRY: Final = Table(
    "audit_entry",
    MetaData(),
    Column("entry_id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("subject", JSONB, nullable=False),
    Column("address", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("number", BigInteger),
    Column("hash", Text),
)
_TOLD: Final = ("at", "actor", "role", "action", "outcome", "subject", "address", "request_id")

CREATE: Final = (
    """
    CREATE TABLE audit_entry (
        entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        role text NOT NULL,
        action text NOT NULL,
        outcome text NOT NULL,
        subject jsonb NOT NULL,
        address text NOT NULL,
        request_id text NOT NULL,
        number bigint UNIQUE,
        hash text
    )
    """,
    "CREATE INDEX audit_unsealed ON audit_entry (entry_id) WHERE number IS NULL",
    "CREATE INDEX audit_by_actor ON audit_entry (lower(actor), number)",
    "CREATE INDEX audit_by_project ON audit_entry ((subject ->> 'project_code'), number)",
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.number IS NULL AND NEW.number IS NOT NULL AND
            to_jsonb(OLD) - 'number' - 'hash' = to_jsonb(NEW) - 'number' - 'hash' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'entries of the audit trail are never changed or deleted';
    END $$
    """,
    """
    CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_stays()
    """,
    """
    CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """,
)


address: ContextVar[str] = ContextVar("address", default="")  # of whoever sent the request that is being answered


@dataclass(frozen=True, slots=True)
class Verified:
    """How the chain stands: its entries, the hash it ends in, those not sealed yet, and where it breaks, if it does."""

    entries: int
    head: str
    unsealed: int
    broken_at: int | None = None


class Trickle:
    """Lets so many through each second, and drops the rest; a second's worth may come at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = self._left = per_second
        self._counted_at = time.monotonic()
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """Whether one more may pass now."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._per_second, self._left + (now - self._counted_at) * self._per_second)
            self._counted_at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def note(
    session: Session, caller: Caller, action: str, subject: Mapping[str, Any], *, at: datetime, outcome: str = "done"
) -> None:
    """Write in the transaction at hand who did what, and how it ended (done or refused).

    ``subject`` is plain JSON: what it was done to, such as a project_code or a person. ``at`` is aware.
    """
    row = {
        "at": at,
        "actor": caller.name,
        "role": caller.role,
        "action": action,
        "outcome": outcome,
        "subject": dict(subject),
        "address": address.get(),
        "request_id": request_id.get(),
    }
    session.execute(insert(ENTRY).values(row))


def seal(sessions: sessionmaker[Session]) -> int:
    """Number and chain what was committed; returns how many entries that were, 0 where another one is at it."""
    sealed = 0
    while count := _seal_some(sessions):
        sealed += count
    return sealed


def verify(session: Session, head: str | None = None) -> Verified:
    """Work every hash out again, oldest first.

    ``head`` is one that was written down earlier: where the chain does not hold it any more, its end was cut off.
    """
    previous, count, held, broken = BEGINNING, 0, head in {None, BEGINNING}, False
    with closing(_sealed(session)) as rows:
        for row in rows:
            broken = row["number"] != count + 1 or row["hash"] != _hash(row, row["number"], previous)
            if broken:
                break
            previous, count = row["hash"], count + 1
            held = held or previous == head
    held = held and not broken
    return Verified(count, previous, _unsealed(session), broken_at=None if held else count + 1)


def document(row: RowMapping) -> dict[str, Any]:
    """An entry as the outside sees it."""
    return {**{name: row[name] for name in _TOLD}, "at": iso_z(row["at"]), "number": row["number"], "hash": row["hash"]}


def _seal_some(sessions: sessionmaker[Session]) -> int:
    with sessions.begin() as session:
        if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _SEAL_LOCK}):
            return 0
        open_ones = select(ENTRY).where(ENTRY.c.number.is_(None)).order_by(ENTRY.c.entry_id).limit(_AT_ONCE)
        rows = session.execute(open_ones).mappings().all()
        number, previous = _head(session)
        for row in rows:
            number += 1
            previous = _hash(row, number, previous)
            sealed = update(ENTRY).where(ENTRY.c.entry_id == row["entry_id"])
            session.execute(sealed.values(number=number, hash=previous))
        return len(rows)


def _head(session: Session) -> tuple[int, str]:
    query = select(ENTRY.c.number, ENTRY.c.hash).where(ENTRY.c.number.is_not(None))
    found = session.execute(query.order_by(ENTRY.c.number.desc()).limit(1)).first()
    return (found.number, found.hash) if found else (0, BEGINNING)


def _sealed(session: Session) -> Generator[RowMapping]:
    query = select(ENTRY).where(ENTRY.c.number.is_not(None)).order_by(ENTRY.c.number)
    with closing(session.execute(query.execution_options(yield_per=_AT_ONCE))) as result:
        yield from result.mappings()


def _unsealed(session: Session) -> int:
    query = select(func.count()).select_from(ENTRY).where(ENTRY.c.number.is_(None))
    return session.scalar(query) or 0


def _hash(row: RowMapping, number: int, previous: str) -> str:
    told = {**{name: row[name] for name in _TOLD}, "at": row["at"].isoformat(), "number": number, "previous": previous}
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
