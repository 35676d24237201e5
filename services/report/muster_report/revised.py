"""Changes of the log beside the revisions that they follow: what a report must see of each to be made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from muster_report.models import FactRow
from muster_shared.one_of import one_of_pairs

if TYPE_CHECKING:  # reading the log takes much that making a workbook does not need
    from muster_shared.changelog import Change

Fields = Mapping[str, Any]
Around = tuple[str, Fields, int]
"""A kind, the fields of a record of it, and the position at which it is asked what stands around the record."""
Revision = tuple[str, Fields]
"""What a change did, ``upsert`` or ``withdraw``, and the fields it came with."""


class Revised(NamedTuple):
    """A change of a record: its fields until then and from then on, None where it did not stand.

    ``around`` is the record as it was before the change, where there was one, and as it is behind it.
    """

    position: int
    kind: str
    stood: Fields | None
    stands: Fields | None
    around: tuple[Around, ...]

    @classmethod
    def of(cls, position: int, kind: str, now: Revision, then: Revision | None) -> Revised:
        """The change from one revision to another; ``then`` is None where the record was new."""
        around: tuple[Around, ...] = ((kind, now[1], position),)
        if then is not None:
            around = ((kind, then[1], position - 1), *around)
        return cls(position, kind, _held(then), _held(now), around)


def revised(session: Session, items: Sequence[Change]) -> list[Revised]:
    """A run of changes in their order, each beside the revision before it."""
    revisions, found = _before(session, items), []
    for change in items:
        record, now = (change.kind, change.key), (change.action, change.fields)
        found.append(Revised.of(change.position, change.kind, now, revisions.get(record)))
        revisions[record] = now
    return found


def _held(revision: Revision | None) -> Fields | None:
    """The fields of a record that a revision left standing; None where it withdrew it, or where there is none."""
    return revision[1] if revision and revision[0] == "upsert" else None


def _before(session: Session, items: Sequence[Change]) -> dict[tuple[str, str], Revision]:
    """Action and fields of the records that change, as they were before the first of these changes."""
    names = sorted({(change.kind, change.key) for change in items})
    query = select(FactRow.kind, FactRow.key, FactRow.action, FactRow.fields).where(
        one_of_pairs(FactRow.kind, FactRow.key, names),
        FactRow.position < items[0].position,
        or_(FactRow.until.is_(None), FactRow.until >= items[0].position),
    )
    return {(kind, key): (action, fields) for kind, key, action, fields in session.execute(query)}
