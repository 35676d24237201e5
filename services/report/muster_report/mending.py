"""Applying late what was set aside: the fact comes in behind the cursor, and what was made without it is made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from muster_report import follow, history
from muster_report.applying import apply, change_of
from muster_report.leases import take_away
from muster_report.models import Cursor, FactRow, Issue, ReportState
from muster_report.params import own, params_key
from muster_report.reports import catalogue
from muster_shared import set_aside
from muster_shared.changelog import Change, ChangeLog
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import REPORT_REGENERATE
from muster_shared.set_aside import Named

_CODE = "project_code"
_BLINDLY = {"synchronize_session": False}


def retry_due(context: Context, log: ChangeLog) -> int:
    """Try again what was set aside and is due by now; returns how many changes were applied.

    A change of a record that has a newer one is not tried: its fact would tell of the past only.

    Raises:
        LogUnreachable: ingest is away; what was applied before stays applied.
    """
    with context.sessions() as session:
        waiting = set_aside.due(session, now=real_now())
    return _retry(context, log, waiting)


def retry_every(context: Context, log: ChangeLog) -> int:
    """Try again all that is set aside, also what only the past misses; as above."""
    with context.sessions() as session:
        waiting = set_aside.every(session)
    return _retry(context, log, waiting)


def _retry(context: Context, log: ChangeLog, waiting: Iterable[Named]) -> int:
    applied = sum(_retry_one(context, log, one) for one in waiting)
    if applied:
        context.wake(REPORT_REGENERATE, countdown=context.settings.quiet_seconds)
    return applied


def _retry_one(context: Context, log: ChangeLog, one: Named) -> bool:
    page = log.after(one.position - 1, limit=1)
    with context.sessions.begin() as session:
        cursor = session.scalars(select(Cursor).with_for_update()).one()
        if (cursor.epoch, one.position) != (page.epoch, page.end) or not set_aside.stands(session, one):
            return False  # the log was restored, or somebody else has applied it
        failed = set_aside.taken(session, page.items, partial(_apply_late, session, context, cursor))
        set_aside.note_page(session, page, failed, now=real_now())
        return bool(page.items) and not failed


def _apply_late(session: Session, context: Context, cursor: Cursor, items: Sequence[Change]) -> None:
    take_away(session)
    for change in items:
        apply(session, [change])
        cursor.mended += 1
        items = [change, *_around(session, change)]
        follow.mark_stale(session, context, items)
        concerned = follow.may_concern(session, items)  # an issue names its submissions, whatever figures show
        for report, params in _outdated(session, change, concerned):
            follow.mark(session, context, report, params, change.position, at_once=True)
        _place_states(session, context, concerned, cursor.position)


def _around(session: Session, change: Change) -> Iterator[Change]:
    """Later changes of the same record and of its projects: which reports they concern was judged without this one."""
    of_record = (FactRow.kind == change.kind) & (FactRow.key == change.key)
    before = select(FactRow.fields[_CODE].astext).where(of_record, FactRow.until == change.position)
    codes = {change.fields.get(_CODE), *session.scalars(before)} - {None}
    later = select(FactRow).where(
        FactRow.position > change.position, or_(of_record, FactRow.fields[_CODE].astext.in_(codes))
    )
    return (change_of(row) for row in session.scalars(later.order_by(FactRow.position)))


def _outdated(
    session: Session, change: Change, concerned: Collection[follow.Mark]
) -> list[tuple[str, Mapping[str, str]]]:
    """Mark the issues that were made without the change; returns their reports, each with its own parameters.

    They stay to be read as they are. As they cannot be made again, nothing is compared with them any more.
    """
    until = session.scalars(select(FactRow.until).where(FactRow.position == change.position)).one()
    query = select(Issue.issue_id, Issue.report, Issue.params).where(
        Issue.position >= change.position, ~Issue.of_lost_log, Issue.report.in_({report for report, _ in concerned})
    )
    query = query.where(Issue.position < until) if until else query
    found: dict[UUID, tuple[str, Mapping[str, str]]] = {
        row.issue_id: (row.report, own(row.params))
        for row in session.execute(query)
        if (row.report, params_key(own(row.params))) in concerned
    }
    made_without = or_(Issue.issue_id.in_(found), Issue.base_issue_id.in_(found))
    session.execute(update(Issue).where(made_without).values(of_lost_log=True).execution_options(**_BLINDLY))
    return list(found.values())


def _place_states(session: Session, context: Context, concerned: Collection[follow.Mark], applied: int) -> None:
    """Put the states that the change may concern to the newest change that affects them now."""
    query = select(ReportState).where(ReportState.report.in_({report for report, _ in concerned}))
    for state in session.scalars(query.order_by(ReportState.report, ReportState.params_key)).all():
        if (state.report, params_key(own(state.params))) not in concerned:
            continue
        position = history.affecting_position(session, catalogue()[state.report], state.params, applied)
        if position != state.position:
            state.position = position
            session.flush()
            if position:
                follow.mark(session, context, state.report, own(state.params), position, at_once=True)
