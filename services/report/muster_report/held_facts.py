"""Facts kept in a worker's memory, so that a change costs the reading of what changed and not of everything again.

Every revision of a kind is kept with the position from which it holds: the facts of any position up to the last one
that was read can be told, the same ones that the database would tell. What was applied since is read when a later
position is asked for. Where the log was restored, or one of its changes was applied late, nothing kept is used again.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from muster_report.facts import Fact, Submission
from muster_report.models import Cursor, FactRow

_AT_ONCE: Final = 500
_COLUMNS: Final = (
    *("kind", "key", "revision", "office", "position", "occurred_at", "action", "fields"),
    *("receipt", "received_at", "sha256", "submission_id"),
)
_FEW: Final = 4  # where more than this part of a kind changed since a view was made, the next is made of all
_VIEWS_KEPT: Final = 6  # of each kind: parameter sets stand at few positions at a time
Log = tuple[str, int]  # its epoch, and how many of its changes were applied late
_holding: WeakKeyDictionary[Engine, HeldFacts] = WeakKeyDictionary()


@dataclass(slots=True)
class _Kind:
    """All revisions of the records of a kind: by key, in the order of keys, oldest first; None for a withdrawal.

    ``positions`` and ``keys`` are those of the revisions in the order in which they came. A view is of the facts that
    held after so many of them; the next one is made of it by those that came since, and not of all again.
    """

    revisions: dict[str, list[tuple[int, Fact | None]]] = field(default_factory=dict)
    positions: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    views: dict[int, Mapping[str, Fact]] = field(default_factory=dict)

    def add(self, facts: Iterable[tuple[int, str, Fact | None]]) -> None:
        """Add revisions in the order of positions."""
        known = len(self.revisions)
        for position, key, fact in facts:
            self.revisions.setdefault(key, []).append((position, fact))
            self.positions.append(position)
            self.keys.append(key)
        if len(self.revisions) > known:
            self.revisions = dict(sorted(self.revisions.items()))

    def at(self, position: int) -> Mapping[str, Fact]:
        """The facts that held at a position."""
        changes = bisect_right(self.positions, position)
        if changes not in self.views:
            if len(self.views) == _VIEWS_KEPT:
                del self.views[next(iter(self.views))]
            self.views[changes] = self._view(position, changes)
        return self.views[changes]

    def _view(self, position: int, changes: int) -> Mapping[str, Fact]:
        earlier = max((known for known in self.views if known < changes), default=0)
        if changes - earlier > len(self.revisions) // _FEW:
            return self._made(position, self.revisions)
        held = dict(self.views.get(earlier, {}))
        since = set(self.keys[earlier:changes])
        now = self._made(position, since)
        if now.keys() - held.keys():
            held = dict(sorted((held | now).items()))
        for key in since:
            if key in now:
                held[key] = now[key]
            else:
                held.pop(key, None)
        return held

    def _made(self, position: int, keys: Iterable[str]) -> dict[str, Fact]:
        """The facts of these keys that held at a position."""
        held: dict[str, Fact] = {}
        for key in keys:
            revisions = self.revisions[key]
            at = bisect_right(revisions, position, key=_position) - 1
            fact = revisions[at][1] if at >= 0 else None
            if fact is not None:
                held[key] = fact
        return held


class HeldFacts:
    """The facts of one database as far as they were asked for; at most ``limit`` revisions, else none are kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.rows_read = 0
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._log: Log | None = None
        self._upto = 0
        self._kinds: dict[str, _Kind] = {}
        self._submissions: dict[str, Submission] = {}
        self._too_many: set[frozenset[str]] = set()

    def forget(self) -> None:
        """Use nothing of what is kept again."""
        with self._lock:
            self._forget()

    def at(
        self, session: Session, kinds: frozenset[str], position: int
    ) -> tuple[Mapping[str, Mapping[str, Fact]], frozenset[str]]:
        """The facts of the kinds at a position, and the kinds that are not kept, which have to be read."""
        with self._lock:
            if not self._is_current(session, kinds, position):
                return {}, kinds
            return {kind: self._kinds[kind].at(position) for kind in sorted(kinds)}, frozenset()

    def _is_current(self, session: Session, kinds: frozenset[str], position: int) -> bool:
        """Bring what is kept up to the cursor; False where that cannot be: the log is restored, or too large."""
        log, applied = _cursor(session)
        if log != self._log or applied < self._upto:
            self._forget()
            self._log = log
        if log is None or position > applied or self._are_too_many(session, kinds, applied):
            return False
        self._read(session, frozenset(self._kinds), self._upto, applied)
        self._read(session, kinds - self._kinds.keys(), 0, applied)
        self._upto = applied
        if _cursor(session)[0] != log:  # restored or mended while it was read
            self._forget()
            return False
        return True

    def _are_too_many(self, session: Session, kinds: frozenset[str], applied: int) -> bool:
        """Whether more would be kept than may be; once they are, they stay so, and are not counted again."""
        if kinds not in self._too_many and self._count(session, kinds, applied) > self.limit:
            self._too_many.add(kinds)
        return kinds in self._too_many

    def _count(self, session: Session, kinds: frozenset[str], applied: int) -> int:
        """How many revisions would be kept with these kinds."""
        kept = sum(len(kind.positions) for kind in self._kinds.values())
        more = FactRow.kind.in_(sorted(self._kinds)) & (FactRow.position > self._upto)
        new = FactRow.kind.in_(sorted(kinds - self._kinds.keys()))
        query = select(func.count()).select_from(FactRow).where(or_(more, new), FactRow.position <= applied)
        return kept + session.execute(query).scalar_one()

    def _read(self, session: Session, kinds: frozenset[str], after: int, upto: int) -> None:
        if not kinds or after == upto:
            return
        found: dict[str, list[tuple[int, str, Fact | None]]] = {kind: [] for kind in kinds}
        with session.execute(_rows(kinds, after, upto)) as rows:
            for row in rows:
                found[row.kind].append((row.position, row.key, self._fact(row)))
        for kind, facts in found.items():
            self._kinds.setdefault(kind, _Kind()).add(facts)
            self.rows_read += len(facts)

    def _fact(self, row: Row[Any]) -> Fact | None:
        if row.action != "upsert":
            return None
        submission = self._submissions.get(row.submission_id)
        if submission is None:
            submission = self._submissions[row.submission_id] = submission_of(row)
        return Fact(row.kind, row.key, row.revision, row.office, row.position, row.occurred_at, row.fields, submission)


