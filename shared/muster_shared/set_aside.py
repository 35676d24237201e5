"""What a reader of the change log cannot apply: set aside with its reason, tried again, and in nobody's way.

A page of the log is applied as a whole. Only where that fails is it taken in halves, so that in the end those changes
are left that cannot be applied. They stand as rows: nothing is skipped in silence. A row holds no copy of the change,
which is read from the log again at each try.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session

from muster_shared.changelog import Change, LogUnreachable, Page, Unreadable

_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_MOST_DOUBLINGS: Final = 10
_LONGEST_NAME: Final = 500  # what an index of PostgreSQL takes, in any script
_OF_THE_MACHINE: Final = (OSError, MemoryError, LogUnreachable)
# https://www.postgresql.org/docs/current/errcodes-appendix.html: data, integrity, and beyond a limit, as a key too long
_OF_THE_DATA: Final = ("22", "23", "54")

CREATE: Final = """
    CREATE TABLE set_aside (
        position bigint NOT NULL,
        kind text NOT NULL,
        key text NOT NULL,
        reason text NOT NULL,
        version text NOT NULL,
        tries bigint NOT NULL,
        first_tried timestamptz NOT NULL,
        last_tried timestamptz NOT NULL,
        try_at timestamptz NOT NULL,
        superseded_by bigint,
        PRIMARY KEY (position, kind, key)
    )
    """
_COLUMNS: Final = "position, kind, key, reason, version, tries, first_tried, last_tried, try_at, superseded_by"
_NOTE: Final = text(
    """
    INSERT INTO set_aside (position, kind, key, reason, version, tries, first_tried, last_tried, try_at)
    VALUES (:position, :kind, :key, :reason, :version, 1, :now, :now, :try_at)
    ON CONFLICT (position, kind, key) DO UPDATE SET reason = excluded.reason, version = excluded.version,
        tries = set_aside.tries + 1, last_tried = excluded.last_tried,
        try_at = excluded.last_tried + least(:longest, :first * power(2, least(set_aside.tries, :doublings)))
    """
)
_APPLIED: Final = text("DELETE FROM set_aside WHERE position = ANY (CAST(:positions AS bigint[]))")
_DONE: Final = text("DELETE FROM set_aside WHERE position = :position AND kind = :kind AND key = :key")
_RENAMED: Final = text("DELETE FROM set_aside WHERE position = :position AND (kind, key) <> (:kind, :key)")
_SUPERSEDE: Final = text(
    """
    UPDATE set_aside SET superseded_by = later.position
    FROM (
        SELECT missing.position AS missing, min(applied.position) AS position
        FROM set_aside missing
        JOIN unnest(CAST(:positions AS bigint[]), CAST(:kinds AS text[]), CAST(:keys AS text[]))
            AS applied (position, kind, key)
            ON applied.kind = missing.kind AND applied.key = missing.key AND applied.position > missing.position
        GROUP BY missing.position
    ) later
    WHERE set_aside.position = later.missing AND set_aside.superseded_by IS NULL
    """
)
_DUE: Final = "superseded_by IS NULL AND (try_at <= :now OR version <> :version)"


@dataclass(frozen=True, slots=True)
class Named:
    """What is set aside: a change by its position, kind and key; at ``NO_POSITION`` what is worked out of many."""

    position: int
    kind: str
    key: str


NO_POSITION: Final = 0


def named(change: Change | Unreadable) -> Named:
    """A change as it is set aside, also where it is its key that cannot be stored."""
    return Named(change.position, _storable(change.kind), _storable(change.key))


def _storable(said: str) -> str:
    return said.encode("utf-8", "replace").decode().replace("\x00", "")[:_LONGEST_NAME]


def taken(
    session: Session, items: Sequence[_Item], take: Callable[[Sequence[_Item]], object]
) -> list[tuple[_Item, Exception]]:
    """Take items in, in their order; returns those that cannot be, each with why.

    All are taken in as one. Where that fails they are taken in by halves, so that those that can be taken in are.

    Raises:
        Exception: it failed for another reason than the items, such as a database that is away.
    """
    if not items:
        return []
    try:
        with session.begin_nested():
            take(items)
            session.flush()
    except Exception as error:
        if not is_of_the_data(error):
            raise
        if len(items) == 1:
            return [(items[0], error)]
    else:
        return []
    half = len(items) // 2
    return [*taken(session, items[:half], take), *taken(session, items[half:], take)]


def is_of_the_data(error: Exception) -> bool:
    """Whether what is applied is to blame, and not the machine, the database or the network."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)  # None: the driver refused a value before it was sent
        return state[:2] in _OF_THE_DATA if state else isinstance(error, DataError)
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, StatementError)
    return not isinstance(error, _OF_THE_MACHINE)


def note_page(
    session: Session,
    page: Page,
    failed: Sequence[tuple[Change, Exception]],
    *,
    now: datetime,
    kinds: Collection[str] = (),
) -> None:
    """Write down what of a page is set aside, and what of it makes up for what was set aside before.

    Args:
        kinds: those that the reader applies, all where empty; of the others nothing is missing.
    """
    for unreadable in page.unreadable:
        if not (kinds and unreadable.kind) or unreadable.kind in kinds:
            note(session, named(unreadable), f"not readable: {', '.join(unreadable.wrong)}", now=now)
    for change, error in failed:
        note_failed(session, named(change), error, now=now)
    out = {change.position for change, _ in failed}
    note_applied(session, [change for change in page.items if change.position not in out])


