"""Is the audit trail whole? Every hash is worked out again, oldest first."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from muster_shared import audit
from muster_shared.audit import ENTRY
from muster_shared.audit_erasing import Erased

_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """How the chain stands: its last number, the hash it ends in, those not sealed yet, where it breaks, if it does.

    ``erased`` entries no longer name somebody; as many as ``forgotten``, the oldest, are kept no longer.
    """

    entries: int
    head: str
    unsealed: int
    broken_at: int | None = None
    erased: int = 0
    forgotten: int = 0


def verify(session: Session, head: str | None = None) -> Verified:
    """Walk along the chain from where it begins.

    ``head`` is one that was written down earlier: where the chain does not hold it any more, its end was cut off.
    """
    forgotten, previous = audit.anchor(session)
    count, held, broken, erased = forgotten, head in {None, audit.BEGINNING, previous}, None, Erased()
    with closing(_sealed(session)) as rows:
        for row in rows:
            if row["number"] != count + 1 or not _is_linked(row, previous):
                broken = count + 1
                break
            erased.meet(row)
            previous, count = row["hash"], count + 1
            held = held or previous == head
    broken = broken or erased.broken_at(session) or (None if held else count + 1)
    return Verified(count, previous, _unsealed(session), broken, len(erased.digests), forgotten)


def _is_linked(row: RowMapping, previous: str) -> bool:
    """An erased entry cannot be hashed again: the next one's hash covers the hash that it has."""
    return bool(row["erased"]) or row["hash"] == audit.hash_of(row, row["number"], previous)


def _sealed(session: Session) -> Generator[RowMapping]:
    query = select(ENTRY).where(ENTRY.c.number.is_not(None)).order_by(ENTRY.c.number)
    with closing(session.execute(query.execution_options(yield_per=_AT_ONCE))) as result:
        yield from result.mappings()


def _unsealed(session: Session) -> int:
    query = select(func.count()).select_from(ENTRY).where(ENTRY.c.number.is_(None))
    return session.scalar(query) or 0
