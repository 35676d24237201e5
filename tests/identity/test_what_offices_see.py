"""What one office stores is not seen by another: in no list, template, search or hint; managers see own projects."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

import factories
from muster_report import usecases as reporting
from muster_report.follow import follow
from muster_report.reports import catalogue
from reporting import IngestLog

SECRET = "Confidential shelter"
MOSES = {"name": "Moses", "email": "moses@example.org"}


@pytest.fixture
def offices(house: Any) -> Any:
    """A draft of Kenya's and one of Uganda's, each with a grant, and what both offices know."""
    post(
        house, "HQ", *(factories.office(code) for code in ("HQ", "KEN", "UGA")), factories.donor(), factories.partner()
    )
    post(house, "HQ", factories.project("UG-001", office="UGA", title=SECRET, manager=MOSES, alternate_manager=MOSES))
    post(house, "UGA", factories.grant("G-UG", "UG-001"))
    post(house, "KEN", factories.project(), factories.grant())
    post(house, "UGA", factories.partnership("p-ug", office="UGA", countries=["UGA"], project_code="UG-001"))
    post(house, "UGA", factories.requirement("UGA"))
    return house


def post(house: Any, code: str, *records: dict[str, Any], token: str = "") -> TestResponse:
    answer = house.ask(
        "POST", "/ingest/v1/submissions", token or house.token("admin"), factories.envelope(*records, code=code)
    )
    assert token or answer.status_code == 201, answer.text
    return answer  # type: ignore[no-any-return] # the house is any


def keys(house: Any, token: str, path: str) -> list[str]:
    answer = house.ask("GET", path, token)
    assert answer.status_code == 200, answer.text
    return [item["key"] for item in answer.get_json()["items"]]


def focal_point(house: Any) -> str:
    return str(house.token("focal_point", offices=["KEN"]))


@pytest.mark.parametrize(
    "path",
    [
        "/ingest/v1/records/project",
        "/ingest/v1/records/project?q=Confidential",
        "/ingest/v1/records/project?office=UGA",
        "/ingest/v1/records/project?region=east_horn_of_africa",
        "/ingest/v1/records/grant",
        "/ingest/v1/records/partnership?q=UG-001",
        "/ingest/v1/submissions",
        "/ingest/v1/submissions?office=UGA",
        "/ingest/v1/transitions/waiting",
        "/ingest/",
    ],
)
def test_no_list_and_no_search_shows_what_another_office_stored(offices: Any, path: str) -> None:
    answer = offices.ask("GET", path, focal_point(offices))
    assert answer.status_code == 200, answer.text
    for told in (SECRET, "UG-001", "UGA-0"):
        assert told not in answer.text
        if path == "/ingest/v1/records/project?q=Confidential" and told != "UGA-0":
            assert told in offices.admin("GET", path).text


@pytest.mark.parametrize("kind", ["project", "grant", "progress_report", "partnership", "all"])
def test_no_template_holds_or_offers_what_another_office_stored(offices: Any, kind: str) -> None:
    mine = offices.ask("GET", f"/ingest/v1/templates/{kind}.xlsx?office=KEN", focal_point(offices))
    theirs = offices.ask("GET", f"/ingest/v1/templates/{kind}.xlsx?office=UGA", focal_point(offices))
    assert theirs.status_code == 403
    told = [str(cell.value) for sheet in load_workbook(io.BytesIO(mine.data)) for row in sheet for cell in row]
    assert any("KE-001" in text for text in told)
    assert not [text for text in told if "UG-001" in text or SECRET in text or "G-UG" in text]


def errors(offices: Any, record: dict[str, Any]) -> str:
    answer = post(offices, "KEN", record, token=focal_point(offices))
    assert answer.status_code == 422, answer.text
    return answer.text


def test_a_revision_of_another_offices_record_is_refused_without_what_it_says(offices: Any) -> None:
    told = errors(offices, factories.project("UG-001", title="mine", office="KEN", base_revision=7))
    assert '"code":"conflict"' in told
    assert SECRET not in told
    assert "moses" not in told.lower()
    assert "admin@example.org" not in told


def test_hints_name_no_record_of_another_office(offices: Any) -> None:
    told = errors(offices, factories.grant("G-9", "UG-002"))
    assert "unknown_reference" in told
    assert SECRET not in told
    assert "UG-001" not in told
    told = errors(offices, factories.grant("G-9", "KE-002"))
    assert "KE-001" in told, "the nearest of one's own is named"


def test_a_report_on_another_offices_project_does_not_tell_its_grants(offices: Any) -> None:
    post(offices, "UGA", factories.grant("G-UG-2", "UG-001"))
    told = errors(offices, factories.progress_report("UG-001", grant_id=None))
    assert "foreign_office" in told
    assert "G-UG" not in told


def test_a_manager_sees_own_projects_of_any_office_and_nothing_else(offices: Any) -> None:
    moses = offices.token("project_manager", name="Moses@Example.org")
    assert keys(offices, moses, "/ingest/v1/records/project") == ["UG-001"]
    assert keys(offices, moses, "/ingest/v1/records/grant") == ["G-UG"]
    assert keys(offices, moses, "/ingest/v1/records/partnership") == ["p-ug"]
    assert keys(offices, moses, "/ingest/v1/records/funding_requirement") == []
    assert offices.ask("GET", "/ingest/v1/records/project/UG-001/revisions", moses).status_code == 200
    assert offices.ask("GET", "/ingest/v1/records/project/KE-001", moses).status_code == 404
    stranger = offices.token("project_manager", name="eve@example.org")
    assert keys(offices, stranger, "/ingest/v1/records/project") == []


def test_a_manager_sees_the_submissions_that_tell_of_own_projects_only(offices: Any) -> None:
    moses = offices.token("project_manager", name="moses@example.org")
    both = post(offices, "UGA", factories.grant("G-UG", "UG-001", amount="1"), factories.requirement("UGA", amount="2"))
    answer = offices.ask("GET", "/ingest/v1/submissions", moses).get_json()["items"]
    receipts = {one["receipt"] for one in answer}
    assert receipts == {"HQ-000002", "UGA-000001", "UGA-000002"}
    for one in answer:
        assert offices.ask("GET", f"/ingest/v1/submissions/{one['submission_id']}/original", moses).status_code == 200
    mixed = f"/ingest/v1/submissions/{both.get_json()['submission_id']}"
    assert offices.ask("GET", mixed, moses).status_code == 404
    assert offices.ask("GET", f"{mixed}/original", moses).status_code == 404


def test_reports_that_list_single_projects_are_not_for_offices_and_a_figure_tells_no_foreign_record(
    offices: Any,
) -> None:
    report = offices.clients["report"].application.extensions["muster"]
    post(offices, "KEN", factories.requirement("KEN"))
    follow(report, IngestLog(offices.ingest))
    issue = reporting.current_issue(report, catalogue()["projects"], catalogue()["projects"].read({}))
    for path in (
        "/report/v1/reports/projects/latest.xlsx",
        "/report/v1/reports/projects/latest.json",
        "/report/v1/reports/projects/issues",
        "/report/v1/reports/project-analysis/latest.html?year=2016",
        f"/report/v1/issues/{issue.issue_id}.xlsx",
        f"/report/v1/issues/{issue.issue_id}/compare/{issue.issue_id}",
        f"/report/v1/issues/{issue.issue_id}/checklist",
        f"/report/issues/{issue.issue_id}",
    ):
        assert offices.ask("GET", path, focal_point(offices)).status_code == 403, path
    assert offices.admin("GET", f"/report/v1/issues/{issue.issue_id}.xlsx").status_code == 200
    path = "/report/v1/reports/funding-requirements/explain?year=2016&sheet=Overview&cell="
    cells = (f"{letter}{row}" for row in range(5, 25) for letter in "BCDE")
    found = next(
        answer for cell in cells if len((answer := offices.admin("GET", path + cell)).json.get("parts", ())) == 2
    )
    told = offices.ask("GET", path + found.get_json()["cell"], focal_point(offices)).get_json()
    by_office = {part["office"]: part for part in told["parts"]}
    assert by_office["KEN"]["key"] == "2016/KEN/migration_health"
    assert {name for name, value in by_office["UGA"].items() if value is not None} == {"office", "kind", "value"}
