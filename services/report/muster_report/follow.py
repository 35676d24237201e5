"""Following the change log: facts, and which reports they make stale, in one transaction with the cursor."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from muster_report.history import affected
from muster_report.models import Cursor, FactRow, ReportState
from muster_report.params import internal, own, params_key
from muster_report.reports import catalogue
from muster_shared.changelog import Change, ChangeLog
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
    while count := _turn(context, log):
        applied += count
    if applied:
        context.wake(REPORT_REGENERATE, countdown=context.settings.quiet_seconds)
    return applied


def _turn(context: Context, log: ChangeLog) -> int:
    with context.sessions.begin() as session:
        cursor = session.scalars(select(Cursor).with_for_update(skip_locked=True)).first()
        if cursor is None:
            return 0  # another follower is at it
        page = log.after(cursor.position)
        if cursor.epoch not in {None, page.epoch}:
            _begin_anew(session, cursor)
            page = log.after(0)
        cursor.epoch = page.epoch
        if page.items:
            apply(session, page.items, cursor.position)
            _mark_stale(session, context, page.items)
            cursor.position = page.items[-1].position
        return len(page.items)


def _begin_anew(session: Session, cursor: Cursor) -> None:
    """The log was restored: everything derived from it is derived again."""
    _log.warning("another epoch of the change log: deriving everything anew")
    session.execute(delete(FactRow))
    session.execute(update(ReportState).values(position=0))
    cursor.position = 0


def apply(session: Session, items: Sequence[Change], after: int) -> None:
    """Add changes as facts and end the facts they follow."""
    session.execute(insert(FactRow), [_row(change) for change in items])
    session.execute(_END_FOLLOWED, {"after": after})


_END_FOLLOWED = text(
    """
    WITH touched AS (SELECT DISTINCT kind, key FROM fact WHERE position > :after),
    chain AS (
        SELECT position, lead(position) OVER (PARTITION BY kind, key ORDER BY revision) AS next
        FROM fact JOIN touched USING (kind, key)
    )
    UPDATE fact SET until = chain.next FROM chain
    WHERE fact.position = chain.position AND fact.until IS DISTINCT FROM chain.next
    """
)


def _row(change: Change) -> dict[str, Any]:
    return {
        "position": change.position,
        "until": None,
        "kind": change.kind,
        "key": change.key,
        "revision": change.revision,
        "action": change.action,
        "office": change.office,
        "occurred_at": change.occurred_at,
        "fields": dict(change.fields),
        "receipt": change.receipt,
        "submission_id": change.source.submission_id,
        "sha256": change.source.sha256,
        "received_at": change.source.received_at,
        "pointer": change.source.pointer,
    }


def _mark_stale(session: Session, context: Context, items: Sequence[Change]) -> None:
    """Note which reports with which parameters the changes affect, by their old fields and by their new."""
    known = _known(session)
    before = _fields_before(session, items)
    marks: dict[Mark, int] = {}
    for change in items:
        for report in catalogue().values():
            sets = known.setdefault(report.key, {})
            for fields in (before.get((change.kind, change.key)), change.fields):
                for params in affected(report, change.kind, fields, list(sets.values())) if fields is not None else ():
                    sets[params_key(params)] = params
                    marks[report.key, params_key(params)] = change.position
        before[change.kind, change.key] = change.fields
    for (report_key, own_key), position in sorted(marks.items()):
        mark(session, context, report_key, known[report_key][own_key], position)


def _known(session: Session) -> dict[str, dict[str, dict[str, str]]]:
    """By report, the parameter sets that stand as states, without their copy."""
    known: dict[str, dict[str, dict[str, str]]] = {}
    for report, params in session.execute(select(ReportState.report, ReportState.params)):
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


def mark(session: Session, context: Context, report: str, params: Mapping[str, str], position: int) -> None:
    """Wish for a regeneration of a report with these parameters, in every copy that was asked for."""
    ensure(session, report, internal(params), position)
    now, quiet = real_now(), timedelta(seconds=context.settings.quiet_seconds)
    since = func.coalesce(ReportState.stale_since, now)
    cap = since + timedelta(seconds=context.settings.quiet_cap_seconds)
    session.execute(
        update(ReportState)
        .where(ReportState.report == report, _own_params() == dict(own(params)))
        .values(
            position=func.greatest(ReportState.position, position),
            wanted=ReportState.wanted + 1,
            stale_since=since,
            due_at=func.least(now + quiet, cap),
        )
    )


def _own_params() -> Any:
    return ReportState.params.op("-", return_type=JSONB)("copy")


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
