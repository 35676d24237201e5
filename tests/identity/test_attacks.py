"""The list of attacks, each tried.

Others stand beside what they are about: ids of others' things in ``test_permission_walk``; forged and expired tokens
and those of other algorithms in ``test_people_and_tokens``; headers and HTML in mails in
``tests/notify/test_mail_text``; formulas in the audit trail in ``test_audit_trail``; hostile files in
``tests/workbooks/test_reading_hostile_files``.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

import factories
from every_kind import RECORDS
from muster_report import usecases as reporting
from muster_report.exports import hxl_columns
from muster_report.follow import follow
from muster_report.reports import catalogue
from reporting import IngestLog

EVIL = "=1+1 <img src=x onerror=alert(1)>"
_PROSE = {
    *("name", "title", "note", "objectives", "summary", "challenges", "lessons", "reason", "comment", "period_text"),
    *("partner_printed", "office_place", "people_unit", "paragraph", "group", "unit"),
    *("source", "aliases", "partners", "donors", "milestones_completed"),
}
_ASKED: dict[str, dict[str, str]] = {
    "funding-requirements": {"year": "2016"},
    "partnerships": {"source": EVIL},
    "field-activities": {"year": "2015"},
    "beneficiaries": {"year": "2015"},
    "indicators": {"place": "kenya", "year": "2016"},
    "donor": {"donor_id": "example-fund", "until": "2016-11-30"},
    "project-analysis": {"year": "2015"},
    "reporting-compliance": {"until": "2016-11-30"},
    "projects": {},
}


def evil(value: Any, name: str = "") -> Any:
    """The same with an attack in every text that a person writes freely."""
    if isinstance(value, dict):
        return {key: evil(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [evil(part, name) for part in value]
    return EVIL if name in _PROSE and isinstance(value, str) else value


@pytest.fixture
def poisoned(house: Any) -> Any:
    """An attack in every text of a record of every kind."""
    basis = [
        *(factories.office(code) for code in ("HQ", "KEN", "UGA")),
        *(factories.donor(), factories.partner(), factories.project(status="active"), factories.grant()),
    ]
    for records in (basis, list(RECORDS.values())):
        envelope = factories.envelope(*(evil(record) for record in records), code="HQ")
        answer = house.admin("POST", "/ingest/v1/submissions", envelope | {"note": EVIL})
        assert answer.status_code == 201, answer.text
    house.held = house.clients["report"].application.extensions["muster"]
    follow(house.held, IngestLog(house.ingest))
    return house


def fetched(house: Any, path: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {house.token('admin')}"}
    answer = house.clients[path.split("/")[1]].get(path, query_string=query, headers=headers, buffered=True)
    assert answer.status_code == 200, f"{path}: {answer.text[:300]}"
    return answer


def formulas(content: bytes) -> tuple[int, list[str]]:
    """How many cells hold the attack as a text, and those in which it is a formula."""
    cells = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
    held = [cell for cell in cells if "onerror" in str(cell.value)]
    return len(held), [f"{cell.parent.title}!{cell.coordinate}" for cell in held if cell.data_type == "f"]


def cells_of_csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        yield from row


def test_no_text_becomes_a_formula_in_any_workbook_or_csv_of_any_report(poisoned: Any) -> None:
    assert set(_ASKED) == set(catalogue())
    poisonous = 0
    for key, params in _ASKED.items():
        found, wrong = formulas(fetched(poisoned, f"/report/v1/reports/{key}/latest.xlsx", **params).data)
        assert not wrong, f"{key}: {wrong}"
        poisonous += bool(found)
        archive = zipfile.ZipFile(io.BytesIO(fetched(poisoned, f"/report/v1/reports/{key}/latest.csv", **params).data))
        texts = [text for name in archive.namelist() for text in cells_of_csv(archive.read(name))]
        assert not [text for text in texts if text.startswith(("=", "@", "\t", "\r"))], key
        page = fetched(poisoned, f"/report/v1/reports/{key}/latest.html", **params).text
        assert "<img src=x" not in page, key
        assert bool(found) == ("&lt;img src=x" in page), key
    assert poisonous >= 7, "the attack has to be in the reports to be seen failing"


def test_no_text_becomes_a_formula_in_the_records_as_csv(poisoned: Any) -> None:
    held = 0
    for kind in hxl_columns.kinds():
        texts = list(cells_of_csv(fetched(poisoned, f"/report/v1/exports/{kind}.csv").data))
        assert not [text for text in texts if text.startswith(("=", "@", "\t", "\r"))], kind
        held += sum("onerror" in text for text in texts)
    assert held >= 10


def test_no_text_becomes_a_formula_in_templates_and_annotated_workbooks(poisoned: Any) -> None:
    template = fetched(poisoned, "/ingest/v1/templates/all.xlsx", office="KEN").data
    found, wrong = formulas(template)
    assert found >= 5
    assert not wrong
    book = load_workbook(io.BytesIO(fetched(poisoned, "/ingest/v1/templates/project.xlsx", office="KEN").data))
    sheet = next(sheet for sheet in book if "project_code" in [cell.value for cell in sheet[2]])
    place = next(cell for cell in sheet[2] if cell.value == "budget.currency")
    wrong_value = sheet.cell(3, place.column, EVIL)
    wrong_value.data_type = "s"
    changed = io.BytesIO()
    book.save(changed)
    headers = {"Authorization": f"Bearer {poisoned.token('admin')}"}
    form = {"file": (io.BytesIO(changed.getvalue()), f"{EVIL}.xlsx"), "office": "KEN"}
    answer = poisoned.clients["ingest"].post("/ingest/v1/workbooks", data=form, headers=headers)
    assert answer.status_code == 422, answer.text
    place_of = f"/ingest/v1/submissions/{answer.get_json()['submission_id']}"
    found, wrong = formulas(fetched(poisoned, f"{place_of}/annotated.xlsx").data)
    assert found >= 2
    assert not wrong
    for page in ("/ingest/", place_of.replace("/v1", "")):
        text = fetched(poisoned, page).text
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


def test_no_stored_text_becomes_a_part_of_any_page(poisoned: Any) -> None:
    pages = ["/ingest/", "/report/", "/notify/", *(f"/{service}/docs" for service in poisoned.clients)]
    for key in ("donor", "projects"):
        report = catalogue()[key]
        issue = reporting.current_issue(poisoned.held, report, report.read(_ASKED[key]))
        body = {"note": EVIL}
        released = poisoned.admin("POST", f"/report/v1/issues/{issue.issue_id}/release", body)
        assert released.status_code == 200, released.text
        pages += [f"/report/issues/{issue.issue_id}", f"/report/v1/issues/{issue.issue_id}.html"]
    for row in poisoned.admin("GET", "/ingest/v1/submissions").get_json()["items"]:
        pages.append(f"/ingest/submissions/{row['submission_id']}")
    texts = {path: fetched(poisoned, path).text for path in pages}
    assert [path for path, text in texts.items() if "<img src=x" in text] == []
    assert sum("&lt;img src=x" in text for text in texts.values()) >= 4
    named = poisoned.token("analyst", name=EVIL)
    assert "<img src=x" not in poisoned.ask("GET", "/ingest/", named).text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..%2F..%2Fetc%2Fpasswd.pdf",
        "..%5C..%5Cboot.pdf",
        "%2e%2e%2fbudget.pdf",
        ".hidden.pdf",
        "a%00.pdf",
        "a%0d%0aSet-Cookie:x.pdf",
        "CON%3A.pdf",
    ],
)
def test_no_name_of_a_document_leads_out_of_its_place(house: Any, name: str) -> None:
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("KEN"), code="HQ"))
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.project(), code="HQ"))
    path = f"/ingest/v1/projects/KE-001/documents/{name}"
    headers = {"Authorization": f"Bearer {house.token('admin')}"}
    stored = house.clients["ingest"].put(f"{path}?type=budget", data=b"%PDF-1.4\n%%EOF\n", headers=headers)
    assert stored.status_code in {404, 405, 422}, stored.text
    assert house.clients["ingest"].get(path, headers=headers).status_code in {404, 405, 422}
    assert house.admin("GET", "/ingest/v1/projects/KE-001/documents").get_json()["items"] == []


def test_an_idempotency_key_of_another_caller_is_another_key(house: Any) -> None:
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("KEN"), code="HQ"))
    client, envelope = house.clients["ingest"], factories.envelope(factories.requirement())
    answers = []
    for name in ("faith@example.org", "eve@example.org", "faith@example.org"):
        token = house.token("focal_point", name=name, offices=["KEN"])
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "the same"}
        answers.append(client.post("/ingest/v1/submissions", json=envelope, headers=headers))
    first, other, repeated = answers
    assert (first.status_code, other.status_code, repeated.status_code) == (201, 201, 200)
    assert first.get_json() == repeated.get_json()
    assert other.get_json()["submission_id"] != first.get_json()["submission_id"]
    assert other.get_json()["unchanged"] == 1


@pytest.mark.parametrize(
    "swapped",
    [{"offices": ["UGA"]}, {"role": "admin"}, {"sub": "admin@example.org"}, {"donor": "other-fund"}, {"exp": 9e9}],
)
def test_a_token_with_another_scope_than_was_signed_opens_nothing(house: Any, swapped: dict[str, Any]) -> None:
    head, claims, signature = house.token("focal_point", offices=["KEN"]).split(".")
    assert set(house.opens(f"{head}.{claims}.{signature}").values()) == {200}
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    changed = base64.urlsafe_b64encode(json.dumps(told | swapped).encode()).decode().rstrip("=")
    assert set(house.opens(f"{head}.{changed}.{signature}").values()) == {401}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/ingest/v1/tokens", {"title": "t", "made_by": "eve"}),
        ("POST", "/ingest/v1/tokens", {"title": "t", "token_id": "0"}),
        ("POST", "/ingest/v1/users", {"email": "a@example.org", "name": "A", "role": "analyst", "active": True}),
        ("POST", "/ingest/v1/submissions", {"office": "KEN", "records": [], "caller": "eve"}),
        ("POST", "/ingest/v1/submissions", factories.envelope(factories.requirement() | {"revision": 9})),
        ("POST", "/ingest/v1/submissions", factories.envelope(factories.requirement() | {"updated_by": "eve"})),
        ("POST", "/ingest/v1/projects/KE-001/transitions", {"to": "submitted", "actor": "eve"}),
        ("PUT", "/report/v1/schedules/funding-requirements?year=2016", {"kind": "nightly", "set_by": "eve"}),
        ("PUT", "/report/v1/looks/default", {"name": "N", "accent": "#14532D", "tint": "#DCFCE7", "set_by": "eve"}),
        ("PUT", "/notify/v1/preferences", {"email": "other@example.org"}),
        ("PUT", "/notify/v1/preferences", {"updated_by": "eve"}),
        ("POST", "/notify/v1/calendars", {"name": "other@example.org"}),
        ("PUT", "/notify/v1/follows", {"report": "projects", "params": {}, "email": "other@example.org"}),
    ],
)
def test_no_field_is_taken_that_is_not_the_senders_to_set(house: Any, method: str, path: str, body: Any) -> None:
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("KEN"), code="HQ"))
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.project(), code="HQ"))
    answer = house.admin(method, path, body)
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"


def test_ids_that_are_none_or_anothers_are_answered_alike(house: Any) -> None:
    """Whether there is such a thing cannot be told from the answer."""
    sent = house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("KEN"), code="HQ"))
    known, unknown = sent.get_json()["submission_id"], str(UUID(int=7))
    focal = house.token("focal_point", offices=["UGA"])
    for ending in ("", "/original", "/annotated.xlsx", "/changes"):
        told = [house.ask("GET", f"/ingest/v1/submissions/{one}{ending}", focal) for one in (known, unknown)]
        assert [answer.status_code for answer in told] == [404, 404]
        assert told[0].text.replace(known, unknown) == told[1].text
