"""Applying the change log: the records notify needs as they stand, and which projects they touch."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from muster_notify import holders, project_news
from muster_notify.ladder import shipped_ladders
from muster_notify.models import FollowCursor, ObligationRow, Record, RoleHolder, TouchedProject
from muster_notify.workflow_news import shipped_rules
from muster_shared import set_aside
from muster_shared.changelog import Change, Page
from muster_shared.one_of import one_of

KINDS: Final = frozenset({"project", "grant", "extension", "progress_report", "follow_up", "office", "donor"})

# a page of changes is one statement with one or two parameters: with one for each value of each row, writing the
# statement takes longer than running it, and so does writing an array of texts with quotes in them
_NAMED: Final = "unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS named (kind, key)"
_PROJECTS_OF: Final = text(f"SELECT DISTINCT project_code FROM record JOIN {_NAMED} USING (kind, key)")  # noqa: S608
_FORGET: Final = text(f"DELETE FROM record USING {_NAMED} WHERE (record.kind, record.key) = (named.kind, named.key)")  # noqa: S608
_STORE: Final = text("""
    INSERT INTO record (kind, key, project_code, office, fields)
    SELECT * FROM jsonb_to_recordset(CAST(:told AS jsonb))
        AS told (kind text, key text, project_code text, office text, fields jsonb)
    ON CONFLICT (kind, key) DO UPDATE SET
        project_code = excluded.project_code, office = excluded.office, fields = excluded.fields
""")
_TOUCH: Final = text("INSERT INTO touched_project SELECT unnest(CAST(:codes AS text[])) ON CONFLICT DO NOTHING")


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
    session.execute(delete(TouchedProject).where(one_of(TouchedProject.project_code, chosen)))
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
    return {code for code in session.scalars(_PROJECTS_OF, _named(names)) if code}


def _store(session: Session, changes: Sequence[Change]) -> None:
    if changes:
        session.execute(_STORE, {"told": json.dumps([_row(change) for change in changes])})


def _row(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "key": change.key,
        "project_code": _project_of(change),
        "office": change.office,
        "fields": dict(change.fields),
    }


def _forget(session: Session, names: Collection[tuple[str, str]]) -> None:
    if names:
        session.execute(_FORGET, _named(names))


def _named(names: Collection[tuple[str, str]]) -> dict[str, Any]:
    return {"kinds": [kind for kind, _ in names], "keys": [key for _, key in names]}


def _project_of(change: Change) -> str | None:
    return change.fields.get("project_code")


def touch(session: Session, codes: Collection[str]) -> None:
    """Have it worked out anew what these projects owe."""
    if codes:
        session.execute(_TOUCH, {"codes": sorted(codes)})


def _touch_offices(session: Session, offices: Sequence[str]) -> None:
    of_them = select(Record.project_code).where(Record.kind == "project", Record.office.in_(offices))
    touch(session, {code for code in session.scalars(of_them) if code})
