"""Changes of the log beside the revisions that they follow: what a report must see of each to be made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from muster_report.known_sets import Around
from muster_report.models import FactRow
from muster_shared.changelog import Change
from muster_shared.one_of import one_of_pairs

Fields = Mapping[str, Any]
_Revision = tuple[str, Fields]


class Revised(NamedTuple):
    """A change of a record: its fields until then and from then on, None where it did not stand.

    ``around`` is the record as it was before the change, where there was one, and as it is behind it.
    """

    position: int
    kind: str
    stood: Fields | None
    stands: Fields | None
    around: tuple[Around, ...]


def revised(session: Session, items: Sequence[Change]) -> list[Revised]:
    """A run of changes in their order, each beside the revision before it."""
    revisions, found = _before(session, items), []
    for change in items:
        record, now = (change.kind, change.key), (change.action, change.fields)
        then = revisions.get(record)
        of_then = held(*then) if then else None
        found.append(Revised(change.position, change.kind, of_then, held(*now), tuple(_around(change, then))))
        revisions[record] = now
    return found


def held(action: str | None, fields: Fields | None) -> Fields | None:
    """The fields of a record that a revision left standing; None where it withdrew it, or where there is none."""
    return fields if action == "upsert" else None


def _around(change: Change, then: _Revision | None) -> Iterator[Around]:
    if then is not None:
        yield change.kind, then[1], change.position - 1
    yield change.kind, change.fields, change.position


def _before(session: Session, items: Sequence[Change]) -> dict[tuple[str, str], _Revision]:
    """Action and fields of the records that change, as they were before the first of these changes."""
    names = sorted({(change.kind, change.key) for change in items})
    query = select(FactRow.kind, FactRow.key, FactRow.action, FactRow.fields).where(
        one_of_pairs(FactRow.kind, FactRow.key, names),
        FactRow.position < items[0].position,
        or_(FactRow.until.is_(None), FactRow.until >= items[0].position),
    )
    return {(kind, key): (action, fields) for kind, key, action, fields in session.execute(query)}
