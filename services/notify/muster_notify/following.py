"""Applying the change log: the records notify needs as they stand, and which projects they touch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import holders, project_news
from muster_notify.ladder import shipped_ladders
from muster_notify.models import FollowCursor, ObligationRow, Record, RoleHolder, TouchedProject
from muster_notify.workflow_news import shipped_rules
from muster_shared import set_aside
from muster_shared.changelog import Change, Page

KINDS: Final = frozenset({"project", "grant", "extension", "progress_report", "follow_up", "office", "donor"})


def cursor(session: Session, *, locked: bool = False) -> FollowCursor:
    """The cursor's row."""
    query = select(FollowCursor)
    return session.scalars(query.with_for_update() if locked else query).one()


def apply_page(session: Session, page: Page, *, read_from: tuple[str | None, int], real_now: datetime) -> bool:
    """Take a page in and move the cursor; False where somebody else moved it since the page was read.

    A page of another epoch is not taken in: everything is forgotten and read again from the log's beginning. What
    cannot be applied is set aside, and the cursor goes on.
    """
    held = cursor(session, locked=True)
    if (held.epoch, held.position) != read_from:
        return False
    if held.epoch not in (None, page.epoch):
        begin_anew(session)
        held.epoch, held.position, held.last = page.epoch, 0, page.last
        return True
    wanted = [change for change in page.items if change.kind in KINDS]
    failed = set_aside.taken(session, wanted, partial(take_in, session))
    set_aside.note_page(session, page, failed, now=real_now, kinds=KINDS)
    held.epoch = page.epoch
    held.position = page.end or held.position
    held.last = max(page.last, held.position)
    if page.size:
        held.busy_since = held.busy_since or real_now
        held.changed_at = real_now
    return True


def is_settled(session: Session, *, real_now: datetime, quiet: timedelta, cap: timedelta) -> bool:
    """Whether what is owed may be judged: the log is applied to its end, and a run of changes is over.

    An office that sends its grants and then the reports on them is not to be reminded in between. A log that
    never rests is judged all the same once a run lasts longer than ``cap``.
    """
    held = cursor(session, locked=True)
    if held.position < held.last or session.scalars(select(TouchedProject.project_code).limit(1)).first():
        return False
    if held.changed_at is None or held.busy_since is None:
        return True
    if real_now - held.changed_at >= quiet:
        held.busy_since = None
        return True
    return real_now - held.busy_since >= cap


def note_judged(session: Session, position: int, *, now: datetime) -> None:
    """Note that all that was due at a position and a time is recorded."""
    held = cursor(session, locked=True)
    held.judged, held.judged_at = position, now


def take_touched(session: Session, most: int) -> list[str]:
    """Take projects off the list of those to be worked out anew; whoever else does so gets other ones."""
    some = select(TouchedProject.project_code).order_by(TouchedProject.project_code).limit(most)
    chosen = session.scalars(some.with_for_update(skip_locked=True)).all()
    session.execute(delete(TouchedProject).where(TouchedProject.project_code.in_(chosen)))
    return list(chosen)


def begin_anew(session: Session) -> None:
    """Forget every record, and what is set aside; what each project owes is to be worked out anew."""
    session.execute(delete(Record))
    set_aside.forget_after(session, set_aside.NO_POSITION)
    project_news.forget(session)
    touch(session, session.scalars(select(ObligationRow.project_code).distinct()).all())
    touch(session, session.scalars(select(RoleHolder.project_code).distinct()).all())


def take_in(session: Session, changes: Sequence[Change]) -> None:
    """Keep the records as these changes leave them, and which projects they touch; in the order of the log."""
    project_news.hear(session, changes, shipped_rules())
    newest = {(change.kind, change.key): change for change in changes}
    touch(session, _projects_before(session, newest))
    _store(session, [change for change in newest.values() if change.action != "withdraw"])
    _forget(session, [name for name, change in newest.items() if change.action == "withdraw"])
    touch(session, {code for change in newest.values() if (code := _project_of(change))})
    offices = [change.key for change in newest.values() if change.kind == "office"]
    _touch_offices(session, offices)
    if offices:
        holders.keep_for_offices(session, shipped_ladders())


def _projects_before(session: Session, names: Collection[tuple[str, str]]) -> set[str]:
    """Projects that these records were of: a grant may go over to another one."""
    query = select(Record.project_code).where(tuple_(Record.kind, Record.key).in_(names))
    return {code for code in session.scalars(query) if code}


def _store(session: Session, changes: Sequence[Change]) -> None:
    if not changes:
        return
    query = insert(Record).values([_row(change) for change in changes])
    state = {name: query.excluded[name] for name in ("project_code", "office", "fields")}
    session.execute(query.on_conflict_do_update(index_elements=["kind", "key"], set_=state))


def _row(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "key": change.key,
        "project_code": _project_of(change),
        "office": change.office,
        "fields": dict(change.fields),
    }


def _forget(session: Session, names: Collection[tuple[str, str]]) -> None:
    session.execute(delete(Record).where(tuple_(Record.kind, Record.key).in_(names)))


def _project_of(change: Change) -> str | None:
    return change.fields.get("project_code")


def touch(session: Session, codes: Collection[str]) -> None:
    """Have it worked out anew what these projects owe."""
    rows = [{"project_code": code} for code in sorted(codes)]
    if rows:
        session.execute(insert(TouchedProject).values(rows).on_conflict_do_nothing())


def _touch_offices(session: Session, offices: Sequence[str]) -> None:
    of_them = select(Record.project_code).where(Record.kind == "project", Record.office.in_(offices))
    touch(session, {code for code in session.scalars(of_them) if code})
