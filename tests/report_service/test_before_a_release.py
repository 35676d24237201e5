"""What an analyst looks at before an issue leaves the house, and what is kept of the release."""

from __future__ import annotations

from typing import Any

import pytest

import factories
from reporting import FUNDING, Reporting

YEAR = {"year": "2016"}
DONOR = {"donor_id": "example-fund", "until": "2016-11-30", "copy": "donor"}
PRINTED = {"kind": "published_total", "year": 2016, "report": FUNDING, "table": "overview", "currency": "USD"}


@pytest.fixture
def funded(muster: Reporting) -> Reporting:
    """A donor with one project in shillings, one report handed in, and nobody knows the rate."""
    muster.submit(
        factories.donor(),
        factories.project(),
        factories.grant(currency="KES"),
        factories.progress_report(
            reached=[
                {"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250},
                {"group": "returnees", "sex": "male", "age_min": 18, "age_max": 59, "count": 2},
                {"group": "returnees", "sex": "male", "age_min": 5, "age_max": 11, "count": 40},
            ]
        ),
        {**PRINTED, "region": "all", "area": "all", "printed": "1250001"},
    )
    muster.report.follow()
    muster.report.count_as_made()
    return muster


def newest(muster: Reporting, report: str, **params: str) -> dict[str, Any]:
    muster.report.latest(report, **params)
    return muster.report.issues(report, **params)[0]


def points(muster: Reporting, issue: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = muster.report.get(f"/issues/{issue['issue_id']}/checklist")
    assert answer.status_code == 200, answer.text
    return {point["code"]: point for point in answer.get_json()["points"]}


def test_printed_totals_that_differ_are_listed_with_their_cell_and_difference(funded: Reporting) -> None:
    found = points(funded, newest(funded, FUNDING, **YEAR))
    assert (found["differences"]["state"], found["differences"]["count"]) == ("look", 1)
    (told,) = found["differences"]["details"]
    assert (told["sheet"], told["difference"]) == ("Reconciliation", "-1")
    assert found["alerts"]["count"] >= 1
    assert found["overdue"]["count"] == 0, "no report on projects stands behind these figures"


def test_what_is_overdue_is_told_as_it_is_known_now_though_the_figures_do_not_show_it(funded: Reporting) -> None:
    of_year = {"year": "2015"}
    issue = newest(funded, "project-analysis", **of_year)
    due = points(funded, issue)["overdue"]["count"]
    later = [{"type": "interim", "period_start": "2015-07-01", "period_end": "2015-12-31", "due": "2040-01-01"}]
    funded.submit(factories.grant(currency="KES", reporting_rules=later))
    funded.settle()
    assert newest(funded, "project-analysis", **of_year) == issue
    assert (due, points(funded, issue)["overdue"]["count"]) == (1, 0)


def test_a_donor_copy_tells_its_rates_hidden_counts_and_overdue_reports(funded: Reporting) -> None:
    found = points(funded, newest(funded, "donor", **DONOR))
    assert found["missing_rates"]["state"] == "look"
    assert "KES" in found["missing_rates"]["details"][0]["text"]
    assert found["hidden_counts"]["count"] > 0
    assert (found["exposed_counts"]["state"], found["released_since"]["state"]) == ("fine", "fine")
    overdue = found["overdue"]["details"]
    assert [(one["type"], one["period_end"], one["office"]) for one in overdue] == [
        ("interim", "2015-12-31", "KEN"),
        ("interim", "2016-06-30", "KEN"),
    ]
    assert overdue[0]["days_late"] > overdue[1]["days_late"] > 0


def test_changes_since_the_released_issue_come_with_the_biggest_first(funded: Reporting) -> None:
    first = newest(funded, FUNDING, **YEAR)
    assert points(funded, first)["changes"] == {
        "code": "changes",
        "title": "No issue was released before this one",
        "state": "fine",
        "count": 0,
        "details": [],
    }
    funded.report.release(first)
    funded.submit(factories.requirement("KEN", amount="5000000"), factories.requirement("UGA", amount="250001"))
    funded.settle()
    second = funded.report.issues(FUNDING, **YEAR)[0]
    changes = points(funded, second)["changes"]
    assert changes["count"] == second["changed_cells"]
    sizes = [abs(int(one["by"])) for one in changes["details"] if one["by"] is not None]
    assert sizes[0] == 4_000_001
    assert sizes == sorted(sizes, reverse=True)
    assert points(funded, first)["newer"]["state"] == "look"
    assert points(funded, second)["newer"]["state"] == "fine"
    assert second["corrects"] == {"issue_id": first["issue_id"], "number": 1, "as_of": first["as_of"]}
    assert first["corrects"] is None


def test_what_is_said_at_a_release_is_kept_and_a_second_release_changes_nothing(funded: Reporting) -> None:
    issue = newest(funded, FUNDING, **YEAR)
    place = f"/issues/{issue['issue_id']}/release"
    first = funded.report.post(place, json={"note": "The printed total is a misprint."}).get_json()
    assert first["released"]["note"] == "The printed total is a misprint."
    again = funded.report.post(place, json={"note": "something else"}).get_json()
    assert again == first
    assert not funded.report.get(f"/issues/{issue['issue_id']}/checklist").get_json()["releasable"]


@pytest.mark.parametrize("body", [{"note": 5}, {"notes": "x"}, {"note": "x" * 2001}, {"note": "half \ud800"}])
def test_a_note_that_cannot_be_kept_is_refused_and_nothing_is_released(funded: Reporting, body: object) -> None:
    issue = newest(funded, FUNDING, **YEAR)
    answer = funded.report.post(f"/issues/{issue['issue_id']}/release", json=body)
    assert answer.status_code == 422, answer.text
    assert funded.report.issues(FUNDING, **YEAR)[0]["released"] is None


def test_a_release_without_a_body_has_no_note(funded: Reporting) -> None:
    issue = newest(funded, FUNDING, **YEAR)
    answer = funded.report.post(f"/issues/{issue['issue_id']}/release")
    assert answer.get_json()["released"] == {"at": "2016-11-30T08:00:00Z", "by": "analyst@example.org", "note": None}


def test_the_page_of_an_issue_shows_the_points_and_the_form_that_releases_it(funded: Reporting) -> None:
    issue = newest(funded, "donor", **DONOR)
    headers = {"Authorization": f"Bearer {funded.report.token('analyst')}"}
    page = funded.report.client.get(f"/report/issues/{issue['issue_id']}", headers=headers).text
    assert "Overdue reports behind the figures" in page
    assert f'action="/report/issues/{issue["issue_id"]}/release"' in page
    assert "Donor Example Fund (illustrative) · Until 30 Nov 2016 · for donors" in page
    funded.report.post(f"/issues/{issue['issue_id']}/release", json={"note": "<b>seen</b>"})
    page = funded.report.client.get(f"/report/issues/{issue['issue_id']}", headers=headers).text
    assert "&lt;b&gt;seen&lt;/b&gt;" in page
    assert "<form method" not in page
    donor = {"Authorization": f"Bearer {funded.report.token('donor', donor='example-fund')}"}
    assert funded.report.client.get(f"/report/issues/{issue['issue_id']}", headers=donor).status_code == 403


def test_there_is_no_checklist_of_an_issue_that_is_not_there(funded: Reporting) -> None:
    assert funded.report.get("/issues/00000000-0000-4000-8000-000000000000/checklist").status_code == 404
