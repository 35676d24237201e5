"""Handing all projects of one person over to another: one submission, one revision each, nothing else touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories

PAUL, AMINA, GRACE = "paul.mwangi@example.org", "amina.otieno@example.org", "grace@example.org"
NEW = {"name": "Grace Wanjiru", "email": GRACE}


def person(email: str) -> dict[str, str]:
    return {"name": email.partition("@")[0], "email": email}


def hand_over(
    ingest: Any, body: Any = None, *, role: str = "admin", key: str | None = None, **scope: Any
) -> TestResponse:
    document = {"from": PAUL, "to": NEW} if body is None else body
    headers = {"Authorization": f"Bearer {ingest.token(role, **scope)}"} | ({"Idempotency-Key": key} if key else {})
    sent = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer: TestResponse = ingest.client.post(
        "/ingest/v1/handovers", data=sent, headers=headers, content_type="application/json"
    )
    return answer


@pytest.fixture
def pauls(at_home: Any) -> Any:
    """Paul manages one project, is the alternate of a second in another office, and has nothing to do with a third."""
    at_home.accept(
        factories.project("KE-001", manager=person(PAUL.upper()), alternate_manager=None),
        factories.project("KE-003", manager=person(AMINA), alternate_manager=None),
        code="KEN",
    )
    at_home.accept(
        factories.project("UG-002", office="UGA", manager=person(AMINA), alternate_manager=person(PAUL)), code="UGA"
    )
    return at_home


def fields_of(ingest: Any, code: str) -> dict[str, Any]:
    return dict(ingest.get(f"/records/project/{code}").get_json()["fields"])


def revision_of(ingest: Any, code: str) -> int:
    return int(ingest.get(f"/records/project/{code}").get_json()["revision"])


def test_every_project_goes_over_in_one_submission_and_nothing_else_of_it_changes(pauls: Any) -> None:
    before = {code: fields_of(pauls, code) for code in ("KE-001", "KE-003", "UG-002")}
    answer = hand_over(pauls)
    assert answer.status_code == 201, answer.text
    receipt = answer.get_json()
    assert (receipt["changed"], receipt["new"], receipt["withdrawn"], receipt["status"]) == (2, 0, 0, "accepted")
    assert {change["key"]: list(change["fields"]) for change in receipt["changes"]} == {
        "KE-001": ["manager"],
        "UG-002": ["alternate_manager"],
    }
    assert fields_of(pauls, "KE-001") == before["KE-001"] | {"manager": NEW}
    assert fields_of(pauls, "UG-002") == before["UG-002"] | {"alternate_manager": NEW}
    assert fields_of(pauls, "KE-003") == before["KE-003"]
    assert [revision_of(pauls, code) for code in ("KE-001", "KE-003", "UG-002")] == [2, 1, 2]
    assert pauls.get(f"/submissions/{receipt['submission_id']}").get_json()["note"].startswith("projects of paul")


def test_it_can_be_undone_like_any_submission(pauls: Any) -> None:
    before = fields_of(pauls, "KE-001")
    done = hand_over(pauls).get_json()
    undone = pauls.client.post(
        f"/ingest/v1/submissions/{done['submission_id']}/revert", headers={"Authorization": f"Bearer {pauls.admin}"}
    )
    assert undone.status_code == 201, undone.text
    assert fields_of(pauls, "KE-001") == before


def test_the_same_key_gives_the_first_receipt_again(pauls: Any) -> None:
    first, second = hand_over(pauls, key="one"), hand_over(pauls, key="one")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json() == second.get_json()
    assert revision_of(pauls, "KE-001") == 2


def test_a_dry_run_says_what_would_go_over_and_changes_nothing(pauls: Any) -> None:
    headers = {"Authorization": f"Bearer {pauls.admin}"}
    answer = pauls.client.post("/ingest/v1/handovers?dry_run=true", json={"from": PAUL, "to": NEW}, headers=headers)
    assert (answer.status_code, answer.get_json()["changed"], answer.get_json()["receipt"]) == (200, 2, None)
    assert revision_of(pauls, "KE-001") == 1


def test_who_ends_up_in_both_seats_of_a_project_is_told_of(pauls: Any) -> None:
    receipt = hand_over(pauls, {"from": AMINA, "to": person(PAUL)}).get_json()
    assert receipt["remarks"] == [f"UG-002: {PAUL} is its manager and its alternate manager now"]


def test_nobodys_projects_are_refused_clearly_and_the_attempt_is_kept(pauls: Any) -> None:
    answer = hand_over(pauls, {"from": "nobody@example.org", "to": NEW})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    [error] = answer.get_json()["errors"]
    assert (error["code"], error["pointer"]) == ("nothing_to_hand_over", "/from")
    kept = pauls.get(f"/submissions/{answer.get_json()['submission_id']}").get_json()
    assert kept["status"] == "rejected"


UNREADABLE: list[tuple[Any, int, list[str]]] = [
    ({"from": "paul", "to": {"name": "Grace"}, "why": 1}, 422, ["/from", "/to/email", "/why"]),
    ({"from": PAUL, "to": person(PAUL.upper())}, 422, ["/to/email"]),
    ({"from": PAUL, "to": {"name": "G\x00", "email": GRACE}}, 422, ["/to/name"]),
    ({}, 422, ["/from", "/to"]),
    ([], 422, [""]),
    (b'{"from": ', 400, []),
]


def test_what_cannot_be_read_names_every_mistake_and_changes_nothing(pauls: Any) -> None:
    for body, status, pointers in UNREADABLE:
        answer = hand_over(pauls, body)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert sorted(error["pointer"] for error in answer.get_json().get("errors", [])) == pointers
        assert answer.get_json()["submission_id"]
    assert revision_of(pauls, "KE-001") == 1


def test_only_an_administrator_hands_over(pauls: Any) -> None:
    others: list[tuple[str, dict[str, Any]]] = [
        ("head_of_office", {"offices": ["KEN"]}),
        ("analyst", {}),
        ("service", {}),
    ]
    for role, scope in others:
        assert hand_over(pauls, role=role, **scope).status_code == 403
    assert revision_of(pauls, "KE-001") == 1
