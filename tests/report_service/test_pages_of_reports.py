"""The pages of reports: the catalogue, a report, an issue and its figures, its release, schedules, administration."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import factories
from muster_report import issue_books, making
from muster_report.book import Book
from muster_report.models import Issue
from reporting import FUNDING, Reporting

YEAR = {"year": "2016"}
HERE = f"/report/reports/{FUNDING}?year=2016&copy=internal"
DONOR = {"donor_id": "example-fund", "until": "2016-11-30", "copy": "donor"}


class Browser:
    """Somebody of a role who looks at report's pages."""

    def __init__(self, muster: Reporting, role: str, **scope: Any) -> None:
        self.client = muster.report.client
        token = muster.report.token(role, **scope)
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query or None, headers=self.headers)

    def see(self, path: str, **query: str) -> str:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, data=form, headers=self.headers)


@pytest.fixture
def analyst(muster: Reporting) -> Browser:
    """Funding of 2016 is made, and nothing else."""
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest(FUNDING, **YEAR)
    return Browser(muster, "analyst")


@pytest.fixture
def donor_issue(muster: Reporting) -> dict[str, Any]:
    """The copy for a donor with one project and one grant; not released."""
    muster.submit(factories.donor(), factories.project(), factories.grant(), factories.progress_report())
    muster.report.follow()
    muster.report.count_as_made()
    muster.report.latest("donor", **DONOR)
    return muster.report.issues("donor", **DONOR)[0]


def newest(muster: Reporting) -> dict[str, Any]:
    return muster.report.issues(FUNDING, **YEAR)[0]


def test_the_catalogue_has_every_report_with_its_issue_and_a_form_that_opens_it(
    muster: Reporting, analyst: Browser
) -> None:
    page = analyst.see("/report/")
    assert page.count('<li class="card"') == 9
    assert f'href="/report/issues/{newest(muster)["issue_id"]}/read"' in page
    assert 'name="donor_id"' in page
    assert "Besoins de financement" in analyst.see("/report/", lang="fr")
    office = Browser(muster, "focal_point", offices=["KEN"]).see("/report/")
    assert 'action="/report/reports/projects"' not in office, "these list the projects of every office"


def test_a_report_asks_for_what_is_missing_and_says_what_is_wrong_at_its_field(analyst: Browser) -> None:
    assert "aria-invalid" not in analyst.see("/report/reports/indicators")
    answer = analyst.get("/report/reports/reporting-compliance", until="soon")
    assert answer.status_code == 422
    assert re.search(
        r'name="until"[^>]*value="soon"[^>]*aria-invalid="true" aria-describedby="until-wrong"', answer.text
    )
    assert analyst.get("/report/reports/unheard-of").status_code == 404


def test_a_report_shows_its_issues_and_looking_makes_none(muster: Reporting, analyst: Browser) -> None:
    issue, states = newest(muster), len(muster.report.states())
    page = analyst.see(HERE)
    assert issue["sha256"] in page
    assert unescape(page).count("latest.xlsx?year=2016&copy=internal") == 1
    assert "No issue with these parameters has been made yet" in analyst.see(f"{HERE}&language=es")
    assert len(muster.report.states()) == states


def test_the_language_of_the_page_is_not_that_of_the_report(analyst: Browser) -> None:
    assert "Année 2016 · pour la maison" in analyst.see(f"{HERE}&lang=fr")


def test_making_a_report_anew_is_watched_until_it_is_done(muster: Reporting, analyst: Browser) -> None:
    sent = analyst.send(f"/report/reports/{FUNDING}/runs", year="2016", copy="internal")
    assert sent.status_code == 303
    watched = sent.headers["Location"]
    assert f'data-poll="{watched}"' in analyst.see(watched)
    muster.report.regenerate()
    page = analyst.see(watched)
    assert "data-poll" not in page
    assert "nothing has changed" in page


def test_what_nobody_submitted_anything_for_cannot_be_made(analyst: Browser) -> None:
    answer = analyst.send(f"/report/reports/{FUNDING}/runs", year="1999")
    assert (answer.status_code, 'value="1999"' in answer.text) == (404, True)


def test_every_figure_on_the_page_leads_to_its_explanation(muster: Reporting, analyst: Browser) -> None:
    issue_id = newest(muster)["issue_id"]
    page = analyst.see(f"/report/issues/{issue_id}/read", sheet="Overview")
    figures = re.findall(r'<td id="Overview!(\w+)"[^>]*><a href="([^"]+)">([^<]+)</a>', page)
    assert len(figures) > 5
    assert "1,250,000" in {shown for _, _, shown in figures}
    for cell, address, shown in figures:
        told = analyst.see(f"/report/issues/{issue_id}/{unescape(address)}")
        assert f"Overview, {cell}" in told
        assert f'<p class="figure-told">{shown}</p>' in told


