"""Every report of the catalogue is made when it is asked for, in every format and language, and kept up to date."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

import factories
from muster_report.reports import catalogue
from reporting import Reporting

ASKED: dict[str, dict[str, str]] = {
    "funding-requirements": {"year": "2016"},
    "partnerships": {"source": "A"},
    "field-activities": {"year": "2015"},
    "beneficiaries": {"year": "2015"},
    "indicators": {"place": "kenya", "year": "2016"},
    "donor": {"donor_id": "example-fund", "until": "2016-11-30"},
    "project-analysis": {"year": "2015"},
    "reporting-compliance": {"until": "2016-11-30"},
    "projects": {},
}
PEOPLE = [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 120}]
ACTIVITY = {
    "kind": "field_activity",
    "activity_id": "fa-1",
    "offices": ["KEN"],
    "title": "Cash for work",
    "level": "activity",
    "start": "2015-05",
    "end": "2015-09",
    "people": [{"group": "women", "target": 100, "reached": 80}],
    "source": "test",
}
INDICATOR = {
    "kind": "indicator_value",
    "indicator": "returns",
    "place": "Kenya",
    "period": "2016",
    "value": "12.5",
    "unit": "percent",
    "source": "test",
}


@pytest.fixture
def furnished(muster: Reporting) -> Reporting:
    """One record of every kind that reports read."""
    muster.submit(factories.donor(), factories.project(status="active"), factories.grant(), ACTIVITY, INDICATOR)
    muster.submit(factories.progress_report(reached=PEOPLE))
    muster.report.follow()
    return muster


def test_the_whole_catalogue_is_tried_here() -> None:
    assert set(ASKED) == set(catalogue())


@pytest.mark.parametrize("key", list(ASKED))
def test_a_report_is_made_when_it_is_asked_for(furnished: Reporting, key: str) -> None:
    workbook = furnished.report.latest(key, **ASKED[key])
    assert load_workbook(io.BytesIO(workbook)).sheetnames[-3:] == ["About", "Changes", "Sources"]
    assert furnished.report.latest(key, **ASKED[key]) == workbook
    for form in ("html", "csv", "json"):
        assert furnished.report.get(f"/reports/{key}/latest.{form}", **ASKED[key]).status_code == 200
    for more in ({"lang": "fr"}, {"lang": "es"}, {"copy": "donor"}, {"copy": "public", "lang": "fr"}):
        assert furnished.report.latest(key, **ASKED[key], **more) != workbook
    assert (
        furnished.report.get(f"/reports/{key}/latest.xlsx", **ASKED[key], as_of="2016-11-30T08:00:00Z").data == workbook
    )


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("donor", factories.grant(amount="410000")),
        ("project-analysis", factories.project(status="active", budget={"amount": "600000", "currency": "USD"})),
        ("reporting-compliance", factories.progress_report(period_start="2015-07-01", period_end="2015-12-31")),
        ("projects", factories.project(status="active", title="Another title")),
        ("field-activities", {**ACTIVITY, "title": "Cash for more work"}),
        ("indicators", {**INDICATOR, "value": "13"}),
        ("beneficiaries", factories.progress_report(reached=[{**PEOPLE[0], "count": 130}])),
    ],
)
def test_a_report_that_was_asked_for_follows_every_change(
    furnished: Reporting, key: str, change: dict[str, Any]
) -> None:
    before = furnished.report.latest(key, **ASKED[key])
    furnished.submit(change)
    furnished.settle()
    assert len(furnished.report.issues(key, **ASKED[key])) == 2
    assert furnished.report.latest(key, **ASKED[key]) != before
    furnished.settle()
    assert len(furnished.report.issues(key, **ASKED[key])) == 2


def test_what_nobody_asked_for_is_not_made(furnished: Reporting) -> None:
    furnished.settle()
    assert {state.report for state in furnished.report.states()} == {"funding-requirements", "partnerships"}
