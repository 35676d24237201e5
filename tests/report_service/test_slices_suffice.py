"""A report of a donor or a year is built from a slice of the facts, and comes out as if it were built from all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import factories
from muster_report import history, making
from muster_report.reports import Report, catalogue
from reporting import Reporting

UNTIL = "2016-11-30"
DONORS = ("one", "two", "three", "nobody")
REACHED = [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 25}]
EXTENDED = {
    "kind": "extension",
    "reason": "The rains came early",
    "decision": "approved",
    "decided_by": "Amina Otieno",
    "decided_on": "2014-11-20",
}


@pytest.fixture
def shared(empty: Reporting) -> Reporting:
    """Donors that share projects, a grant that went over to another donor, one that was withdrawn."""
    dates = {"start": "2016-01-01", "end": "2017-12-31"}
    rate = {"kind": "exchange_rate", "currency": "EUR", "month": "2016-07", "usd_rate": "1.1", "source": "test"}
    empty.submit(
        factories.office("HQ"),
        factories.office("KEN"),
        *(factories.donor(code) for code in DONORS[:3]),
        factories.project("KE-001"),
        factories.project("KE-002", **dates),
        factories.grant("G-1", "KE-001", donor_id="one"),
        factories.grant("G-2", "KE-001", donor_id="two", currency="EUR"),
        factories.grant("G-3", "KE-002", donor_id="two", **dates),
        factories.grant("G-4", "KE-002", donor_id="one", **dates),
        factories.progress_report(reached=REACHED),
        rate,
    )
    empty.submit(factories.grant("G-4", "KE-002", donor_id="three", **dates))
    empty.submit({"kind": "grant", "grant_id": "G-3", "action": "withdraw"})
    empty.report.follow()
    return empty


def made(muster: Reporting, report: Report, position: int, **params: str) -> bytes:
    with muster.report.context.sessions() as session:
        return b"".join(making.make(session, report, report.read(params), position, None).content.pieces())


@pytest.mark.parametrize("donor", DONORS)
def test_a_donors_workbook_is_the_same_from_its_slice_at_every_position(shared: Reporting, donor: str) -> None:
    report: Any = catalogue()["donor"]
    with shared.report.context.sessions() as session:
        last = history.applied_position(session)
    for position in range(last - 3, last + 1):
        from_slice = made(shared, report, position, donor_id=donor, until=UNTIL)
        assert from_slice == made(shared, replace(report, slice=None), position, donor_id=donor, until=UNTIL)


@pytest.mark.parametrize("donor", DONORS[:3])
def test_the_newest_change_that_affects_a_donor_is_found_as_among_all_changes(shared: Reporting, donor: str) -> None:
    report: Any = catalogue()["donor"]
    shared.submit(factories.office("KEN", name="Kenya, renamed"), factories.donor("two", name="Second fund"))
    shared.submit(factories.progress_report(summary="corrected"))
    shared.report.follow()
    params, everything = {"donor_id": donor, "until": UNTIL}, replace(report, slice=None)
    with shared.report.context.sessions() as session:
        for upto in range(5, history.applied_position(session) + 1):  # the donors are there
            found = history.affecting_position(session, report, params, upto)
            assert found == history.affecting_position(session, everything, params, upto), upto


def test_a_donor_of_whom_nobody_wrote_has_no_report(shared: Reporting) -> None:
    answer = shared.report.get("/reports/donor/latest.xlsx", donor_id="nobody", until=UNTIL)
    assert (answer.status_code, answer.get_json()["type"]) == (404, "urn:muster:problem:nothing_submitted")
    assert "donor_id nobody" in answer.get_json()["detail"]
    before = shared.report.get("/reports/donor/latest.xlsx", donor_id="one", until=UNTIL, as_of="2000-01-01T00:00:00Z")
    assert before.status_code == 404
    assert shared.report.latest("donor", donor_id="one", until=UNTIL)


def test_the_slice_of_a_donor_holds_nothing_of_projects_it_does_not_fund(shared: Reporting) -> None:
    report = catalogue()["donor"]
    params = report.read({"donor_id": "three", "until": UNTIL})
    with shared.report.context.sessions() as session:
        facts = history.facts_for(session, report, history.applied_position(session), params)
    assert set(facts.kind("project")) == {"KE-002"}
    assert set(facts.kind("grant")) == {"G-4"}
    assert set(facts.kind("donor")) == {"three"}


@pytest.fixture
def over_years(empty: Reporting) -> Reporting:
    """A project that ended, one that an extension carries on, one told of after its end, one that is yet to begin."""
    early, late = {"start": "2014-01-01", "end": "2014-12-31"}, {"start": "2017-01-01", "end": "2017-12-31"}
    empty.submit(
        factories.office("HQ"),
        factories.office("KEN"),
        factories.donor("one"),
        *(factories.project(code, status="active", **early) for code in ("KE-001", "KE-002", "KE-003")),
        factories.project("KE-004", status="active", **late),
        *(factories.grant(f"G-{at}", f"KE-00{at}", donor_id="one", **early) for at in (1, 2, 3)),
        factories.grant("G-4", "KE-004", donor_id="one", **late),
        {**EXTENDED, "project_code": "KE-002", "requested_on": "2014-11-01", "new_end": "2016-06-30"},
        *(_told(f"KE-00{at}", f"G-{at}", "2014-01-01", "2014-06-30", 25) for at in (1, 2, 3)),
        _told("KE-002", "G-2", "2014-07-01", "2015-06-30", 31),
        _told("KE-003", "G-3", "2014-07-01", "2015-03-31", 47),
    )
    empty.report.follow()
    return empty


def _told(project: str, grant: str, begun: str, over: str, count: int) -> dict[str, Any]:
    period = {"period_start": begun, "period_end": over, "submitted_on": over}
    return factories.progress_report(project, grant_id=grant, reached=[REACHED[0] | {"count": count}], **period)


@pytest.mark.parametrize("key", ["beneficiaries", "project-analysis"])
@pytest.mark.parametrize("year", ["2013", "2014", "2015", "2016", "2017"])
def test_the_workbook_of_a_year_is_the_same_from_its_slice(over_years: Reporting, year: str, key: str) -> None:
    report: Any = catalogue()[key]
    with over_years.report.context.sessions() as session:
        last = history.applied_position(session)
    from_slice = made(over_years, report, last, year=year)
    assert from_slice == made(over_years, replace(report, year_slice=None), last, year=year)


def test_the_slice_of_a_year_holds_what_runs_or_is_told_of_in_it(over_years: Reporting) -> None:
    report = catalogue()["beneficiaries"]
    with over_years.report.context.sessions() as session:
        last = history.applied_position(session)
        in_years = {
            year: history.facts_for(session, report, last, report.read({"year": year})) for year in ("2015", "2016")
        }
    assert set(in_years["2015"].kind("project")) == {"KE-002", "KE-003"}
    assert set(in_years["2016"].kind("project")) == {"KE-002"}
    assert len(in_years["2015"].kind("progress_report")) == 4


def test_the_slice_of_a_year_holds_what_starts_in_it(over_years: Reporting) -> None:
    report = catalogue()["project-analysis"]
    with over_years.report.context.sessions() as session:
        last = history.applied_position(session)
        facts = history.facts_for(session, report, last, report.read({"year": "2014"}))
    assert set(facts.kind("project")) == {"KE-001", "KE-002", "KE-003"}
    assert set(facts.kind("grant")) == {"G-1", "G-2", "G-3"}
    assert len(facts.kind("progress_report")) == 5
    assert set(facts.kind("office")) == {"HQ", "KEN"}


@pytest.mark.parametrize("until", ["2013-12-31", "2014-06-30", "2014-11-10", "2015-07-31", "2016-07-15", "2017-06-30"])
def test_the_newest_change_that_affects_a_day_is_found_as_among_all_changes(over_years: Reporting, until: str) -> None:
    report: Any = catalogue()["reporting-compliance"]
    early = {"start": "2014-01-01", "end": "2014-12-31"}
    written = [{"type": "interim", "period_start": "2013-01-01", "period_end": "2013-06-30", "due": "2013-08-01"}]
    over_years.submit(_told("KE-001", "G-1", "2014-01-01", "2014-06-30", 25) | {"submitted_on": "2016-07-10"})
    over_years.submit(factories.project("KE-004", start="2017-01-01", end="2017-12-31", title="Another title"))
    over_years.submit(factories.grant("G-3", "KE-003", donor_id="one", **early, reporting_rules=written))
    over_years.submit(factories.project("KE-003", status="active", **early, title="Another title"))
    over_years.submit({"kind": "grant", "grant_id": "G-4", "action": "withdraw"})
    over_years.report.follow()
    params, everything = {"until": until}, replace(report, day_slice=None)
    with over_years.report.context.sessions() as session:
        for upto in range(1, history.applied_position(session) + 1):
            found = history.affecting_position(session, report, params, upto)
            assert found == history.affecting_position(session, everything, params, upto), upto
