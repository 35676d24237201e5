"""A record of a project marks the reports in which it can be seen, by what stands around it, and no others."""

from __future__ import annotations

from typing import Any

import pytest

import factories
from reporting import Reporting

ANALYSIS, DONOR, PEOPLE = "project-analysis", "donor", "beneficiaries"
REACHED = [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 25}]
UNTIL = "2016-11-30"


def told(**changes: Any) -> dict[str, Any]:
    return factories.progress_report(**{"reached": REACHED, **changes})


@pytest.fixture
def settled(empty: Reporting) -> Reporting:
    """Two projects of two years with a donor each; their years and donors are followed."""
    empty.submit(
        factories.office("HQ"),
        factories.office("KEN"),
        *(factories.donor(code) for code in ("one", "other")),
        factories.project("KE-001"),
        factories.project("KE-002", start="2016-01-01", end="2017-12-31"),
        factories.grant("G-1", "KE-001", donor_id="one"),
        factories.grant("G-2", "KE-002", donor_id="other", start="2016-01-01", end="2017-12-31"),
        told(),
    )
    empty.report.follow()
    for year in ("2015", "2016"):
        empty.report.run(ANALYSIS, year=year)
    for year in ("2015", "2016", "2017"):
        empty.report.run(PEOPLE, year=year)
    for donor in ("one", "other"):
        empty.report.run(DONOR, donor_id=donor, until=UNTIL)
    empty.report.count_as_made()
    return empty


def marked(muster: Reporting) -> set[tuple[str, str]]:
    muster.report.follow()
    named = {"year", "donor_id"}
    stale = [state for state in muster.report.states() if state.wanted > state.built]
    return {(s.report, value) for s in stale for name, value in s.params.items() if name in named}


def test_a_progress_report_marks_its_own_year_donor_and_years_of_people(settled: Reporting) -> None:
    settled.submit(told(summary="corrected"))
    assert marked(settled) == {(ANALYSIS, "2015"), (DONOR, "one"), (PEOPLE, "2015"), (PEOPLE, "2016")}


def test_an_extension_of_the_project_lets_its_reports_be_seen_in_later_years(settled: Reporting) -> None:
    longer = {"kind": "extension", "project_code": "KE-001", "requested_on": "2016-10-01", "new_end": "2017-06-30"}
    decided = {"decision": "approved", "decided_by": "Head", "decided_on": "2016-10-05", "reason": "rain"}
    settled.submit(longer | decided)
    settled.report.follow()
    settled.report.count_as_made()
    settled.submit(told(summary="corrected"))
    assert (PEOPLE, "2017") in marked(settled)


def test_a_grant_marks_the_year_of_its_project(settled: Reporting) -> None:
    settled.submit(factories.grant("G-2", "KE-002", donor_id="other", start="2016-01-01", end="2017-12-31", amount="7"))
    assert marked(settled) == {(ANALYSIS, "2016"), (DONOR, "other")}


def test_a_grant_that_moves_to_another_donor_lets_the_project_be_told_to_both_and_then_to_one(
    settled: Reporting,
) -> None:
    settled.submit(factories.grant("G-1", "KE-001", donor_id="other"))
    assert marked(settled) == {(ANALYSIS, "2015"), (DONOR, "one"), (DONOR, "other")}
    settled.report.count_as_made()
    settled.submit(told(summary="corrected"))
    assert {one for one in marked(settled) if one[0] == DONOR} == {(DONOR, "other")}


def test_a_project_and_its_money_in_one_page_mark_where_both_were_and_are(settled: Reporting) -> None:
    settled.submit(factories.project("KE-001", start="2016-01-01"), told(summary="corrected"))
    assert {one for one in marked(settled) if one[0] == ANALYSIS} == {(ANALYSIS, "2015"), (ANALYSIS, "2016")}


def test_what_was_marked_is_what_a_rebuild_finds(settled: Reporting) -> None:
    settled.submit(factories.project("KE-001", start="2016-01-01"), told(summary="corrected"))
    settled.submit(factories.grant("G-1", "KE-001", donor_id="other"))
    settled.withdraw("progress_report", **{name: told()[name] for name in KEY})
    settled.settle()
    assert settled.report.rebuild().differing == ()


KEY = ("project_code", "grant_id", "type", "period_start", "period_end")
