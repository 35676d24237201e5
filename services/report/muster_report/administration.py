"""What an administrator sees of report: what failed, what is stale since when, runs, looks, and the disk in use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_report import looks, queries
from muster_report.models import Issue, ReportState, Run
from muster_shared import set_aside
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context

_MOST: Final = 100
_RUNS: Final = 50


def overview(context: Context) -> dict[str, Any]:
    """``{standing, failed, stale, issues, set_aside}``: of issues ``{count, bytes, thinned}``, each content once."""
    with context.sessions() as session:
        return {
            "standing": queries.standing(context),
            "failed": _states(session, failed=True),
            "stale": _states(session, failed=False),
            "issues": _kept(session),
            "set_aside": set_aside.listed(session),
        }


def everything(context: Context) -> dict[str, Any]:
    """The same with the last runs and every look."""
    with context.sessions() as session:
        newest = select(Run).order_by(Run.asked_at.desc(), Run.wish.desc()).limit(_RUNS)
        runs = [_run(row) for row in session.scalars(newest)]
        told = [looks.look_document(row) for row in looks.every(session)]
    return {**overview(context), "runs": runs, "looks": told}


def _states(session: Session, *, failed: bool) -> list[dict[str, Any]]:
    """Those that failed at their last attempt, or the others that wait; oldest first, by the machine's time."""
    waits = ReportState.wanted > ReportState.built
    chosen = ReportState.failures > 0 if failed else waits & (ReportState.failures == 0)
    query = select(ReportState).where(chosen).order_by(ReportState.stale_since.nulls_last(), ReportState.report)
    return [_state(row) for row in session.scalars(query.limit(_MOST))]


def _state(row: ReportState) -> dict[str, Any]:
    waited = real_now() - row.stale_since if row.stale_since else timedelta()
    return {
        "report": row.report,
        "params": row.params,
        "error": row.error,
        "failures": row.failures,
        "seconds": int(waited.total_seconds()),
        "being_made": row.lease_until is not None and row.lease_until > real_now(),
        "due_in": max(int((row.due_at - real_now()).total_seconds()), 0) if row.due_at else 0,
    }


def _run(row: Run) -> dict[str, Any]:
    return {**queries.run_document(row), "asked_by": row.asked_by, "asked_at": iso_z(row.asked_at)}


def _kept(session: Session) -> dict[str, int]:
    kept = Issue.thinned_at.is_(None)
    contents = select(Issue.sha256, Issue.size).where(kept).distinct().subquery()
    count, thinned = session.execute(
        select(func.count().filter(kept), func.count().filter(~kept)).select_from(Issue)
    ).one()
    return {"count": count, "thinned": thinned, "bytes": int(session.scalar(select(func.sum(contents.c.size))) or 0)}
