"""What happens when in a project: its time, its grants, milestones, reports owed and delivered, extensions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from muster_ingest.kinds.kind import Fields
from muster_ingest.project_records import ProjectRecords
from muster_shared.coverage import delivery, standing_on
from muster_shared.language import noted
from muster_shared.schedules import Obligation, obligations
from muster_shared.working_days import working_days_of

DONE, OPEN, LATE, LATE_DONE = "done", "open", "late", "late_done"
MILESTONE, REPORT, DELIVERED, ASKED, DECIDED = "milestone", "report", "delivered", "asked", "decided"
PROJECT, EXTENDED, WISHED, GRANT = "project", "extended", "wished", "grant"
REPORT_NAMES: Final[Mapping[str, str]] = {
    "interim": noted("Interim report"),
    "final": noted("Final report"),
    "financial": noted("Financial report"),
}
_MARGIN: Final = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both included; ``kind`` is project, extended, wished (not decided yet) or grant."""

    kind: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day; ``state`` is done, open, late (and not done), or late_done.

    ``name`` is a milestone's own, or the type of a report; ``of`` the period that the report is on, ``done_on`` the
    day on which a milestone was completed or a report came in.
    """

    kind: str
    day: date
    state: str
    name: str = ""
    of: tuple[date, date] | None = None
    done_on: date | None = None
    days_late: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of the timeline: ``kind`` is project, milestones or grant, ``name`` a grant's id."""

    kind: str
    name: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of it, from ``first`` to ``last``; ``unreadable`` are grants of which nobody can tell what they owe."""

    first: date
    last: date
    today: date
    lanes: tuple[Lane, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def has_milestones(self) -> bool:
        """Whether the project states any."""
        return any(lane.kind == "milestones" for lane in self.lanes)


def timeline(records: ProjectRecords, today: date) -> Timeline:
    """The timeline of a project as its records stand, seen on ``today`` of its office's time zone."""
    owed = {grant["grant_id"]: _owed(records, grant) for grant in records.grants}
    lanes = (_project_lane(records), *_milestones(records, today), *_grant_lanes(records, owed, today))
    days = [today] if _near(lanes, today) else []
    days += [day for lane in lanes for span in lane.spans for day in (span.start, span.end)]
    days += [day for lane in lanes for mark in lane.marks for day in (mark.day, mark.done_on or mark.day)]
    unreadable = tuple(grant_id for grant_id, found in owed.items() if found is None)
    return Timeline(min(days) - _MARGIN, max(days) + _MARGIN, today, lanes, unreadable)


def _near(lanes: Sequence[Lane], today: date) -> bool:
    """A project that ended years ago is not squeezed into a corner to show that today is later."""
    days = [day for lane in lanes for span in lane.spans for day in (span.start, span.end)]
    return min(days) - timedelta(days=366) <= today <= max(days) + timedelta(days=366)


def _project_lane(records: ProjectRecords) -> Lane:
    start, end = _day(records.project["start"]), _day(records.project["end"])
    first = min(_day(records.first_end), end)
    spans = [Span(PROJECT, start, first)] + ([Span(EXTENDED, first, end)] if end > first else [])
    marks = []
    for extension in records.extensions:
        new_end, decision = _day(extension["new_end"]), extension.get("decision")
        kind = {"approved": EXTENDED, None: WISHED}.get(decision)
        if kind and new_end > end:
            spans.append(Span(kind, end, new_end))
        decided = extension.get("decided_on")
        marks.append(_extension_mark(extension, _day(decided) if decided else None))
    return Lane("project", "", tuple(spans), tuple(marks))


def _extension_mark(extension: Fields, decided_on: date | None) -> Mark:
    state = OPEN if decided_on is None else DONE if extension["decision"] == "approved" else LATE
    return Mark(ASKED, _day(extension["requested_on"]), state, str(extension.get("decision") or ""), None, decided_on)


def _milestones(records: ProjectRecords, today: date) -> Iterator[Lane]:
    marks = tuple(_milestone(milestone, today) for milestone in records.project.get("milestones") or ())
    if marks:
        yield Lane("milestones", "", (), tuple(sorted(marks, key=lambda mark: mark.day)))


def _milestone(milestone: Fields, today: date) -> Mark:
    due, completed = _day(milestone["due"]), milestone.get("completed")
    done_on = _day(completed) if completed else None
    state = _state(due, done_on, today)
    days_late = max(((done_on or today) - due).days, 0)
    return Mark(MILESTONE, due, state, milestone["name"], None, done_on, days_late)


def _grant_lanes(
    records: ProjectRecords, owed: Mapping[str, Sequence[Obligation] | None], today: date
) -> Iterator[Lane]:
    for grant in records.grants:
        span = Span(GRANT, _day(grant["start"]), _day(grant["end"]))
        marks = [_report(obligation, records.reports, today) for obligation in owed[grant["grant_id"]] or ()]
        yield Lane("grant", grant["grant_id"], (span,), tuple(sorted(marks, key=lambda mark: mark.day)))


def _owed(records: ProjectRecords, grant: Fields) -> tuple[Obligation, ...] | None:
    """As notify tells it: the same rules, extensions and working days of the office."""
    try:
        days = working_days_of(records.office)
        return obligations(records.project, [grant], records.extensions, working_days=days)
    except (LookupError, TypeError, ValueError):
        return None


def _report(obligation: Obligation, reports: Sequence[Fields], today: date) -> Mark:
    came = delivery(obligation, reports)
    stands = standing_on(obligation.due, came, today)
    state = (LATE if stands.is_overdue else OPEN) if stands.is_open else LATE_DONE if stands.days_late else DONE
    period = (obligation.period_start, obligation.period_end)
    return Mark(REPORT, obligation.due, state, obligation.type, period, came.submitted_on, stands.days_late)


def _state(due: date, done_on: date | None, today: date) -> str:
    if done_on is None:
        return LATE if today > due else OPEN
    return LATE_DONE if done_on > due else DONE


def _day(text: str) -> date:
    return date.fromisoformat(text)