def note_failed(session: Session, one: Named, error: Exception, *, now: datetime) -> None:
    """Set aside what raised an error; the log has its words, the row only its class and the place."""
    about = {"position": one.position, "kind": one.kind, "key": one.key}
    _log.error("set aside: it cannot be applied", exc_info=error, extra=about)
    note(session, one, reason_of(error), now=now)


def note(session: Session, one: Named, reason: str, *, now: datetime) -> None:
    """Set something aside, or write down that it was tried again in vain; each time the next try is later."""
    waits = {"first": _FIRST_WAIT, "longest": _LONGEST_WAIT, "doublings": _MOST_DOUBLINGS}
    row = {"position": one.position, "kind": one.kind, "key": one.key, "reason": reason, "version": running_version()}
    session.execute(_NOTE, {**row, **waits, "now": now, "try_at": now + _FIRST_WAIT})
    if one.position != NO_POSITION:  # by now it may say its kind and key
        session.execute(_RENAMED, {"position": one.position, "kind": one.kind, "key": one.key})


def note_applied(session: Session, changes: Iterable[Change]) -> None:
    """These changes are applied: they are set aside no more, and earlier ones of the same records are superseded."""
    if not _is_any(session):
        return
    applied = [named(change) for change in changes]
    places = [one.position for one in applied]
    session.execute(_APPLIED, {"positions": places})
    names = {"kinds": [one.kind for one in applied], "keys": [one.key for one in applied]}
    session.execute(_SUPERSEDE, {"positions": places, **names})


def note_done(session: Session, ones: Iterable[Named]) -> None:
    """These are set aside no more."""
    if _is_any(session):
        for one in ones:
            session.execute(_DONE, {"position": one.position, "kind": one.kind, "key": one.key})


def _is_any(session: Session) -> bool:
    return bool(session.scalar(text("SELECT EXISTS (SELECT FROM set_aside)")))


def reason_of(error: Exception) -> str:
    """The class of an error, and where in Muster it came up: ``KeyError at muster_report.history:84``."""
    frames = traceback.walk_tb(error.__traceback__)
    passed = [(str(frame.f_globals.get("__name__")), line) for frame, line in frames]
    own = [f"{module}:{line}" for module, line in passed if module.startswith("muster_") and module != __name__]
    return f"{type(error).__name__} at {own[-1]}" if own else type(error).__name__


def due(session: Session, *, now: datetime) -> list[Named]:
    """What is to be tried again by now, oldest first; what another version of Muster tried last always is."""
    query = f"SELECT position, kind, key FROM set_aside WHERE {_DUE} ORDER BY position, kind, key"  # noqa: S608
    rows = session.execute(text(query), {"now": now, "version": running_version()})
    return [Named(row.position, row.kind, row.key) for row in rows]


def every(session: Session) -> list[Named]:
    """All that is set aside, also what was superseded, oldest first."""
    rows = session.execute(text("SELECT position, kind, key FROM set_aside ORDER BY position, kind, key"))
    return [Named(row.position, row.kind, row.key) for row in rows]


def stands(session: Session, one: Named) -> bool:
    """Whether this is set aside still, superseded or not."""
    query = "SELECT EXISTS (SELECT FROM set_aside WHERE position = :position AND kind = :kind AND key = :key)"
    return bool(session.scalar(text(query), {"position": one.position, "kind": one.kind, "key": one.key}))


def try_at_once(session: Session, position: int, *, now: datetime) -> list[dict[str, Any]]:
    """Have what is set aside at a position tried at the next turn; returns what that is."""
    wish = "UPDATE set_aside SET try_at = :now WHERE position = :position AND superseded_by IS NULL"
    session.execute(text(wish), {"now": now, "position": position})
    return [row for row in listed(session) if row["position"] == position]


def forget_after(session: Session, position: int) -> None:
    """The log was restored: what was set aside behind a position is read anew, and nothing behind it supersedes."""
    session.execute(text("DELETE FROM set_aside WHERE position > :position"), {"position": position})
    undone = "UPDATE set_aside SET superseded_by = NULL WHERE superseded_by > :position"
    session.execute(text(undone), {"position": position})


def listed(session: Session) -> list[dict[str, Any]]:
    """Everything that is set aside, as plain values: what is missing first, then what was superseded."""
    query = f"SELECT {_COLUMNS} FROM set_aside ORDER BY superseded_by IS NOT NULL, position, kind, key"  # noqa: S608
    return [dict(row) for row in session.execute(text(query)).mappings()]


def count(session: Session) -> int:
    """How much is set aside and not superseded."""
    query = text("SELECT count(*) FROM set_aside WHERE superseded_by IS NULL")
    return int(session.execute(query).scalar_one())


def positions(session: Session) -> frozenset[int]:
    """Every position that is not applied."""
    return frozenset(session.scalars(text("SELECT position FROM set_aside")))


def missing_at(session: Session, position: int) -> Mapping[str, int]:
    """Kind to how many changes the facts of a position of the log miss; the kind is empty where it is not known."""
    query = """
        SELECT kind, count(*) AS missing FROM set_aside
        WHERE position <= :position AND (superseded_by IS NULL OR superseded_by > :position) GROUP BY kind
    """
    return {row.kind: row.missing for row in session.execute(text(query), {"position": position})}


@cache
def running_version() -> str:
    """The version of Muster that runs."""
    return version("muster")
