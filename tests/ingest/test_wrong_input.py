from __future__ import annotations

import io
import json
from typing import Any

import pytest

from factories import envelope, grant, partner, partnership, project, requirement


def _errors(answer: Any) -> dict[str, str]:
    return {error.get("pointer", ""): error["code"] for error in answer.get_json()["errors"]}


@pytest.mark.parametrize(
    ("record", "pointer", "code"),
    [
        ({"kind": "grantt"}, "/records/0/kind", "unknown_kind"),
        ({}, "/records/0/kind", "unknown_kind"),
        ("text", "/records/0", "wrong_type"),
        (requirement(colour="red"), "/records/0/colour", "unknown_field"),
        (requirement(amount=[1]), "/records/0/amount", "wrong_type"),
        (requirement(amount="1,000"), "/records/0/amount", "wrong_type"),
        (requirement(amount="NaN"), "/records/0/amount", "not_a_number"),
        (requirement(amount="-1"), "/records/0/amount", "out_of_range"),
        (requirement(amount="0.001"), "/records/0/amount", "too_precise"),
        (requirement(amount="1e400"), "/records/0/amount", "out_of_range"),
        (requirement(year="2016"), "/records/0/year", "wrong_type"),
        (requirement(year=True), "/records/0/year", "wrong_type"),
        (requirement(currency="USX"), "/records/0/currency", "not_in_list"),
        (requirement(currency=None), "/records/0/currency", "required"),
        (requirement(office="KNE"), "/records/0/office", "unknown_reference"),
        (requirement("UGA"), "/records/0/office", "foreign_office"),
        (requirement(action="delete"), "/records/0/action", "not_in_list"),
        (requirement(note="a\x00b"), "/records/0/note", "bad_character"),
        (requirement(note="\ud800"), "/records/0/note", "bad_character"),
        (project(end="2014-12-31"), "/records/0/end", "dates_out_of_order"),
        (project(start="2015-02-30"), "/records/0/start", "not_a_date"),
        (project(areas=[{"code": "migration_health", "percent": 99}]), "/records/0/areas", "percent_sum"),
        (project(areas=[{"code": "migration_health"}]), "/records/0/areas/0/percent", "required"),
        (project(gender_marker=5), "/records/0/gender_marker", "out_of_range"),
        (project(manager={"name": "A"}), "/records/0/manager/email", "required"),
        (project(targets=[{"group": "a", "count": 1.5}]), "/records/0/targets/0/count", "not_whole"),
        (project(targets=[{"group": "a", "count": 2, "sex": "femal"}]), "/records/0/targets/0/sex", "not_in_list"),
        (project(targets=[{"group": "a", "count": 2, "age_min": 9, "age_max": 2}]), "/records/0/targets/0/age_max", "ages_out_of_order"),  # noqa: E501 - one case, one line
        (grant(reporting_rules={"rules": "us-federal"}), "/records/0/reporting_rules/frequency", "required"),
        (grant(reporting_rules={"rules": "prm", "frequency": "annual"}), "/records/0/reporting_rules/frequency", "not_applicable"),  # noqa: E501 - one case, one line
        (grant(reporting_rules=[{"type": "final", "period_start": "2015-01-01", "period_end": "2014-01-01", "due": "2016-01-01"}]), "/records/0/reporting_rules/0/period_end", "dates_out_of_order"),  # noqa: E501 - one case, one line
        (partnership(), "/records/0/partner_id", "unknown_reference"),
        (partner(merged_into="hayat"), "/records/0/merged_into", "merge_circle"),
    ],
)  # fmt: skip
def test_a_wrong_record_is_refused_where_it_is_wrong(at_home: Any, record: Any, pointer: str, code: str) -> None:
    token = at_home.token("focal_point", offices=["KEN"])
    answer = at_home.post(envelope(record), token=None if "merged_into" in record else token)
    assert answer.status_code == 422, answer.text
    assert _errors(answer).get(pointer) == code
    assert at_home.get("/changes").get_json()["last"] == 4


