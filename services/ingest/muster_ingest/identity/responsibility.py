"""What somebody still answers for: open projects that they manage, offices that they head or review for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from muster_ingest.models import Record
from muster_shared.problems import DataError

_SEATS: Final = {"project": ("manager", "alternate_manager"), "office": ("head", "reviewer")}
_ENDED: Final = ("completed", "closed", "cancelled")
_MOST: Final = 100


def held_by(session: Session, address: str) -> list[DataError]:
    """Every seat that somebody fills still, projects before offices; ``address`` is in small letters."""
    return [error for kind in ("project", "office") for error in _seats(session, kind, address)]


def _seats(session: Session, kind: str, address: str) -> list[DataError]:
    seats = _SEATS[kind]
    held = [func.lower(Record.fields[seat]["email"].astext) == address for seat in seats]
    query = select(Record.key, *held).where(Record.kind == kind, ~Record.withdrawn, or_(*held))
    if kind == "project":
        query = query.where(func.coalesce(Record.fields["status"].astext, "").not_in(_ENDED))
    rows = session.execute(query.order_by(Record.key).limit(_MOST)).all()
    return [_error(kind, row[0], seat) for row in rows for seat, fills in zip(seats, row[1:], strict=True) if fills]


def _error(kind: str, key: str, seat: str) -> DataError:
    message = f"{kind} {key}: is its {seat.replace('_', ' ')} still: name somebody else first"
    return DataError("still_responsible", message, seat, value=key)
