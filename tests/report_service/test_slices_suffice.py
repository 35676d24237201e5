"""A donor's report is built from its own slice of the facts, and comes out as if it were built from all of them."""

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
        return making.make(session, report, report.read(params), position, None).content.whole()


@pytest.mark.parametrize("donor", DONORS)
def test_a_donors_workbook_is_the_same_from_its_slice_at_every_position(shared: Reporting, donor: str) -> None:
    report: Any = catalogue()["donor"]
    with shared.report.context.sessions() as session:
        last = history.applied_position(session)
    for position in range(last - 3, last + 1):
        from_slice = made(shared, report, position, donor_id=donor, until=UNTIL)
        assert from_slice == made(shared, replace(report, slice=None), position, donor_id=donor, until=UNTIL)


@pytest.mark.parametrize("donor", DONORS)
def test_the_newest_change_that_affects_a_donor_is_found_as_among_all_changes(shared: Reporting, donor: str) -> None:
    report: Any = catalogue()["donor"]
    shared.submit(factories.office("KEN", name="Kenya, renamed"), factories.donor("two", name="Second fund"))
    shared.submit(factories.progress_report(summary="corrected"))
    shared.report.follow()
    params, everything = {"donor_id": donor, "until": UNTIL}, replace(report, slice=None)
    with shared.report.context.sessions() as session:
        for upto in range(1, history.applied_position(session) + 1):
            found = history.affecting_position(session, report, params, upto)
            assert found == history.affecting_position(session, everything, params, upto), upto


def test_the_slice_of_a_donor_holds_nothing_of_projects_it_does_not_fund(shared: Reporting) -> None:
    report = catalogue()["donor"]
    params = report.read({"donor_id": "three", "until": UNTIL})
    with shared.report.context.sessions() as session:
        facts = history.facts_for(session, report, history.applied_position(session), params)
    assert set(facts.kind("project")) == {"KE-002"}
    assert set(facts.kind("grant")) == {"G-4"}
    assert set(facts.kind("donor")) == {"three"}
