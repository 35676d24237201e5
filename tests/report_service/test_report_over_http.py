"""What clients of report rely on: ETags, roles, and one shape of error whatever is wrong with a request."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

import factories
from reporting import FUNDING, PARTNERSHIPS, Reporting
from workbook_reading import sha256

LATEST = f"/reports/{FUNDING}/latest.xlsx"
YEAR = {"year": "2016"}
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def known(muster: Reporting) -> Reporting:
    """Two years and two sources are known, none of them is made."""
    muster.report.follow()
    muster.report.count_as_made()
    return muster


@pytest.fixture
def issued(known: Reporting) -> dict[str, Any]:
    """The only issue of the funding requirements of 2016."""
    known.report.latest(FUNDING, **YEAR)
    return known.report.issues(FUNDING, **YEAR)[0]


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem that has the one shape."""
    document = answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-ID"]
    return answer.status_code, document["type"].removeprefix("urn:muster:problem:")


def wrong_field(answer: TestResponse) -> str:
    """The parameter that a refusal names."""
    assert problem(answer) == (422, "bad_parameter")
    (error,) = answer.get_json()["errors"]
    assert error["code"] == "bad_parameter"
    assert error["message"]
    return str(error["field"])


def test_the_etag_is_the_sha256_and_who_has_it_gets_304(known: Reporting) -> None:
    first = known.report.get(LATEST, **YEAR)
    assert first.headers["ETag"] == f'"{sha256(first.data)}"'
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Disposition"] == 'attachment; filename="funding-requirements-2016.xlsx"'
    again = known.report.get(LATEST, etag=first.headers["ETag"], **YEAR)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert known.report.get(LATEST, etag='"another"', **YEAR).status_code == 200
    known.submit(factories.requirement("KEN", amount="2"))
    known.settle()
    news = known.report.get(LATEST, etag=first.headers["ETag"], **YEAR)
    assert (news.status_code, news.headers["ETag"] == first.headers["ETag"]) == (200, False)


def test_an_issue_is_found_again_by_its_id_with_its_sha256_as_etag(known: Reporting, issued: dict[str, Any]) -> None:
    file = known.report.get(f"/issues/{issued['issue_id']}.xlsx")
    assert (file.status_code, sha256(file.data), len(file.data)) == (200, issued["sha256"], issued["size"])
    assert file.headers["ETag"] == f'"{issued["sha256"]}"'
    assert known.report.get(f"/issues/{issued['issue_id']}").get_json() == issued


@pytest.mark.parametrize("path", ["latest.xlsx", "issues", "runs"])
def test_a_year_without_data_is_not_there(known: Reporting, path: str) -> None:
    if path == "issues":
        assert known.report.issues(FUNDING, year="1999") == []
    else:
        ask = known.report.post if path == "runs" else known.report.get
        answer = ask(f"/reports/{FUNDING}/{path}?year=1999")
        assert problem(answer) == (404, "nothing_submitted")
        assert "1999" in answer.get_json()["detail"]
    assert {state.params["year"] for state in known.report.states() if state.report == FUNDING} == {"2016", "2017"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("year=2016&colour=red", "colour"),
        ("year=2016&copy=secret", "copy"),
        ("year=2016&lang=xx", "lang"),
        ("year=16", "year"),
        ("year=%D9%A2%D9%A0%D9%A1%D9%A6", "year"),
        ("year=2016%00", "year"),
        ("", "year"),
        ("year=2016&as_of=yesterday", "as_of"),
        ("year=2016&as_of=2016-11-30", "as_of"),
        ("year=2016&as_of=2016-11-30T08:00:00", "as_of"),
        ("year=2016&year=2017", "year"),
        ("year=2016&as_of=2016-11-30T08:00:00Z&as_of=2016-11-29T08:00:00Z", "as_of"),
    ],
)
def test_a_wrong_parameter_is_named(known: Reporting, query: str, field: str) -> None:
    assert wrong_field(known.report.get(f"{LATEST}?{query}")) == field


@pytest.mark.parametrize("path", ["issues", "runs"])
def test_as_of_is_refused_where_it_would_be_ignored(known: Reporting, path: str) -> None:
    ask = known.report.post if path == "runs" else known.report.get
    assert wrong_field(ask(f"/reports/{FUNDING}/{path}?year=2016&as_of=2016-11-30T08:00:00Z")) == "as_of"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_times(known: Reporting, moment: str) -> None:
    answer = known.report.get(LATEST, as_of=moment, **YEAR)
    assert answer.status_code == (404 if moment.startswith("0001") else 200), answer.text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "not_readable")),
        (b"[1]", (400, "not_readable")),
        (b"[" * 100_000, (400, "not_readable")),
        (b'"2016"', (400, "not_readable")),
        (b"\xff\xfe", (400, "not_readable")),
        (b'{"year": null}', (422, "bad_parameter")),
        (b'{"year": [2016]}', (422, "bad_parameter")),
        (b'{"year": true}', (422, "bad_parameter")),
        (b'{"year": "2016", "as_of": 5}', (422, "bad_parameter")),
        (b'{"source": "\\ud800"}', (422, "bad_parameter")),
        (b'{"\\ud800": "A"}', (422, "bad_parameter")),
        (b'{"source": "\\u0000"}', (422, "bad_parameter")),
    ],
)
def test_a_wrong_body_of_a_run_is_refused(known: Reporting, body: bytes, expected: tuple[int, str]) -> None:
    report = PARTNERSHIPS if b"source" in body or b"ud800" in body else FUNDING
    answer = known.report.post(f"/reports/{report}/runs", data=body, content_type="application/json")
    assert problem(answer) == expected


