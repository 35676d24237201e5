"""Which progress report covers what is owed, and how an obligation stands on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_shared.coverage import Standing, covers, delivery, standing
from muster_shared.schedules import Obligation

OWED = Obligation("KEN-1", "G-1", "interim", date(2016, 4, 1), date(2016, 6, 30), date(2016, 7, 30), "2")


def report(**changes: Any) -> dict[str, Any]:
    return {
        "project_code": "KEN-1",
        "grant_id": "G-1",
        "type": "interim",
        "period_start": "2016-04-01",
        "period_end": "2016-06-30",
        "submitted_on": "2016-07-28",
        **changes,
    }


def on(today: str, *reports: dict[str, Any]) -> Standing:
    return standing(OWED, reports, date.fromisoformat(today))


@pytest.mark.parametrize(
    ("today", "status", "days_late"),
    [
        ("2016-07-15", "upcoming", 0),
        ("2016-07-16", "due_soon", 0),
        ("2016-07-30", "due_soon", 0),
        ("2016-07-31", "overdue", 1),
        ("2016-08-30", "overdue", 31),
    ],
)
def test_without_a_report_the_due_date_decides(today: str, status: str, days_late: int) -> None:
    assert on(today) == Standing(status, days_late)


@pytest.mark.parametrize("donor_status", [None, "sent"])
def test_a_report_handed_in_ends_the_lateness_whatever_the_day(donor_status: str | None) -> None:
    assert on("2017-01-01", report(donor_status=donor_status, submitted_on="2016-08-02")) == Standing("submitted", 3)
    assert on("2016-07-01", report(donor_status=donor_status)) == Standing("submitted", 0)


def test_a_report_the_donor_accepted_closes_the_obligation() -> None:
    assert on("2017-01-01", report(donor_status="accepted")) == Standing("closed", 0)


def test_a_returned_report_is_owed_again_and_late_again() -> None:
    assert on("2016-08-02", report(donor_status="returned")) == Standing("returned", 3)
    assert on("2016-07-30", report(donor_status="returned")) == Standing("returned", 0)
    assert delivery(OWED, [report(donor_status="returned")]).is_open


def test_another_report_on_the_same_period_outweighs_a_returned_one() -> None:
    resent = report(period_start="2016-01-01", submitted_on="2016-08-10")
    assert on("2016-09-01", report(donor_status="returned"), resent) == Standing("submitted", 11)
    assert not delivery(OWED, [report(donor_status="returned"), resent]).is_open


@pytest.mark.parametrize(
    "changes",
    [
        {"period_start": "2016-04-15"},
        {"period_start": "2016-01-01"},
        {"period_start": "2016-01-01", "period_end": "2016-12-31"},
    ],
)
def test_a_report_to_the_same_day_or_over_the_whole_period_covers_it(changes: dict[str, str]) -> None:
    assert covers(OWED, report(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "financial"},
        {"grant_id": "G-2"},
        {"grant_id": None},
        {"project_code": "KEN-2"},
        {"period_end": "2016-06-29"},
        {"period_start": "2016-04-02", "period_end": "2016-09-30"},
        {"period_start": "2016-07-01", "period_end": "2016-09-30"},
    ],
)
def test_a_report_on_something_else_does_not_cover(changes: dict[str, str]) -> None:
    assert not covers(OWED, report(**changes))


@given(st.dates(date(2015, 1, 1), date(2018, 1, 1)))
def test_overdue_is_exactly_the_days_after_the_due_date(today: date) -> None:
    found = on(today.isoformat())
    assert found.is_open
    assert (found.status == "overdue") == (today > OWED.due) == found.is_overdue
    assert found.days_late == max((today - OWED.due).days, 0)