def test_an_explanation_leads_to_the_record_and_the_submission(muster: Reporting, analyst: Browser) -> None:
    issue_id = newest(muster)["issue_id"]
    page = analyst.see(f"/report/issues/{issue_id}/read", sheet="Overview")
    address = unescape(re.findall(r'href="(explain\?[^"]+)"', page)[-1])
    told = analyst.see(f"/report/issues/{issue_id}/{address}")
    assert 'href="/ingest/records/funding_requirement/2016/KEN/migration_health"' in told
    assert re.search(r'href="/ingest/submissions/[0-9a-f-]{36}">HQ-000001</a>', told)
    beside = analyst.see(f"/report/issues/{issue_id}/{address}&beside=1")
    assert "<html" not in beside
    assert 'data-closes="explanation"' in beside


def test_an_office_is_told_of_records_of_others_only_whose_they_are(muster: Reporting, analyst: Browser) -> None:
    issue_id = newest(muster)["issue_id"]
    address = unescape(re.findall(r'href="(explain\?[^"]+)"', analyst.see(f"/report/issues/{issue_id}/read"))[-1])
    told = Browser(muster, "focal_point", offices=["KEN"]).see(f"/report/issues/{issue_id}/{address}")
    assert "2016/KEN/" in told
    assert "2016/UGA/" not in told
    assert "a record of UGA, which you do not see" in told


