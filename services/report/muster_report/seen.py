"""What of the reports a caller sees: a donor what was released to them, the house all of them.

Two list the single projects of every office, drafts among them: those are for who sees all offices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import asking, queries, released, usecases
from muster_report.models import FactRow, Issue
from muster_report.reports import Report
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import forbidden

OF_SINGLE_PROJECTS: Final = frozenset({"projects", "project-analysis"})
HEADQUARTERS: Final = "HQ"


def reports(session: Session, caller: Caller, key: str | None = None, *, most: int | None = None) -> dict[str, Any]:
    """The catalogue; for the house of one report with ``key``, of each with as many sets of parameters at ``most``."""
    return released.reports(session, caller) if released.is_donor(caller) else queries.reports(session, key, most=most)


def asked(
    caller: Caller, key: str, *, leave_out: tuple[str, ...] = (), given: Mapping[str, str] | None = None
) -> tuple[Report, dict[str, str]]:
    """The report that a request asks for, and its parameters: those ``given``, else those of its query and body.

    Raises:
        Problem: 404 for a report that is not there or not the caller's, 422 for a wrong parameter, 400 for a body
            that cannot be read, 403 for one that lists the projects of every office.
    """
    if released.is_donor(caller):
        return released.asked(caller, key, given)
    _refuse_single_projects(caller, key)
    if given is None:
        return asking.asked(key, leave_out=leave_out)
    report = asking.report_named(key)
    return report, asking.in_its_language(report, dict(given))


def current(context: Context, caller: Caller, report: Report, params: Mapping[str, str]) -> Issue:
    """The current issue; of a donor the newest one that was released.

    Raises:
        Problem: 404 where there is none, 503 where making it failed.
    """
    if not released.is_donor(caller):
        return usecases.current_issue(context, report, params)
    with context.sessions() as session:
        return released.latest(session, caller, params)


def issues(session: Session, caller: Caller, report: Report, params: Mapping[str, str]) -> dict[str, Any]:
    """Every issue for these parameters that the caller sees, newest first."""
    if released.is_donor(caller):
        return released.issues(session, caller, params)
    return queries.issues(session, report, params)


def issue(session: Session, caller: Caller, issue_id: UUID) -> Issue:
    """One issue.

    Raises:
        Problem: 404, there is none that the caller sees; 403, it lists the projects of every office.
    """
    if released.is_donor(caller):
        return released.one(session, caller, issue_id)
    row = queries.issue(session, issue_id)
    _refuse_single_projects(caller, row.report)
    return row


def may_ask_for(caller: Caller, key: str) -> bool:
    """Whether a report is one that the caller may ask for at all."""
    if released.is_donor(caller):
        return key == released.DONOR
    return caller.sees_all_offices or key not in OF_SINGLE_PROJECTS


def records_of(session: Session, caller: Caller) -> Callable[[str], bool]:
    """Whether a caller is told of the single records of an office."""
    offices = offices_of(session, caller)
    return (lambda _office: True) if offices is None else offices.__contains__


def offices_of(session: Session, caller: Caller) -> frozenset[str] | None:
    """The offices of whose single records a caller is told; None where of all."""
    if caller.sees_all_offices:
        return None
    region = FactRow.fields["region"].astext
    standing = (FactRow.kind == "office") & FactRow.until.is_(None)
    of_regions = session.scalars(select(FactRow.key).where(standing, region.in_(caller.regions)))
    return frozenset({*caller.offices, *of_regions, HEADQUARTERS})


def _refuse_single_projects(caller: Caller, key: str) -> None:
    if not may_ask_for(caller, key):
        raise forbidden(f"the report '{key}' lists the projects of every office, drafts among them: ask an analyst")


def issue_document(session: Session, caller: Caller, issue_id: UUID) -> dict[str, Any]:
    """One issue as the caller sees it.

    Raises:
        Problem: 404, there is none that the caller sees.
    """
    row = issue(session, caller, issue_id)
    return released.document(session, caller, row) if released.is_donor(caller) else queries.issue_document(row)