def submission_of(row: FactRow | Row[Any]) -> Submission:
    """Where a stored revision came from."""
    office = row.receipt.rpartition("-")[0]
    return Submission(row.receipt, office, row.received_at, row.sha256, row.submission_id)


def hold(engine: Engine, limit: int) -> HeldFacts | None:
    """Keep the facts of a database in this process from now on; None where ``limit`` is 0."""
    if limit and engine not in _holding:
        _holding[engine] = HeldFacts(limit)
    return _holding.get(engine)


def held_by(session: Session) -> HeldFacts | None:
    """What this process keeps of the session's database; None where it keeps nothing."""
    bind = session.get_bind()
    return _holding.get(bind) if isinstance(bind, Engine) else None


def _rows(kinds: frozenset[str], after: int, upto: int) -> Select[*tuple[Any, ...]]:
    """Revisions in the order of positions, without a model for each: that would take most of the time."""
    row = FactRow.__table__.c
    return (
        select(*(row[name] for name in _COLUMNS))
        .where(FactRow.kind.in_(sorted(kinds)), FactRow.position > after, FactRow.position <= upto)
        .order_by(FactRow.position)
        .execution_options(yield_per=_AT_ONCE)
    )


def _cursor(session: Session) -> tuple[Log | None, int]:
    """The log that is applied, and how far, as committed by now."""
    epoch, mended, position = session.execute(select(Cursor.epoch, Cursor.mended, Cursor.position)).one()
    return (epoch, mended) if epoch else None, position


def _position(revision: tuple[int, Fact | None]) -> int:
    return revision[0]
