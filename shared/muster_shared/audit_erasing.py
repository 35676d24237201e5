"""Taking a person out of the audit trail so that its chain still shows whether anything else was changed.

The hash of an entry covers who did it, so an erased entry cannot be hashed again. It keeps the hash it had, which the
next entry's hash covers, and what is left of it is told by a digest in ``audit_erased``. The digests of one pass stand
as one hash in an entry of their own at the end of the chain. So an erased entry cannot be changed unseen either, and
nobody can pass a change off as an erasure without an entry that says so. Each entry carries a salt that its hash
covers and its erasure drops: guessing at a person and hashing again tells nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from muster_shared import audit, erasing
from muster_shared.auth import Caller
from muster_shared.erasing import Erasure

ACTION: Final = "audit_entries_erased"

CREATE: Final = (
    "ALTER TABLE audit_entry ADD COLUMN salt text, ADD COLUMN erased boolean NOT NULL DEFAULT false",
    """
    CREATE TABLE audit_erased (
        pass bigint NOT NULL,
        number bigint NOT NULL,
        digest text NOT NULL,
        PRIMARY KEY (pass, number)
    )
    """,
    "CREATE SEQUENCE audit_erased_pass",
    "CREATE TABLE audit_anchor (single boolean PRIMARY KEY CHECK (single), number bigint NOT NULL, hash text NOT NULL)",
    """
    CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.number IS NULL AND NEW.number IS NOT NULL AND
            to_jsonb(OLD) - 'number' - 'hash' = to_jsonb(NEW) - 'number' - 'hash' THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND current_setting('muster.erasing', true) = 'on' AND OLD.number IS NOT NULL AND
            NEW.erased AND to_jsonb(OLD) - '{actor,subject,address,request_id,salt,erased}'::text[] =
            to_jsonb(NEW) - '{actor,subject,address,request_id,salt,erased}'::text[] THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' AND current_setting('muster.forgetting', true) = 'on' AND OLD.number IS NOT NULL THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'entries of the audit trail are never changed or deleted';
    END $$
    """,
)
_LEFT_OF: Final = ("at", "actor", "role", "action", "outcome", "subject", "number", "hash")
_LISTED: Final = text(
    """
    SELECT DISTINCT ON (number) number, digest, pass AS in_pass FROM audit_erased ORDER BY number, pass DESC
    """
)
_OF_PASS: Final = text("SELECT number, digest FROM audit_erased WHERE pass = :pass ORDER BY number")


@dataclass(slots=True)
class Erased:
    """The erased entries that a walk along the chain met, and the passes that the chain itself tells of."""

    digests: dict[int, str] = field(default_factory=dict)
    passes: dict[int, tuple[int, str]] = field(default_factory=dict)

    def meet(self, row: RowMapping) -> None:
        """Look at one entry."""
        if row["erased"]:
            self.digests[row["number"]] = digest(row)
        if row["action"] == ACTION:
            self.passes[row["subject"]["pass"]] = (row["number"], row["subject"]["digest"])

    def broken_at(self, session: Session) -> int | None:
        """The first entry that is not as its erasure left it, or whose erasure no entry of the chain tells of."""
        listed = {row.number: row for row in session.execute(_LISTED)}
        sound = {number for number, (_, told) in self.passes.items() if told == _of_pass(session, number)}
        broken = [entry for number, (entry, _) in self.passes.items() if number not in sound]
        for number, left in self.digests.items():
            row = listed.get(number)
            if row is None or row.digest != left or row.in_pass not in sound:
                broken.append(number)
        return min(broken, default=None)


def erase(session: Session, erasure: Erasure, *, at: datetime) -> int:
    """Put the pseudonym into the entries that name the person; returns how many that were.

    What they did from which address, and by which request, goes as well. The same transaction seals what was open.
    """
    audit.seal_within(session)
    session.execute(text("SET LOCAL muster.erasing = 'on'"))
    query = text(f"""
        UPDATE audit_entry SET actor = {erasing.replaced("actor", "text", erasure)},
            subject = {erasing.replaced("subject", "jsonb", erasure)},
            address = '', request_id = '', salt = NULL, erased = true
        WHERE {_held(erasure)}
        RETURNING {", ".join(_LEFT_OF)}
    """)  # noqa: S608 - put together from constants
    rows = session.execute(query, erasing.values(erasure)).mappings().all()
    session.execute(text("SET LOCAL muster.erasing = 'off'"))
    if rows:
        _list(session, {row["number"]: digest(row) for row in rows}, erasure, at)
    return len(rows)


def count(session: Session, erasure: Erasure) -> int:
    """How many entries name the person."""
    query = f"SELECT count(*) FROM audit_entry WHERE {_held(erasure)}"  # noqa: S608 - put together from constants
    return int(session.execute(text(query), erasing.values(erasure)).scalar_one())


def digest(row: RowMapping) -> str:
    """The SHA-256 of what is left of an erased entry."""
    left = {name: row[name] for name in _LEFT_OF} | {"at": row["at"].isoformat()}
    canonical = json.dumps(left, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _held(erasure: Erasure) -> str:
    return f"({erasing.held('actor', 'text', erasure)} OR {erasing.held('subject', 'jsonb', erasure)})"


def _list(session: Session, digests: Mapping[int, str], erasure: Erasure, at: datetime) -> None:
    number = session.execute(text("SELECT nextval('audit_erased_pass')")).scalar_one()
    rows = [{"pass": number, "number": entry, "digest": left} for entry, left in digests.items()]
    session.execute(text("INSERT INTO audit_erased (pass, number, digest) VALUES (:pass, :number, :digest)"), rows)
    told = {"person": erasure.pseudonym, "pass": number, "entries": len(rows), "digest": _of_pass(session, number)}
    audit.note(session, Caller("muster", "service"), ACTION, told, at=at)
    audit.seal_within(session)


def _of_pass(session: Session, number: int) -> str:
    return _in_one((row.number, row.digest) for row in session.execute(_OF_PASS, {"pass": number}))


def _in_one(digests: Iterable[tuple[int, str]]) -> str:
    return hashlib.sha256("".join(f"{number} {left}\n" for number, left in digests).encode()).hexdigest()