def test_every_error_comes_at_once_and_nothing_is_half_applied(at_home: Any) -> None:
    wrong = requirement(amount="x", currency="USX", colour="red")
    answer = at_home.post(envelope(requirement(area="migrant_assistance"), wrong, project(end="2014-01-01")))
    assert set(_errors(answer)) == {
        "/records/1/amount",
        "/records/1/currency",
        "/records/1/colour",
        "/records/2/end",
    }
    assert at_home.items("/records/funding_requirement") == []


def test_nan_has_its_place(at_home: Any) -> None:
    body = json.dumps(envelope(requirement(amount=float("nan")))).encode()
    assert b"NaN" in body
    assert _errors(at_home.post(body)) == {"/records/0/amount": "not_a_number"}


def test_a_record_sent_twice_is_named(at_home: Any) -> None:
    answer = at_home.post(envelope(requirement(), requirement(amount=5)))
    assert _errors(answer) == {"/records/1/area": "duplicate_key"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1,", b"\xff\xfe", b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"],
)
def test_what_is_not_json_is_a_400_and_kept(at_home: Any, body: bytes) -> None:
    answer = at_home.post(body)
    assert answer.status_code == 400
    problem = answer.get_json()
    assert at_home.get(f"/submissions/{problem['submission_id']}/original").data == body


@pytest.mark.parametrize("document", [[], "text", 5, None, {}, {"office": 5, "records": {}}, {"office": "KEN"}])
def test_what_is_not_an_envelope_is_a_422(at_home: Any, document: Any) -> None:
    assert at_home.post(document).status_code == 422


def test_a_body_too_large_is_a_413_and_not_kept(at_home: Any) -> None:
    answer = at_home.post(b" " * (50 * 1024 * 1024))
    assert answer.status_code == 413
    assert "40 MB" in answer.get_json()["detail"]
    assert len(at_home.items("/submissions")) == 1


def test_a_body_without_a_length_is_read_to_its_end_and_no_further(at_home: Any) -> None:
    small = json.dumps(envelope(requirement())).encode()
    for body, status in ((small, 201), (b" " * (41 * 1024 * 1024), 413)):
        answer = at_home.client.open(
            "/ingest/v1/submissions",
            method="POST",
            input_stream=io.BytesIO(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {at_home.admin}", "Transfer-Encoding": "chunked"},
        )
        assert answer.status_code == status, answer.text


def test_a_wrong_content_type_is_a_415(at_home: Any) -> None:
    assert at_home.post(envelope(requirement()), content_type="text/csv").status_code == 415


def test_no_token_or_a_bad_one_is_a_401(at_home: Any) -> None:
    assert at_home.client.get("/ingest/v1/submissions").status_code == 401
    assert at_home.get("/submissions", token="x.y.z").status_code == 401
    assert at_home.client.get("/ingest/openapi.json").status_code == 401
    assert at_home.client.get("/ingest/healthz").status_code == 200


def test_unknown_places_and_parameters_are_named(at_home: Any) -> None:
    assert at_home.get("/nothing").status_code == 404
    assert at_home.get("/records/grantt").status_code == 404
    answer = at_home.get("/submissions?colour=red")
    assert answer.status_code == 422
    assert "colour" in answer.get_json()["errors"][0]["field"]
    assert at_home.get("/submissions?after=!!").status_code == 400


def test_only_central_roles_write_central_records(at_home: Any) -> None:
    token = at_home.token("focal_point", offices=["KEN"])
    rate = {"kind": "exchange_rate", "currency": "EUR", "month": "2016-11", "usd_rate": "1", "source": "x"}
    assert at_home.refuse(rate, token=token)[0]["code"] == "not_yours"
    analyst = at_home.token("analyst")
    assert at_home.accept(rate, code="HQ", token=analyst)["new"] == 1
