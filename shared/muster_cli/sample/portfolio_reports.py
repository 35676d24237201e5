"""Illustrative progress reports and extensions: what was handed in by HOME, on time, late, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from muster_cli.sample import draw
from muster_cli.sample.portfolio_projects import HOME, Seat
from muster_cli.sample.portfolio_stock import CHALLENGES, LESSONS, REASONS
from muster_shared.months import period_end
from muster_shared.schedules import Obligation, obligations

Record = dict[str, Any]

LONGEST_LATENESS: Final = 120  # days; whatever was due earlier has come in by HOME
_CENTS: Final = Decimal("0.01")


def progress_reports(
    project: Record, grants: Sequence[Record], extensions: Sequence[Record], shares: Mapping[str, Decimal]
) -> list[Record]:
    """The reports handed in for what the project owes; ``shares`` is each grant's part of the budget, by grant id."""
    by_id = {grant["grant_id"]: grant for grant in grants}
    made = []
    for owed in obligations(project, grants, extensions):
        grant = by_id[owed.grant_id]
        submitted_on = None if _kept_back(owed, grant) else _submitted_on(owed, closed=project["status"] == "closed")
        if submitted_on is not None:
            made.append(_report(owed, project, grant, submitted_on, shares[owed.grant_id]))
    return made


def extension_of(seat: Seat, project: Record, decided_by: str) -> Record | None:
    """The extension somebody asked for: approved in six regions, refused in one, pending in one."""
    if not seat.extended:
        return None
    end = date.fromisoformat(project["end"])
    pending = seat.region_number == 7
    requested = HOME - timedelta(days=6) if pending else end - timedelta(days=62 + 3 * seat.region_number)
    asked = {
        "kind": "extension",
        "action": "upsert",
        "project_code": project["project_code"],
        "requested_on": requested.isoformat(),
        "new_end": period_end(end + timedelta(days=1), 3 + seat.region_number % 3).isoformat(),
        "reason": draw.pick(f"reason/{seat.key}", REASONS),
    }
    decision = {
        "decision": "refused" if seat.region_number == 6 else "approved",
        "decided_by": decided_by,
        "decided_on": (requested + timedelta(days=12)).isoformat(),
    }
    return asked if pending else {**asked, **decision}


def _kept_back(owed: Obligation, grant: Record) -> bool:
    """Written-out due dates are there to be missed: they show every lateness from 1 to 120 days."""
    return isinstance(grant["reporting_rules"], list) and owed.due < HOME


def _submitted_on(owed: Obligation, *, closed: bool) -> date | None:
    key = f"submitted/{owed.obligation_id}"
    chance = draw.number(key, 0, 99)
    late_by = (HOME - owed.due).days
    on_time = owed.due - timedelta(days=draw.number(f"{key}/early", 0, min(12, (owed.due - owed.period_end).days)))
    if late_by <= 0:
        return on_time if chance < 25 and on_time <= HOME else None
    if chance < 9 and late_by <= LONGEST_LATENESS and not closed:
        return None
    return owed.due + timedelta(days=draw.number(f"{key}/late", 1, min(late_by, 45))) if chance < 22 else on_time


def _report(owed: Obligation, project: Record, grant: Record, submitted_on: date, share: Decimal) -> Record:
    part = _part_of_project(owed, project)
    return {
        "kind": "progress_report",
        "action": "upsert",
        "project_code": owed.project_code,
        "grant_id": owed.grant_id,
        "type": owed.type,
        "period_start": owed.period_start.isoformat(),
        "period_end": owed.period_end.isoformat(),
        "submitted_on": submitted_on.isoformat(),
        "expenditure": {"amount": _spent(owed, grant, part), "currency": grant["currency"]},
        **({} if owed.type == "financial" else _narrative(owed, project, part * share)),
        "donor_status": _donor_status(owed, submitted_on, closed=project["status"] == "closed"),
    }


def _part_of_project(owed: Obligation, project: Record) -> Decimal:
    """Days of the period over days of the project, at most 1."""
    start, end = date.fromisoformat(project["start"]), date.fromisoformat(project["end"])
    days = (min(owed.period_end, end) - max(owed.period_start, start)).days + 1
    return Decimal(max(days, 0)) / ((end - start).days + 1)


def _spent(owed: Obligation, grant: Record, part: Decimal) -> str:
    """Money of the period; a final report's whole is never below the sum of the interim reports before it."""
    low, high = (98, 100) if owed.type == "final" else (70, 97)
    percent = draw.number(f"spent/{owed.grant_id}/{owed.period_end}/{owed.type == 'final'}", low, high)
    return str((Decimal(grant["amount"]) * part * percent / 100).quantize(_CENTS, ROUND_DOWN))


def _narrative(owed: Obligation, project: Record, part: Decimal) -> Record:
    key = f"narrative/{owed.obligation_id}"
    told = {
        "reached": _reached(key, project, part, final=owed.type == "final"),
        "milestones_completed": _completed_within(project, owed),
        "summary": f"Activities of {owed.period_start:%B %Y} to {owed.period_end:%B %Y} went ahead as agreed.",
        "challenges": draw.pick(f"{key}/challenge", ("", *CHALLENGES)),
        "lessons": draw.pick(f"{key}/lesson", ("", "", *LESSONS)),
    }
    return {name: value for name, value in told.items() if value}


def _reached(key: str, project: Record, part: Decimal, *, final: bool) -> list[Record]:
    low, high = (96, 106) if final else (60, 95)
    counted = []
    for number, target in enumerate(project["targets"]):
        percent = draw.number(f"{key}/{number}", low, high)
        count = int(target["count"] * part * percent / 100)
        if count:
            counted.append({**target, "count": count})
    return counted


def _completed_within(project: Record, owed: Obligation) -> list[str]:
    first, last = owed.period_start.isoformat(), owed.period_end.isoformat()
    return [m["name"] for m in project["milestones"] if first <= m.get("completed", "") <= last]


def _donor_status(owed: Obligation, submitted_on: date, *, closed: bool) -> str:
    chance = draw.number(f"donor/{owed.obligation_id}", 0, 99)
    if not closed and chance < 6 and 0 < (HOME - owed.due).days <= LONGEST_LATENESS:
        return "returned"
    return "accepted" if closed or (chance < 85 and (HOME - submitted_on).days > 45) else "sent"
