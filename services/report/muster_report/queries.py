"""What report tells: the catalogue, issues, runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_report import schedules
from muster_report.history import applied_position
from muster_report.models import Issue, ReportState, Run, Schedule
from muster_report.params import params_key
from muster_report.reports import Report, catalogue
from muster_shared import set_aside
from muster_shared.clock import iso_z, real_now
from muster_shared.context import Context
from muster_shared.problems import not_found


def standing(context: Context) -> dict[str, int]:
    """How far the change log is applied, and how many reports wait for their regeneration or failed at it.

    ``set_aside`` counts changes that could not be applied.
    """
    stale = ReportState.wanted > ReportState.built
    counts = select(func.count().filter(stale), func.count().filter(ReportState.failures > 0)).select_from(ReportState)
    with context.sessions() as session:
        waiting, failing = session.execute(counts).one()
        reached, missing = applied_position(session), set_aside.count(session)
        return {"position": reached, "stale": waiting, "failing": failing, "set_aside": missing}


def missing_in(session: Session, report: Report, position: int | None = None) -> int:
    """How many changes that may concern a report its figures miss, as they are now or as of a position."""
    upto = applied_position(session) if position is None else position
    return _concerning(report, set_aside.missing_at(session, upto))


def _concerning(report: Report, missing: Mapping[str, int]) -> int:
    return sum(count for kind, count in missing.items() if not kind or kind in report.kinds)


def reports(session: Session) -> dict[str, Any]:
    """The catalogue, each report with the parameters that stand and their last issue."""
    states = session.scalars(select(ReportState).order_by(ReportState.report, ReportState.params_key)).all()
    newest = {
        (issue.report, issue.params_key): issue
        for issue in session.scalars(select(Issue).order_by(Issue.report, Issue.params_key, Issue.number))
    }
    timed, missing = schedules.timed(session), set_aside.missing_at(session, applied_position(session))
    items = [
        _report(report, [(s, newest.get((s.report, s.params_key))) for s in states if s.report == report.key], timed)
        | {"set_aside": _concerning(report, missing)}
        for report in catalogue().values()
    ]
    return {"items": items, "next": None}


def _report(report: Report, known: list[tuple[ReportState, Issue | None]], timed: Sequence[Schedule]) -> dict[str, Any]:
    own = [row for row in timed if row.report == report.key]
    issues = [issue for _, issue in known if issue]
    newest = max(issues, key=lambda issue: (issue.position, issue.made_at), default=None)
    return {
        "key": report.key,
        "title": report.title,
        "description": report.description,
        "parameters": [{"name": p.name, "description": p.description, "example": p.example} for p in report.parameters],
        "schedule": schedules.in_words(own),
        "last_issue": issue_document(newest) if newest else None,
        "known": [_state(state, issue, own) for state, issue in known],
    }


def _state(state: ReportState, issue: Issue | None, timed: Sequence[Schedule]) -> dict[str, Any]:
    return {
        "params": state.params,
        **schedules.of_state(state, timed),
        "stale": state.wanted > state.built,
        "failures": state.failures,
        "error": state.error,
        "last_issue": issue_document(issue) if issue else None,
    }


def tried_again_in(session: Session, report: Report, params: Mapping[str, str]) -> int:
    """The seconds until a report that failed is tried again by itself, by the machine's time; 0 where it is due."""
    query = select(ReportState.due_at).where(
        ReportState.report == report.key, ReportState.params_key == params_key(params)
    )
    due_at = session.scalars(query).first()
    return max(int((due_at - real_now()).total_seconds()), 0) if due_at else 0


def issues(session: Session, report: Report, params: Mapping[str, str]) -> dict[str, Any]:
    """Every issue for these parameters, newest first."""
    query = select(Issue).where(Issue.report == report.key, Issue.params_key == params_key(params))
    rows = session.scalars(query.order_by(Issue.number.desc()))
    return {"items": [issue_document(row) for row in rows], "next": None}


def issue(session: Session, issue_id: UUID) -> Issue:
    """One issue.

    Raises:
        Problem: 404, there is none.
    """
    row = session.get(Issue, issue_id)
    if row is None:
        raise not_found(f"there is no issue {issue_id}")
    return row


def issue_document(row: Issue) -> dict[str, Any]:
    """An issue as the outside sees it."""
    return {
        "issue_id": str(row.issue_id),
        "report": row.report,
        "params": row.params,
        "number": row.number,
        "sha256": row.sha256,
        "size": row.size,
        "position": row.position,
        "made_at": iso_z(row.made_at),
        "as_of": _or_none(row.as_of),
        "changed_cells": row.changed_cells,
        "thinned_at": _or_none(row.thinned_at),
        "released": _released(row),
        "corrects": _corrected(row.base) if row.base else None,
    }


def _released(row: Issue) -> dict[str, Any] | None:
    if row.released_at is None:
        return None
    return {"at": iso_z(row.released_at), "by": row.released_by, "note": row.release_note}


def _corrected(base: Issue) -> dict[str, Any]:
    """The released issue that this one counts its changes from: released as well, it takes that one's place."""
    return {"issue_id": str(base.issue_id), "number": base.number, "as_of": _or_none(base.as_of)}


def run(session: Session, run_id: UUID) -> dict[str, Any]:
    """One run.

    Raises:
        Problem: 404, there is none.
    """
    row = session.get(Run, run_id)
    if row is None:
        raise not_found(f"there is no run {run_id}")
    return run_document(row)


def run_document(row: Run) -> dict[str, Any]:
    """A run as the outside sees it."""
    return {
        "run_id": str(row.run_id),
        "report": row.report,
        "params": row.params,
        "status": row.status,
        "progress": row.progress,
        "issue_id": str(row.issue_id) if row.issue_id else None,
        "detail": row.detail,
    }


def _or_none(moment: datetime | None) -> str | None:
    return iso_z(moment) if moment else None