def test_an_issue_that_is_read_again_is_not_built_again(
    muster: Reporting, analyst: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_id, built = newest(muster)["issue_id"], list[UUID]()

    def counted(session: Session, issue: Issue) -> Book:
        built.append(issue.issue_id)
        return making.completed(session, issue)

    monkeypatch.setattr(issue_books, "completed", counted)
    for sheet in ("Overview", "About", "Sources"):
        analyst.see(f"/report/issues/{issue_id}/read", sheet=sheet)
    assert len(built) == 1
    assert analyst.get(f"/report/issues/{issue_id}/read", sheet="Nowhere").status_code == 404


def test_a_donor_reads_what_was_released_to_them_and_is_not_told_what_it_is_made_of(
    muster: Reporting, donor_issue: dict[str, Any]
) -> None:
    donor = Browser(muster, "donor", donor="example-fund")
    reading = f"/report/issues/{donor_issue['issue_id']}/read"
    assert "No report was released to you yet" in donor.see("/report/")
    assert donor.get(reading).status_code == 404
    muster.report.release(donor_issue)
    assert reading in donor.see("/report/")
    page = donor.see(reading)
    assert "explain" not in page
    assert donor_issue["issue_id"] in donor.see("/report/reports/donor", until="2016-11-30")
    assert (
        donor.get(f"/report/issues/{donor_issue['issue_id']}/explain", sheet="Overview", cell="B6").status_code == 403
    )
    other = Browser(muster, "donor", donor="other-fund")
    assert other.get(reading).status_code == 404
    assert other.get("/report/reports/donor", **DONOR).status_code == 404
    assert "example-fund" not in other.see("/report/reports/donor", until="2016-11-30")


def test_counts_of_people_in_a_copy_that_leaves_the_house_are_no_links(
    muster: Reporting, donor_issue: dict[str, Any]
) -> None:
    analyst = Browser(muster, "analyst")
    assert "Donor Example Fund" in analyst.see("/report/"), "by its name"
    reading = f"/report/issues/{donor_issue['issue_id']}/read"
    linked = {sheet: analyst.see(reading, sheet=sheet).count('href="explain?') for sheet in ("Grants", "People")}
    assert linked["Grants"] > 0
    assert linked["People"] == 0


def test_who_reads_a_donors_report_stands_in_the_audit_trail(muster: Reporting, donor_issue: dict[str, Any]) -> None:
    noted = text("SELECT count(*) FROM audit_entry WHERE action = 'donor_report_read'")
    with muster.report.context.sessions() as session:
        before = session.scalar(noted)
    Browser(muster, "analyst").see(f"/report/issues/{donor_issue['issue_id']}/read")
    with muster.report.context.sessions() as session:
        assert session.scalar(noted) == before + 1


def test_two_issues_are_compared_with_the_biggest_difference_first(muster: Reporting, analyst: Browser) -> None:
    first = newest(muster)
    muster.submit(factories.requirement("KEN", amount="5000000"), factories.requirement("UGA", amount="250001"))
    muster.settle()
    second = newest(muster)
    page = analyst.see("/report/compare", a=first["issue_id"], b=second["issue_id"])
    by = [int(shown.replace(",", "")) for shown in re.findall(r'<td class="number">(-?[\d,]+)</td></tr>', page)]
    overview = by[: next((at for at, value in enumerate(by[1:], 1) if value > by[at - 1]), len(by))]
    assert by[0] == max(by)
    assert overview == sorted(overview, reverse=True)
    assert f"/report/issues/{second['issue_id']}/read?sheet=Overview&amp;cell=" in page
    assert f'value="{first["issue_id"]}"' in analyst.see(HERE), "the picker"
    assert analyst.get("/report/compare", a=first["issue_id"]).status_code == 422


def test_a_release_takes_somebody_who_says_that_they_looked(muster: Reporting, analyst: Browser) -> None:
    issue_id = newest(muster)["issue_id"]
    place = f"/report/issues/{issue_id}/release"
    refused = analyst.send(place, note="a misprint")
    assert (refused.status_code, "a misprint" in refused.text) == (422, True)
    assert newest(muster)["released"] is None
    assert analyst.send(place, note="x" * 2001, looked="yes").status_code == 422
    assert Browser(muster, "reviewer", regions=["x"]).send(place, looked="yes").status_code == 403
    sent = analyst.send(place, note="a <misprint>", looked="yes")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/report/issues/{issue_id}")
    assert newest(muster)["released"]["note"] == "a <misprint>"
    page = analyst.see(f"/report/issues/{issue_id}")
    assert "a &lt;misprint&gt;" in page
    assert "data-ask" not in page, "there is nothing left to release"


def test_a_release_that_is_refused_says_why(muster: Reporting, donor_issue: dict[str, Any]) -> None:
    muster.submit(factories.project("KE-002"), factories.grant("G-2", project_code="KE-002"))
    muster.report.follow()
    muster.report.count_as_made()
    later = {**DONOR, "until": "2016-10-31"}
    muster.report.latest("donor", **later)
    muster.report.release(donor_issue)
    other = muster.report.issues("donor", **later)[0]
    answer = Browser(muster, "analyst").send(f"/report/issues/{other['issue_id']}/release", note="seen", looked="yes")
    assert answer.status_code == 409, answer.text
    assert "It was not released." in answer.text
    assert "being made anew" in answer.text


def test_a_schedule_is_set_changed_and_removed_by_forms(muster: Reporting, analyst: Browser) -> None:
    place = f"/report/calendar/schedules/{FUNDING}"
    form = {"copy": "internal", "language": "en", "kind": "month_end", "hour": "18", "enabled": "yes"}
    wrong = analyst.send(place, **form, year="2016", time_zone="Africa/Nowhere")
    assert (wrong.status_code, 'id="time_zone-wrong"' in wrong.text) == (422, True)
    assert analyst.send(place, **form, year="soon", time_zone="UTC").status_code == 422
    assert analyst.send(place, **form, follows_year="yes", time_zone="Africa/Nairobi").status_code == 303
    (row,) = muster.report.get("/schedules").get_json()["items"]
    assert (row["params"]["year"], row["kind"], row["hour"]) == ("@due", "month_end", 18)
    page = analyst.see("/report/calendar", month="2016-12")
    assert "<h2>31 December 2016</h2>" in page
    assert 'name="follows_year" value="yes" checked' in analyst.see(place, year="@due", copy="internal")
    assert "data-ask" not in Browser(muster, "reviewer", regions=["x"]).see("/report/calendar")
    assert analyst.send(f"{place}/remove", year="@due", copy="internal").status_code == 303
    assert muster.report.get("/schedules").get_json()["items"] == []


def test_an_administrator_sees_what_failed_and_tries_it_again(muster: Reporting, analyst: Browser) -> None:
    admin = Browser(muster, "admin")
    assert "Try again now" not in admin.see("/report/parts/admin")
    with muster.report.context.sessions.begin() as session:
        failed = (
            "UPDATE report_state SET failures = 3, error = 'BadZipFile', wanted = wanted + 1 WHERE report = :report"
        )
        session.execute(text(failed), {"report": FUNDING})
    told = analyst.see(HERE)
    assert "something went wrong on our side. You see the last good issue, as of 30 November 2016" in told
    assert "BadZipFile" not in told
    assert "For administrators: BadZipFile." in admin.see(HERE)
    part = admin.see("/report/parts/admin")
    assert "<html" not in part
    assert "BadZipFile" in part
    assert admin.send(f"/report/admin/retry/{FUNDING}", year="2016", copy="internal").status_code == 303
    muster.report.regenerate()
    page = admin.see("/report/admin")
    assert "nothing has changed" in page, "the run that was asked for"
    assert muster.report.state(FUNDING, **YEAR).failures == 0
    assert analyst.get("/report/admin").status_code == 403


def test_the_sizes_of_an_issue_are_those_of_its_files(muster: Reporting, analyst: Browser) -> None:
    issue = newest(muster)
    page = analyst.see(f"/report/issues/{issue['issue_id']}/parts/downloads")
    for form in ("xlsx", "html", "csv", "json"):
        size = len(muster.report.get(f"/issues/{issue['issue_id']}.{form}").data)
        assert f"{-(-size // 1000)} kB" in page, form
