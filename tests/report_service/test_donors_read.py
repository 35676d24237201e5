"""What a donor reads: own reports in the donor copy, once released, and no sign of anything else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import factories
from muster_shared import audit
from reporting import ANALYST, FUNDING, Reporting

UNTIL = {"until": "2016-11-30"}
OWN = {"donor_id": "example-fund", "copy": "donor", **UNTIL}
OTHER = {"donor_id": "other-fund", "copy": "donor", **UNTIL}
LATEST = "/reports/donor/latest.xlsx"


@pytest.fixture
def granted(empty: Reporting) -> Reporting:
    """Two donors, each with a grant of its own."""
    empty.submit(
        *(factories.office(code) for code in ("HQ", "KEN")),
        factories.donor(),
        factories.donor("other-fund", name="Other Fund (illustrative)"),
        factories.project(),
        factories.project("KE-002"),
        factories.grant(),
        factories.grant("G-2", "KE-002", donor_id="other-fund"),
    )
    empty.report.follow()
    empty.report.count_as_made()
    return empty


def issued(muster: Reporting, **params: str) -> dict[str, Any]:
    muster.report.latest("donor", **params)
    return muster.report.issues("donor", **params)[0]


def released(muster: Reporting, report: str, **params: str) -> dict[str, Any]:
    muster.report.latest(report, **params)
    muster.report.settle()  # what was released before makes it anew
    issue = muster.report.issues(report, **params)[0]
    muster.report.release(issue)
    return issue


def spend(muster: Reporting, amount: str) -> None:
    muster.submit(factories.progress_report(expenditure={"amount": amount, "currency": "USD"}))
    muster.report.settle()


def read(muster: Reporting, path: str, **query: str) -> TestResponse:
    return muster.report.get(path, role="donor", **query)


def nothing(answer: TestResponse) -> bool:
    """The one answer that says nothing, whatever there is."""
    assert answer.status_code == 404, answer.text
    told = answer.get_json()["detail"]
    return bool(told == "nothing was released to you here: GET /report/v1/reports lists what was")


def trail(muster: Reporting, *actions: str, since: int = 0) -> list[dict[str, Any]]:
    """What was noted after a number, oldest first; the trail of a database is never emptied."""
    audit.seal(muster.report.context.sessions)
    with muster.report.context.sessions() as session:
        later = select(audit.ENTRY).where(audit.ENTRY.c.number > since).order_by(audit.ENTRY.c.number)
        return [dict(row) for row in session.execute(later).mappings() if row["action"] in actions]


def end_of_trail(muster: Reporting) -> int:
    audit.seal(muster.report.context.sessions)
    with muster.report.context.sessions() as session:
        return session.scalar(select(func.max(audit.ENTRY.c.number))) or 0


def test_before_the_release_nothing_shows_and_afterwards_the_donor_reads_it(granted: Reporting) -> None:
    issue = issued(granted, **OWN)
    paths = [LATEST, *(f"/reports/donor/latest.{form}" for form in ("html", "csv", "json"))]
    own = f"/issues/{issue['issue_id']}"
    files = [own, f"{own}.xlsx", f"{own}.html", f"{own}.csv", f"{own}.json"]
    assert all(nothing(read(granted, path, **OWN)) for path in paths)
    assert all(nothing(read(granted, path)) for path in files)
    assert read(granted, "/reports/donor/issues", **OWN).get_json()["items"] == []
    assert [item["known"] for item in read(granted, "/reports").get_json()["items"]] == [[]]
    granted.report.release(issue)
    assert {read(granted, path, **OWN).status_code for path in paths} == {200}
    assert {read(granted, path).status_code for path in files} == {200}
    assert read(granted, LATEST, **OWN).data == granted.report.file_of(issue)


def test_donor_and_copy_may_be_left_out_as_there_is_no_other(granted: Reporting) -> None:
    granted.report.release(issued(granted, **OWN))
    assert read(granted, LATEST, **UNTIL).headers["ETag"] == read(granted, LATEST, **OWN).headers["ETag"]


def test_an_issue_made_after_the_released_one_does_not_show_until_it_is_released(granted: Reporting) -> None:
    first = issued(granted, **OWN)
    granted.report.release(first)
    for amount in ("1000", "2000", "3000"):
        spend(granted, amount)
    third = issued(granted, **OWN)
    assert (first["number"], third["number"]) == (1, 4)
    assert read(granted, LATEST, **OWN).data == granted.report.file_of(first)
    assert [one["issue_id"] for one in read(granted, "/reports/donor/issues", **OWN).get_json()["items"]] == [
        first["issue_id"]
    ]
    assert nothing(read(granted, f"/issues/{third['issue_id']}"))
    granted.report.release(third)
    seen = read(granted, "/reports/donor/issues", **OWN).get_json()["items"]
    assert [one["number"] for one in seen] == [2, 1], "how many issues lie between would show"
    assert seen[0]["corrects"] == {**seen[0]["corrects"], "issue_id": first["issue_id"], "number": 1}
    assert read(granted, LATEST, **OWN).data == granted.report.file_of(third)


def test_who_released_it_and_why_stays_in_the_house(granted: Reporting) -> None:
    issue = issued(granted, **OWN)
    body = {"note": "the rate of June is wrong, and stays"}
    answer = granted.report.post(f"/issues/{issue['issue_id']}/release", json=body)
    assert answer.get_json()["released"]["note"] == body["note"]
    for path in ("/reports", "/reports/donor/issues", f"/issues/{issue['issue_id']}"):
        told = read(granted, path, **(OWN if path.endswith("issues") else {}))
        assert issue["issue_id"] in told.text
        assert "the rate of June" not in told.text
        assert ANALYST.name not in told.text


@pytest.mark.parametrize(
    "asked",
    [
        OTHER,
        {**OWN, "copy": "internal"},
        {**OWN, "copy": "public"},
        {**OWN, "as_of": "2016-11-30T08:00:00Z"},
        {**OWN, "lang": "fr"},
        {**OWN, "until": "2016-10-31"},
    ],
)
def test_another_donor_copy_time_or_language_is_nothing(granted: Reporting, asked: dict[str, str]) -> None:
    granted.report.release(issued(granted, **OWN))
    granted.report.release(issued(granted, **OTHER))
    assert read(granted, LATEST, **OWN).status_code == 200
    assert nothing(read(granted, LATEST, **asked))
    if asked == OTHER:
        assert nothing(read(granted, "/reports/donor/issues", **asked))


def test_issues_of_others_and_other_reports_are_as_if_they_were_not(granted: Reporting) -> None:
    granted.submit(factories.requirement("KEN"))
    granted.report.follow()
    others = [("donor", OTHER), *(("donor", {**OWN, "copy": copy}) for copy in ("internal", "public"))]
    for report, params in (*others, (FUNDING, {"year": "2016", "copy": "donor"})):
        issue = released(granted, report, **params)
        for ending in ("", ".xlsx", ".html", ".json", ".csv"):
            assert nothing(read(granted, f"/issues/{issue['issue_id']}{ending}"))
    assert nothing(read(granted, f"/issues/{uuid4()}"))
    for key in (FUNDING, "projects", "no-such-report"):
        assert nothing(read(granted, f"/reports/{key}/latest.xlsx", year="2016"))
    assert "other-fund" not in read(granted, "/reports").text


def test_a_donor_is_shown_a_page_of_what_was_released(granted: Reporting) -> None:
    page = granted.report.client.get("/report/", headers=_bearer(granted))
    assert "No report was released to you yet" in page.text
    issue = issued(granted, **OWN)
    granted.report.release(issue)
    page = granted.report.client.get("/report/", headers=_bearer(granted))
    assert f"/report/v1/issues/{issue['issue_id']}.xlsx" in page.text
    assert granted.report.client.get(f"/report/issues/{issue['issue_id']}", headers=_bearer(granted)).status_code == 403


def test_who_was_given_a_donors_report_stands_in_the_audit_trail(granted: Reporting) -> None:
    begin = end_of_trail(granted)
    issue = issued(granted, **OWN)
    granted.report.release(issue)
    first = read(granted, LATEST, **OWN)
    read(granted, f"/issues/{issue['issue_id']}.json")
    assert granted.report.get(LATEST, role="donor", etag=first.headers["ETag"], **OWN).status_code == 304
    noted = [(one["actor"], one["subject"]["issue_id"]) for one in trail(granted, "donor_report_read", since=begin)]
    of_analyst = ("analyst@example.org", issue["issue_id"])
    assert noted == [of_analyst, *[("donor@example.org", issue["issue_id"])] * 2]
    (release,) = trail(granted, "release", since=begin)
    assert (release["actor"], release["subject"]["sha256"]) == (ANALYST.name, issue["sha256"])


def test_schedules_and_looks_that_change_stand_in_the_audit_trail(granted: Reporting) -> None:
    begin, headers = end_of_trail(granted), {"Authorization": f"Bearer {granted.report.token('analyst')}"}
    client = granted.report.client
    schedule, look = "/report/v1/schedules/funding-requirements?year=2016", "/report/v1/looks/donor:example-fund"
    assert client.put(schedule, json={"kind": "nightly"}, headers=headers).status_code == 200
    assert client.delete(schedule, headers=headers).status_code == 204
    wanted = {"name": "Example Fund", "accent": "#14532D", "tint": "#DCFCE7"}
    assert client.put(look, json=wanted, headers=headers).status_code == 200
    assert client.delete(look, headers=headers).status_code == 204
    assert client.delete(look, headers=headers).status_code == 404
    actions = ("schedule_set", "schedule_removed", "look_set", "look_removed")
    noted = trail(granted, *actions, since=begin)
    assert tuple(one["action"] for one in noted) == actions
    assert {one["actor"] for one in noted} == {"analyst@example.org"}


def _bearer(muster: Reporting) -> dict[str, str]:
    return {"Authorization": f"Bearer {muster.report.token('donor', donor='example-fund')}"}
