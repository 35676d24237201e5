"""Which progress report covers an obligation, and how the obligation stands on a day: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from muster_shared.schedules import Fields, Obligation

DUE_SOON_DAYS: Final = 14
AWAITED: Final = "awaited"
SUBMITTED: Final = "submitted"
CLOSED: Final = "closed"
RETURNED: Final = "returned"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in for an obligation, whatever the day.

    ``state`` is awaited, submitted, closed (the donor accepted) or returned (owed again); ``submitted_on`` is
    the first day something came in that was not returned.
    """

    state: str = AWAITED
    submitted_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether the report is still owed."""
        return self.state in (AWAITED, RETURNED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an obligation stands on a day: ``status`` as in the contract, ``days_late`` 0 where it is not late.

    A returned report past its due date is ``returned`` with ``days_late`` above 0, and counts as overdue.
    """

    status: str
    days_late: int

    @property
    def is_open(self) -> bool:
        """Whether the report is still owed."""
        return self.status not in (SUBMITTED, CLOSED)

    @property
    def is_overdue(self) -> bool:
        """Whether it is still owed and its due date has passed."""
        return self.is_open and self.days_late > 0


def covers(obligation: Obligation, report: Fields) -> bool:
    """Whether a progress report is about what is owed: same project, grant and type, and the period.

    A report on the same period end covers it, wherever its writer let the period begin; so does a longer
    report that holds the whole period.
    """
    return _same_matter(obligation, report) and _same_period(obligation, report)


def delivery(obligation: Obligation, reports: Iterable[Fields]) -> Delivery:
    """What came in for an obligation, given current ``progress_report`` fields."""
    covering = [report for report in reports if covers(obligation, report)]
    kept = [report for report in covering if report.get("donor_status") != "returned"]
    if not kept:
        return Delivery(RETURNED if covering else AWAITED)
    accepted = any(report.get("donor_status") == "accepted" for report in kept)
    first = min(date.fromisoformat(report["submitted_on"]) for report in kept)
    return Delivery(CLOSED if accepted else SUBMITTED, first)


def standing(obligation: Obligation, reports: Iterable[Fields], today: date) -> Standing:
    """How an obligation stands on ``today``, a day in the time zone of the project's office."""
    return standing_on(obligation.due, delivery(obligation, reports), today)


def standing_on(due: date, came: Delivery, today: date) -> Standing:
    """How what is due on a day and came in so far stands on ``today``."""
    until = came.submitted_on or today
    return Standing(_awaited(due, today) if came.state == AWAITED else came.state, max((until - due).days, 0))


def _same_matter(obligation: Obligation, report: Fields) -> bool:
    owed = (obligation.project_code, obligation.grant_id, obligation.type)
    return owed == (report["project_code"], report.get("grant_id"), report["type"])


def _same_period(obligation: Obligation, report: Fields) -> bool:
    first, last = date.fromisoformat(report["period_start"]), date.fromisoformat(report["period_end"])
    return last == obligation.period_end or first <= obligation.period_start <= obligation.period_end <= last


def _awaited(due: date, today: date) -> str:
    if today > due:
        return "overdue"
    return "due_soon" if (due - today).days <= DUE_SOON_DAYS else "upcoming"
