"""What report tells: the catalogue, issues, runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

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


def reports(session: Session, key: str | None = None, *, most: int | None = None) -> dict[str, Any]:
    """The catalogue, each report with the parameters that stand and their last issue.

    Of one report with ``key``; of each with as many sets of parameters at ``most``.
    """
    wanted = [report for report in catalogue().values() if key in (None, report.key)]
    states = _states_and_issues(session, key, most)
    timed, missing = schedules.timed(session), set_aside.missing_at(session, applied_position(session))
    items = [
        _report(report, states.get(report.key, []), timed) | {"set_aside": _concerning(report, missing)}
        for report in wanted
    ]
    return {"items": items, "next": None}


def sets_of_parameters(session: Session) -> Mapping[str, int]:
    """How many sets of parameters stand of each report."""
    counted = select(ReportState.report, func.count().label("sets")).group_by(ReportState.report)
    return {row.report: row.sets for row in session.execute(counted)}


def set_of_parameters(session: Session, report: Report, params: Mapping[str, str]) -> dict[str, Any] | None:
    """How one set of parameters stands, without its issue; None where nobody asked for it."""
    state = session.get(ReportState, (report.key, params_key(params)))
    if state is None:
        return None
    return _state(state, None, [row for row in schedules.timed(session) if row.report == report.key])


_Known = tuple[ReportState, Issue | None]


def _states_and_issues(session: Session, key: str | None, most: int | None) -> Mapping[str, list[_Known]]:
    """By report the sets that stand, each with its newest issue, which is looked up: there are very many issues."""
    numbered = func.row_number().over(partition_by=ReportState.report, order_by=ReportState.params_key)
    states = select(ReportState, numbered.label("place")).subquery()
    state, other = aliased(ReportState, states), aliased(Issue)
    newest = (
        select(other.issue_id)
        .where(other.report == state.report, other.params_key == state.params_key)
        .order_by(other.number.desc())
        .limit(1)
        .correlate(states)
        .scalar_subquery()
    )
    query = select(state, Issue).outerjoin(Issue, Issue.issue_id == newest).order_by(state.report, state.params_key)
    query = query if key is None else query.where(state.report == key)
    query = query if most is None else query.where(states.c.place <= most)
    found: dict[str, list[_Known]] = defaultdict(list)
    for one, issue in session.execute(query):
        found[one.report].append((one, issue))
    return found


def _report(report: Report, known: Sequence[_Known], timed: Sequence[Schedule]) -> dict[str, Any]:
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
