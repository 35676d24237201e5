"""Applying late what was set aside: a change of a record that no later change has taken the place of, or a project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from muster_notify import alarms, following
from muster_shared import set_aside
from muster_shared.changelog import ChangeLog
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import SET_ASIDE
from muster_shared.set_aside import NO_POSITION, Named

OBLIGATIONS: Final = "obligations"  # the kind under which a project stands whose obligations cannot be worked out


def retry_due(context: Context, log: ChangeLog) -> int:
    """Try again what was set aside and is due by now; returns how many changes were applied.

    A project is only put on the list of those to be worked out anew.

    Raises:
        LogUnreachable: ingest is away; what was applied before stays applied.
    """
    with context.sessions.begin() as session:
        waiting = set_aside.due(session, now=real_now())
        following.touch(session, [one.key for one in waiting if one.position == NO_POSITION])
    return sum(_retry(context, log, one) for one in waiting if one.position != NO_POSITION)


def note_projects(
    session: Session, codes: Sequence[str], failed: Sequence[tuple[str, Exception]], *, now: datetime
) -> None:
    """Write down of which projects it could not be worked out what they owe; of the others it could."""
    failing = {Named(NO_POSITION, OBLIGATIONS, code): error for code, error in failed}
    for one, error in failing.items():
        set_aside.note_failed(session, one, error, now=now)
    set_aside.note_done(session, {Named(NO_POSITION, OBLIGATIONS, code) for code in codes} - failing.keys())


def keep_alarm(session: Session, *, now: datetime) -> None:
    """One alarm stands while anything is set aside, and clears itself; cleared by hand, until there is more of it."""
    about = {"kind": SET_ASIDE, "office": alarms.EVERYWHERE, "subject": "notify"}
    if missing := [row for row in set_aside.listed(session) if not row["superseded_by"]]:
        newest = max(missing, key=lambda row: (row["first_tried"], row["position"]))
        what = f"{newest['kind']} {newest['key']} at position {newest['position']}"
        detail = f"{len(missing)} in all, last {what}: see /notify/admin#set-aside"
        if not alarms.is_seen_to(session, **about, detail=detail):
            alarms.raise_alarm(session, **about, detail=detail, now=now)
    else:
        alarms.clear(session, **about, now=now, by=None)


def _retry(context: Context, log: ChangeLog, one: Named) -> bool:
    page = log.after(one.position - 1, limit=1)
    with context.sessions.begin() as session:
        held = following.cursor(session, locked=True)
        if (held.epoch, one.position) != (page.epoch, page.end) or one not in set_aside.due(session, now=real_now()):
            return False  # the log was restored, or somebody else has tried
        failed = set_aside.taken(session, page.items, partial(following.take_in, session))
        set_aside.note_page(session, page, failed, now=real_now(), kinds=following.KINDS)
        return bool(page.items) and not failed