def test_a_body_that_is_not_json_is_the_wrong_type(known: Reporting) -> None:
    answer = known.report.post(f"/reports/{FUNDING}/runs", data=b"year=2016", content_type="text/plain")
    assert problem(answer) == (415, "unsupported_type")


def test_parameters_of_a_run_come_in_the_body_or_in_the_query_as_text_or_number(known: Reporting) -> None:
    by_body = known.report.post(f"/reports/{FUNDING}/runs", json={"year": 2016})
    by_query = known.report.post(f"/reports/{FUNDING}/runs?year=2016")
    assert (by_body.status_code, by_query.status_code) == (202, 202)
    assert by_body.get_json()["params"] == by_query.get_json()["params"] == {"year": "2016", "copy": "internal"}


def test_a_source_reads_as_it_stands_in_the_records_spaces_aside(known: Reporting) -> None:
    known.submit(factories.partnership("p-3", source="MC/INF/253"))
    known.report.follow()
    answer = known.report.get(f"/reports/{PARTNERSHIPS}/latest.xlsx", source=" MC/INF/253 ", copy="public")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="partnerships-mc-inf-253-public.xlsx"'


@pytest.mark.parametrize(
    "path",
    [
        f"/issues/{UNKNOWN}",
        f"/issues/{UNKNOWN}.xlsx",
        f"/runs/{UNKNOWN}",
        "/issues/not-a-number",
        "/reports/unknown/latest.xlsx?year=2016",
        "/nothing",
    ],
)
def test_what_is_not_there_is_404(known: Reporting, path: str) -> None:
    assert problem(known.report.get(path)) == (404, "not_found")


def test_an_unknown_issue_cannot_be_released(known: Reporting) -> None:
    assert problem(known.report.post(f"/issues/{UNKNOWN}/release")) == (404, "not_found")


@pytest.mark.parametrize("role", ["focal_point", "project_manager", "service"])
def test_only_analysts_and_administrators_release(known: Reporting, issued: dict[str, Any], role: str) -> None:
    path = f"/issues/{issued['issue_id']}/release"
    assert problem(known.report.post(path, role=role)) == (403, "forbidden")
    assert known.report.issues(FUNDING, **YEAR)[0]["released"] is None


def test_the_first_release_stands(known: Reporting, issued: dict[str, Any]) -> None:
    path = f"/issues/{issued['issue_id']}/release"
    first = known.report.post(path)
    known.advance("1d")
    again = known.report.post(path, role="admin")
    assert first.get_json() == again.get_json()
    assert first.get_json()["released"] == {
        "at": "2016-11-30T08:00:00Z",
        "by": "analyst@example.org",
        "note": None,
    }


@pytest.mark.parametrize("path", [f"{LATEST}?year=2016", f"/reports/{FUNDING}/issues?year=2016"])
def test_a_donor_reads_none_of_this(known: Reporting, path: str) -> None:
    assert problem(known.report.get(path, role="donor")) == (404, "not_found")


def test_a_donor_neither_releases_nor_runs_nor_reads_an_issue(known: Reporting, issued: dict[str, Any]) -> None:
    for path in (f"/issues/{issued['issue_id']}/release", f"/reports/{FUNDING}/runs?year=2016"):
        assert problem(known.report.post(path, role="donor")) == (403, "forbidden")
    assert problem(known.report.get(f"/issues/{issued['issue_id']}.xlsx", role="donor")) == (404, "not_found")


def test_without_a_token_nothing_is_told(known: Reporting) -> None:
    answer = known.report.client.get(f"/report/v1{LATEST}?year=2016")
    assert problem(answer) == (401, "unauthorized")


def test_the_wrong_method_says_which_is_right(known: Reporting) -> None:
    answer = known.report.post(LATEST)
    assert problem(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_the_catalogue_tells_what_stands_and_what_is_stale(known: Reporting, issued: dict[str, Any]) -> None:
    known.submit(factories.requirement("KEN", year=2017, amount="4"))
    known.report.follow()
    told = {json.dumps(state["params"]): state for state in known.report.known(FUNDING)}
    assert [state["stale"] for state in told.values()] == [False, True]
    assert next(iter(told.values()))["last_issue"] == issued
