"""Following the change log: facts, and which reports they make stale, in one transaction with the cursor."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Text, case, cast, column, false, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from muster_report import erasing, pacing, restored
from muster_report.applying import apply
from muster_report.known_sets import KnownSets
from muster_report.models import Cursor, ReportState
from muster_report.neighbours import Neighbours
from muster_report.params import OF_EVERY_REPORT, internal, own, params_key
from muster_report.reports import catalogue
from muster_report.revised import Revised, revised
from muster_report.schedules import is_timed
from muster_report.stale_sets import Told, affected
from muster_shared import erasing_heard, set_aside, tracing, tracing_rows
from muster_shared.changelog import Change, ChangeLog, Page
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE
from muster_shared.one_of import one_of_pairs

_log = logging.getLogger(__name__)
Mark = tuple[str, str]


class Marked(NamedTuple):
    """A report with parameters that a change affects, and the position of the newest such change."""

    report: str
    params: Mapping[str, str]
    position: int


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
    tracing.come_from(tracing_rows.of_positions(context.wake, cursor.position, page.end))

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


def mark_stale(session: Session, context: Context, items: Sequence[Change]) -> None:
    """Note which reports with which parameters the changes affect, by their old fields and by their new."""
    neighbours, changes, known = _around(session, items)
    found = _that_may_mark(changes, known, neighbours)
    marks = _newest_that_tell(neighbours, found, known)
    mark_every(
        session, context, [Marked(report, known.of(report, key), marks[report, key]) for report, key in sorted(marks)]
    )


def may_concern(session: Session, items: Sequence[Change]) -> frozenset[Mark]:
    """Reports, with keys of their own parameters, whose records the changes are of, whether a figure differs or not."""
    neighbours, changes, known = _around(session, items)
    return frozenset(_that_may_mark(changes, known, neighbours, unseen=True))


def _around(session: Session, items: Sequence[Change]) -> tuple[Neighbours, list[Revised], KnownSets]:
    neighbours = Neighbours(session, since=items[0].position - 1)
    neighbours.read(str(change.fields["project_code"]) for change in items if change.fields.get("project_code"))
    changes = revised(session, items)
    return neighbours, changes, KnownSets.read(session, neighbours, [one for each in changes for one in each.around])


def _that_may_mark(
    changes: Iterable[Revised], known: KnownSets, neighbours: Neighbours, *, unseen: bool = False
) -> dict[Mark, list[Revised]]:
    """The changes that a report sees, the oldest first, by the set of parameters that they may mark."""
    found: dict[Mark, list[Revised]] = {}
    for change in changes:
        for report in catalogue().values():
            if unseen or report.sees_a_change(change.kind, change.stood, change.stands):
                for one in change.around:
                    for params in affected(report, one, known.near(report, one), neighbours):
                        found.setdefault((report.key, known.add(report, params)), []).append(change)
    return found


def _newest_that_tell(
    neighbours: Neighbours, changes: Mapping[Mark, Sequence[Revised]], known: KnownSets
) -> dict[Mark, int]:
    """The position of the newest change after which a set tells something else than before, of sets with any."""
    told, marks = Told(neighbours), dict[Mark, int]()
    for (report, key), of_set in changes.items():
        params = known.of(report, key)
        differing = (one.position for one in reversed(of_set) if told.differs(catalogue()[report], one, params))
        if position := next(differing, 0):
            marks[report, key] = position
    return marks


def mark(
    session: Session,
    context: Context,
    report: str,
    params: Mapping[str, str],
    position: int,
    *,
    at_once: bool = False,
) -> None:
    """Wish for a regeneration of one report with these parameters; see ``mark_every``."""
    mark_every(session, context, [Marked(report, params, position)], at_once=at_once)


def mark_every(session: Session, context: Context, marks: Sequence[Marked], *, at_once: bool = False) -> None:
    """Wish for a regeneration of reports with these parameters, in every copy that was asked for, in few statements.

    Of a report that is not standing, only where it was asked for at all. What is made at times of its own is not
    wished for before its time, unless ``at_once``. The marks stand in the order of reports and keys of parameters.
    """
    if not marks:
        return
    _ensure_every(session, [one for one in marks if catalogue()[one.report].standing])
    _hold_every(session, marks)
    told = _told(marks)
    now, timed = real_now(), false() if at_once else is_timed()
    since = func.coalesce(ReportState.stale_since, now)
    due_at = pacing.due_at(now, since, context.settings)
    session.execute(
        update(ReportState)
        .where(ReportState.report == told.c.report, _own_params() == told.c.own)
        .values(
            position=func.greatest(ReportState.position, told.c.position),
            wanted=ReportState.wanted + case((timed, 0), else_=1),
            stale_since=case((timed, ReportState.stale_since), else_=since),
            due_at=case((timed, ReportState.due_at), else_=due_at),
            spell=case((timed, ReportState.spell), else_=pacing.spell(now, context.settings)),
        )
        .execution_options(synchronize_session="fetch")
    )


def _told(marks: Sequence[Marked]) -> Any:
    """The marks as rows: report, own parameters, position."""
    rows = [{"report": one.report, "own": own(one.params), "position": one.position} for one in marks]
    columns = (column("report", Text), column("own", JSONB), column("position", BigInteger))
    told = func.jsonb_to_recordset(cast(rows, JSONB)).table_valued(*columns, name="told")
    return told.render_derived(with_types=True)


def hold(session: Session, report: str, params: Mapping[str, str]) -> None:
    """Keep others from marking these parameters, and from asking for a copy of them, until the transaction ends.

    Without it, a copy that is asked for while a change is being applied would be seen by neither: it would state
    a position before that change, and the change would not mark it.
    """
    _hold_every(session, [Marked(report, params, 0)])


def _hold_every(session: Session, marks: Sequence[Marked]) -> None:
    """All of them in one order, so that no two who hold several wait for each other."""
    names = [(one.report, params_key(internal(one.params))) for one in marks]
    held = select(ReportState.report).where(one_of_pairs(ReportState.report, ReportState.params_key, names))
    session.execute(held.order_by(ReportState.report, ReportState.params_key).with_for_update())


def _own_params() -> Any:
    return ReportState.params.op("-", return_type=JSONB)(cast(list(OF_EVERY_REPORT), ARRAY(Text)))


def ensure(session: Session, report: str, params: Mapping[str, str], position: int) -> None:
    """Let a state stand for these parameters, exactly as given."""
    session.execute(upsert(ReportState).values(_fresh(report, params, position)).on_conflict_do_nothing())


def _ensure_every(session: Session, marks: Sequence[Marked]) -> None:
    """Let a state of the internal copy stand for each."""
    rows = [_fresh(one.report, internal(one.params), one.position) for one in marks]
    if rows:
        session.execute(upsert(ReportState).values(rows).on_conflict_do_nothing())


def _fresh(report: str, params: Mapping[str, str], position: int) -> dict[str, Any]:
    return {
        "report": report,
        "params_key": params_key(params),
        "params": dict(params),
        "position": position,
        "wanted": 0,
        "built": 0,
        "attempt": 0,
        "failures": 0,
    }
