"""The audit trail: who did what, in a chain of hashes that shows whether anything was changed or taken out.

An entry is written in the transaction of what it tells of. Soon after, a sealer gives the committed ones their
numbers, dense and in one place, and each the hash of itself and of the hash before; nobody waits for that. Entries
can never be changed or deleted (the database refuses), and where somebody gets around that, the chain breaks there.
A person can be taken out of it (``audit_erasing``), and what is older than is to be kept (``keeping``).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    MetaData,
    RowMapping,
    Table,
    Text,
    false,
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
    Column("salt", Text),
    Column("erased", Boolean, nullable=False, server_default=false()),
    Column("number", BigInteger),
    Column("hash", Text),
)
_TOLD: Final = ("at", "actor", "role", "action", "outcome", "subject", "address", "request_id")
WRITTEN: Final = ("at", "actor", "role", "action", "outcome", "address", "request_id", "salt", "subject")

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

_NOTE: Final = insert(ENTRY)

address: ContextVar[str] = ContextVar("address", default="")  # of whoever sent the request that is being answered


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
    session.execute(_NOTE, entry(caller, action, subject, at=at, outcome=outcome))


def entry(
    caller: Caller, action: str, subject: Mapping[str, Any], *, at: datetime, outcome: str = "done"
) -> dict[str, Any]:
    """The same as the columns that ``WRITTEN`` names, for who writes it with a statement of their own."""
    return {
        "at": at,
        "actor": caller.name,
        "role": caller.role,
        "action": action,
        "outcome": outcome,
        "address": address.get(),
        "request_id": request_id.get(),
        "salt": secrets.token_hex(16),
        "subject": dict(subject),
    }


def seal(sessions: sessionmaker[Session]) -> int:
    """Number and chain what was committed; returns how many entries that were, 0 where another one is at it."""
    sealed = 0
    while count := _seal_some(sessions):
        sealed += count
    return sealed


def document(row: RowMapping) -> dict[str, Any]:
    """An entry as the outside sees it."""
    return {**{name: row[name] for name in _TOLD}, "at": iso_z(row["at"]), "number": row["number"], "hash": row["hash"]}


def seal_within(session: Session) -> None:
    """Seal what is open in the transaction at hand; nobody else seals until it ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEAL_LOCK})
    while _seal_open(session):
        pass


def anchor(session: Session) -> tuple[int, str]:
    """The number and the hash of the last entry that was forgotten; where none was, what the first one follows."""
    found = session.execute(text("SELECT number, hash FROM audit_anchor")).first()
    return (found.number, found.hash) if found else (0, BEGINNING)


def hash_of(row: RowMapping, number: int, previous: str) -> str:
    """The hash of an entry, in hex: of what it tells, its number, its salt, and the hash before it."""
    told = {**{name: row[name] for name in _TOLD}, "at": row["at"].isoformat(), "number": number, "previous": previous}
    told |= {"salt": row["salt"]} if row["salt"] else {}  # entries from before there were salts have none
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _seal_some(sessions: sessionmaker[Session]) -> int:
    with sessions.begin() as session:
        free = session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _SEAL_LOCK})
        return _seal_open(session) if free else 0


def _seal_open(session: Session) -> int:
    open_ones = select(ENTRY).where(ENTRY.c.number.is_(None)).order_by(ENTRY.c.entry_id).limit(_AT_ONCE)
    rows = session.execute(open_ones).mappings().all()
    number, previous = _head(session)
    for row in rows:
        number += 1
        previous = hash_of(row, number, previous)
        sealed = update(ENTRY).where(ENTRY.c.entry_id == row["entry_id"])
        session.execute(sealed.values(number=number, hash=previous))
    return len(rows)


def _head(session: Session) -> tuple[int, str]:
    query = select(ENTRY.c.number, ENTRY.c.hash).where(ENTRY.c.number.is_not(None))
    found = session.execute(query.order_by(ENTRY.c.number.desc()).limit(1)).first()
    return (found.number, found.hash) if found else anchor(session)
