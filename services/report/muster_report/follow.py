"""Following the change log: facts, and which reports they make stale, in one transaction with the cursor."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ARRAY, Text, case, cast, false, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from muster_report import erasing, pacing, restored
from muster_report.applying import apply
from muster_report.history import affected
from muster_report.models import Cursor, FactRow, ReportState
from muster_report.neighbours import Neighbours
from muster_report.params import OF_EVERY_REPORT, internal, own, params_key
from muster_report.reports import catalogue
from muster_report.schedules import is_timed
from muster_shared import erasing_heard, set_aside
from muster_shared.changelog import Change, ChangeLog, Page
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE

_log = logging.getLogger(__name__)
Mark = tuple[str, str]


def follow(context: Context, log: ChangeLog) -> int:
    """Apply what the log holds after the cursor; returns how many changes were applied.

    Raises:
        LogUnreachable: ingest is away; what was applied before stays applied.
    """
    applied = 0
    try:
        while count := _turn(context, log):
            applied += count
    finally:
        if applied:
            context.wake(REPORT_REGENERATE, countdown=context.settings.quiet_seconds)
    erasing_heard.tell(context, log)
    return applied


def _turn(context: Context, log: ChangeLog) -> int:
    with context.sessions.begin() as session:
        cursor = session.scalars(select(Cursor).with_for_update(skip_locked=True)).first()
        if cursor is None:
            return 0  # another follower is at it
        page = log.after(cursor.position)
        if page.erasing:
            erasing.take_in(session, context, log)
        if cursor.epoch not in {None, page.epoch}:
            return _follow_restored(session, context, cursor, log)
        cursor.epoch = page.epoch
        _apply_page(session, context, cursor, page)
        return page.size


def _apply_page(session: Session, context: Context, cursor: Cursor, page: Page) -> None:
    """Apply what can be applied; the rest is set aside, and the cursor goes on."""
    if page.end is None:
        return

    def take(items: Sequence[Change]) -> None:
        apply(session, items)
        mark_stale(session, context, items)

    failed = set_aside.taken(session, page.items, take)
    set_aside.note_page(session, page, failed, now=real_now())
    cursor.position = page.end


def _follow_restored(session: Session, context: Context, cursor: Cursor, log: ChangeLog) -> int:
    """The log was restored: what it no longer holds is forgotten, and the rest of it is applied.

    All in one transaction: a workbook is made of the log before the restore or of the one after, never of half of it.
    Returns how many changes are held otherwise than before.
    """
    lost = restored.forget_what_is_lost(session, cursor, log)
    for report, params, position in restored.states_left_without(session, cursor.position):
        mark(session, context, report, params, position, at_once=True)
    applied = 0
    while (page := log.after(cursor.position)).size:
        _apply_page(session, context, cursor, page)
        applied += page.size
    cursor.epoch = page.epoch
    _log.warning("the change log was restored", extra={"changes_lost": lost, "changes_added": applied})
    return lost + applied


def mark_stale(session: Session, context: Context, items: Sequence[Change]) -> Mapping[Mark, int]:
    """Note which reports with which parameters the changes affect, by their old fields and by their new.

    Returns the position of the newest such change by report and the key of its own parameters.
    """
    known = _known(session)
    before, neighbours = _fields_before(session, items), Neighbours(session)
    neighbours.read(str(change.fields["project_code"]) for change in items if change.fields.get("project_code"))
    marks: dict[Mark, int] = {}
    for change in items:
        for report in catalogue().values():
            sets = known.setdefault(report.key, {})
            for fields, at in (
                (before.get((change.kind, change.key)), change.position - 1),
                (change.fields, change.position),
            ):
                if fields is None:
                    continue
                around = partial(neighbours.of, change.kind, fields, at)
                for params in affected(report, change.kind, fields, list(sets.values()), around):
                    sets[params_key(params)] = params
                    marks[report.key, params_key(params)] = change.position
        before[change.kind, change.key] = change.fields
    for (report_key, own_key), position in sorted(marks.items()):
        mark(session, context, report_key, known[report_key][own_key], position)
    return marks


def _known(session: Session) -> dict[str, dict[str, dict[str, str]]]:
    """By report, the parameter sets that stand as states, without their copy; not those a restore left without data."""
    known: dict[str, dict[str, dict[str, str]]] = {}
    for report, params in session.execute(
        select(ReportState.report, ReportState.params).where(ReportState.position > 0)
    ):
        known.setdefault(report, {})[params_key(own(params))] = own(params)
    return known


def _fields_before(session: Session, items: Sequence[Change]) -> dict[tuple[str, str], Mapping[str, Any]]:
    names = sorted({(change.kind, change.key) for change in items})
    query = select(FactRow.kind, FactRow.key, FactRow.fields).where(
        tuple_(FactRow.kind, FactRow.key).in_(names),
        FactRow.position < items[0].position,
        or_(FactRow.until.is_(None), FactRow.until >= items[0].position),
    )
    return {(kind, key): fields for kind, key, fields in session.execute(query)}


def mark(
    session: Session,
    context: Context,
    report: str,
    params: Mapping[str, str],
    position: int,
    *,
    at_once: bool = False,
) -> None:
    """Wish for a regeneration of a report with these parameters, in every copy that was asked for.

    Of a report that is not standing, only where it was asked for at all. What is made at times of its own is not
    wished for before its time, unless ``at_once``.
    """
    if catalogue()[report].standing:
        ensure(session, report, internal(params), position)
    hold(session, report, params)
    now, timed = real_now(), false() if at_once else is_timed()
    since = func.coalesce(ReportState.stale_since, now)
    due_at = pacing.due_at(now, since, context.settings)
    session.execute(
        update(ReportState)
        .where(ReportState.report == report, _own_params() == dict(own(params)))
        .values(
            position=func.greatest(ReportState.position, position),
            wanted=ReportState.wanted + case((timed, 0), else_=1),
            stale_since=case((timed, ReportState.stale_since), else_=since),
            due_at=case((timed, ReportState.due_at), else_=due_at),
            spell=case((timed, ReportState.spell), else_=pacing.spell(now, context.settings)),
        )
    )


def hold(session: Session, report: str, params: Mapping[str, str]) -> None:
    """Keep others from marking these parameters, and from asking for a copy of them, until the transaction ends.

    Without it, a copy that is asked for while a change is being applied would be seen by neither: it would state
    a position before that change, and the change would not mark it.
    """
    of_internal = (ReportState.report == report) & (ReportState.params_key == params_key(internal(params)))
    session.execute(select(ReportState.report).where(of_internal).with_for_update())


def _own_params() -> Any:
    return ReportState.params.op("-", return_type=JSONB)(cast(list(OF_EVERY_REPORT), ARRAY(Text)))


def ensure(session: Session, report: str, params: Mapping[str, str], position: int) -> None:
    """Let a state stand for these parameters, exactly as given."""
    row = {
        "report": report,
        "params_key": params_key(params),
        "params": dict(params),
        "position": position,
        "wanted": 0,
        "built": 0,
        "attempt": 0,
        "failures": 0,
    }
    session.execute(upsert(ReportState).values(row).on_conflict_do_nothing())
