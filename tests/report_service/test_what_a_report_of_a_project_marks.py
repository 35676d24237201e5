"""A record of a project marks the reports in which it can be seen, by what stands around it, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

import factories
from muster_report.models import ReportState
from muster_report.queries import standing
from reporting import Report, Reporting

ANALYSIS, COMPLIANCE, DONOR, PEOPLE = "project-analysis", "reporting-compliance", "donor", "beneficiaries"
REACHED = [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 25}]
UNTIL = "2016-11-30"
MORE_PEOPLE = {"reached": [REACHED[0] | {"count": 26}]}
MORE_MONEY = {"expenditure": {"amount": "100001", "currency": "USD"}}
OF_ONE = {"donor_id": "one", "until": UNTIL}
LATER = {"submitted_on": "2015-08-12"}  # the day after it was due


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


def stale(muster: Reporting) -> set[str]:
    muster.report.follow()
    return {report for report, _ in muster.report.stale()}


def test_a_progress_report_marks_its_own_year_donor_and_years_of_people(settled: Reporting) -> None:
    settled.submit(told(**MORE_PEOPLE, **MORE_MONEY))
    assert marked(settled) == {(ANALYSIS, "2015"), (DONOR, "one"), (PEOPLE, "2015"), (PEOPLE, "2016")}


@pytest.mark.parametrize(
    ("corrected", "reports"),
    [
        ({"summary": "told better"}, set()),
        (MORE_PEOPLE, {PEOPLE, DONOR}),
        (MORE_MONEY, {ANALYSIS, DONOR}),
        ({"milestones_completed": ["Kick-off"]}, {DONOR}),
        (LATER, {PEOPLE, ANALYSIS, DONOR, COMPLIANCE}),
        ({"donor_status": "returned"}, {PEOPLE, ANALYSIS, DONOR, COMPLIANCE}),
    ],
)
def test_a_corrected_progress_report_marks_the_reports_that_look_at_what_was_corrected(
    settled: Reporting, corrected: dict[str, Any], reports: set[str]
) -> None:
    settled.report.run(COMPLIANCE, until=UNTIL)
    settled.report.count_as_made()
    settled.submit(told(**corrected))
    assert stale(settled) == reports


QUARTERS = ("2015-06-30", "2015-08-01", "2015-09-30", "2015-12-31", "2016-11-30")
SOMEBODY = {"name": "Somebody", "email": "somebody@example.org"}


@pytest.mark.parametrize(
    ("records", "days"),
    [
        ([told(submitted_on="2015-08-05")], set()),  # it was due on the 11th: in time on either day
        (
            [told(submitted_on="2015-08-12")],
            {"2015-09-30", "2015-12-31", "2016-11-30"},
        ),
        ([told(donor_status="accepted")], set()),
        ([told(donor_status="returned")], {"2015-09-30", "2015-12-31", "2016-11-30"}),
        ([factories.project("KE-001", title="Another title")], {"2016-11-30"}),  # where a report of it is listed
        ([factories.project("KE-001", manager=SOMEBODY)], {"2016-11-30"}),
        ([factories.grant("G-1", "KE-001", donor_id="one", amount="7")], set()),
        ([factories.grant("G-1", "KE-001", donor_id="other")], {"2016-11-30"}),
    ],
)
def test_a_change_marks_the_days_on_which_compliance_tells_otherwise_of_its_project(
    settled: Reporting, records: list[dict[str, Any]], days: set[str]
) -> None:
    for day in QUARTERS:
        settled.report.run(COMPLIANCE, until=day)
    settled.report.count_as_made()
    settled.submit(*records)
    settled.report.follow()
    assert {day for report, day in settled.report.stale() if report == COMPLIANCE} == days


def test_an_office_in_another_time_zone_marks_no_report(settled: Reporting) -> None:
    settled.submit(factories.office("KEN", time_zone="Africa/Cairo"))
    assert stale(settled) == set()
    settled.submit(factories.office("KEN", time_zone="Africa/Cairo", name="Another name"))
    assert stale(settled) >= {ANALYSIS, PEOPLE, DONOR}


@pytest.mark.parametrize("pages", [1, 2], ids=["in one page", "in two"])
def test_a_record_that_was_withdrawn_and_sent_again_as_it_was_marks_as_a_new_one(
    settled: Reporting, pages: int
) -> None:
    settled.withdraw("progress_report", **{name: told()[name] for name in KEY})
    if pages == 2:
        assert PEOPLE in stale(settled)
        settled.report.count_as_made()
    settled.submit(told())
    assert stale(settled) == {ANALYSIS, DONOR, PEOPLE}


def test_what_no_report_looks_at_makes_no_issue_nor_another_workbook_of_any_time(settled: Reporting) -> None:
    settled.settle()
    settled.report.run(DONOR, **OF_ONE)
    settled.report.regenerate()
    made = settled.report.latest(DONOR, **OF_ONE)
    settled.submit(told(summary="told better"))
    settled.settle()
    assert len(settled.report.issues(DONOR, **OF_ONE)) == 1
    assert settled.report.latest(DONOR, **OF_ONE) == made
    assert settled.report.latest(DONOR, **OF_ONE, as_of="2016-12-01T00:00:00Z") == made
    assert settled.report.rebuild().differing == ()


def test_a_state_that_an_older_version_placed_at_a_change_that_is_not_looked_at_stands_rightly(
    settled: Reporting,
) -> None:
    settled.submit(told(summary="told better"), factories.donor("third"))
    settled.report.follow()
    noted = settled.report.state(DONOR, **OF_ONE).position
    for position, differing in ((noted + 1, False), (noted + 2, True), (noted - 1, True)):
        with settled.report.context.sessions.begin() as session:
            session.execute(update(ReportState).where(ReportState.report == DONOR).values(position=position))
        told_of = [line for line in settled.report.rebuild().differing if '"one"' in line]
        assert bool(told_of) == differing, position


@pytest.mark.parametrize("day", [UNTIL, "2014-06-30"])  # the second before the project's first grant
def test_a_position_that_the_version_before_noted_stands_rightly_for_compliance(settled: Reporting, day: str) -> None:
    settled.report.run(COMPLIANCE, until=day)
    settled.submit(factories.project("KE-001", objectives="Told better"))
    settled.report.follow()
    with settled.report.context.sessions.begin() as session:
        of_compliance = update(ReportState).where(ReportState.report == COMPLIANCE)
        session.execute(of_compliance.values(position=settled.ingest.last()))
    assert settled.report.rebuild().differing == ()


@pytest.mark.parametrize(
    "record",
    [told(summary="told better"), told(submitted_on="2015-08-02"), told(donor_status="accepted")],
    ids=["a summary", "a day in time", "accepted"],
)
def test_what_no_figure_shows_and_was_applied_late_stands_in_the_workbooks_made_since(
    settled: Reporting, second: Report, record: dict[str, Any]
) -> None:
    compliance = {"until": UNTIL}
    settled.report.run(COMPLIANCE, **compliance)
    settled.settle()

    def spoil(change: dict[str, Any]) -> None:
        if (change["kind"], change["revision"]) == ("progress_report", 2):
            del change["fields"]

    settled.report.log.spoil = spoil
    settled.submit(record)
    settled.submit(factories.office("KEN", name="Kenia", type="regional"))
    settled.report.follow()
    settled.report.let_days_pass()
    settled.report.regenerate()
    assert settled.report.rebuild().differing == ()
    settled.report.log.spoil = lambda _change: None
    settled.report.let_days_pass()
    assert settled.report.mend() == 1
    settled.report.let_days_pass()
    settled.report.regenerate()
    assert settled.report.rebuild().differing == ()
    second.follow()
    for report, params in ((COMPLIANCE, compliance), (DONOR, OF_ONE), (PEOPLE, {"year": "2015"})):
        assert settled.report.latest(report, **params) == second.latest(report, **params), report


def test_a_change_applied_late_leaves_the_positions_of_other_projects_alone(settled: Reporting) -> None:
    settled.submit(told(summary="told better"))
    settled.report.follow()
    noted = settled.ingest.last()
    with settled.report.context.sessions.begin() as session:  # as the version before had noted it
        of_one = update(ReportState).where(ReportState.params["donor_id"].astext == "one")
        session.execute(of_one.values(position=noted))

    def spoil(change: dict[str, Any]) -> None:
        if change["key"] == "KE-009":
            del change["fields"]

    settled.report.log.spoil = spoil
    settled.submit(factories.project("KE-009"))
    settled.report.follow()
    settled.report.log.spoil = lambda _change: None
    settled.report.let_days_pass()
    assert settled.report.mend() == 1
    assert settled.report.state(DONOR, **OF_ONE).position == noted
    assert settled.report.rebuild().differing == ()


@pytest.mark.parametrize(
    "records",
    [
        [
            factories.project("KE-001", start="0001-01-01", end="0001-01-31"),
            {
                "kind": "extension",
                "project_code": "KE-001",
                "requested_on": "2016-10-01",
                "new_end": "2016-12-31",
                "reason": "rain",
            },
        ],
        [factories.project("KE-002", start="9998-01-01", end="9999-12-30")],
        [factories.grant("G-2", "KE-002", donor_id="other", end="9999-11-28", reporting_rules={"rules": "un-default"})],
    ],
    ids=["an end at the beginning of all dates", "an end at their end", "a grant's"],
)
def test_dates_that_no_rule_can_count_with_hold_no_change_up(settled: Reporting, records: list[dict[str, Any]]) -> None:
    settled.report.run(COMPLIANCE, until="9999-12-31")
    settled.submit(*records)
    settled.report.follow()
    assert standing(settled.report.context)["set_aside"] == 0


def test_an_extension_of_the_project_lets_its_reports_be_seen_in_later_years(settled: Reporting) -> None:
    longer = {"kind": "extension", "project_code": "KE-001", "requested_on": "2016-10-01", "new_end": "2017-06-30"}
    decided = {"decision": "approved", "decided_by": "Head", "decided_on": "2016-10-05", "reason": "rain"}
    settled.submit(longer | decided)
    settled.report.follow()
    settled.report.count_as_made()
    settled.submit(told(**MORE_PEOPLE))
    assert (PEOPLE, "2017") in marked(settled)


def test_a_grant_marks_the_year_of_its_project(settled: Reporting) -> None:
    settled.submit(factories.grant("G-2", "KE-002", donor_id="other", start="2016-01-01", end="2017-12-31", amount="7"))
    assert marked(settled) == {(ANALYSIS, "2016"), (DONOR, "other")}


def test_a_grant_that_moves_to_another_donor_lets_the_project_be_told_to_both_and_then_to_one(
    settled: Reporting,
) -> None:
    settled.submit(factories.grant("G-1", "KE-001", donor_id="other"))
    assert marked(settled) == {(DONOR, "one"), (DONOR, "other")}
    settled.report.count_as_made()
    settled.submit(told(**MORE_PEOPLE))
    assert {one for one in marked(settled) if one[0] == DONOR} == {(DONOR, "other")}


def test_a_project_and_its_money_in_one_page_mark_where_both_were_and_are(settled: Reporting) -> None:
    settled.submit(factories.project("KE-001", start="2016-01-01"), told(**MORE_PEOPLE))
    assert {one for one in marked(settled) if one[0] == ANALYSIS} == {(ANALYSIS, "2015"), (ANALYSIS, "2016")}


def test_what_was_marked_is_what_a_rebuild_finds(settled: Reporting) -> None:
    settled.submit(factories.project("KE-001", start="2016-01-01"), told(**MORE_PEOPLE))
    settled.submit(factories.grant("G-1", "KE-001", donor_id="other"))
    settled.withdraw("progress_report", **{name: told()[name] for name in KEY})
    settled.settle()
    assert settled.report.rebuild().differing == ()


KEY = ("project_code", "grant_id", "type", "period_start", "period_end")
