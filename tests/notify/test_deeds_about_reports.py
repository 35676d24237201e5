"""Putting a report off and acknowledging it: who may, how far, and where it shows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

import factories
from deeds_done import Line, lined, pointers, send
from owing import ALTERNATE, HEAD, OWNER, REVIEWER, due_in, owed, project_owing, report_on

EAST = ["east_horn_of_africa"]
SNOOZE = {"until": due_in(5), "reason": "the partner's figures are late"}
EVERYTHING: list[tuple[str, dict[str, Any]]] = [
    ("snooze", SNOOZE),
    ("acknowledge", {}),
    ("extension", {"new_end": "2017-06-30", "reason": "r"}),
]
THEIRS: list[tuple[str, dict[str, Any]]] = [
    ("project_manager", {"name": OWNER}),
    ("project_manager", {"name": ALTERNATE}),
    ("focal_point", {"offices": ["KEN"]}),
    ("head_of_office", {"offices": ["KEN"], "name": HEAD}),
    ("reviewer", {"regions": EAST, "name": REVIEWER}),
    ("admin", {}),
]


@pytest.fixture
def kenya(offices: Any) -> Any:
    """KE-001 owes a report in ten days, KE-002 owed one three days ago."""
    offices.submit(factories.office("UGA", time_zone="Europe/Zurich"), code="HQ")
    offices.submit(*project_owing(owed(10)), *project_owing(owed(-3), code="KE-002"))
    offices.line = lined(offices)
    offices.follow()
    return offices


def one(muster: Any, code: str = "KE-001") -> dict[str, Any]:
    muster.follow()
    [found] = muster.items(f"/obligations?project_code={code}")
    return dict(found)


def do(muster: Any, what: str, body: Any, role: str = "admin", *, code: str = "KE-001", **caller: Any) -> Any:
    return send(muster, "POST", f"/obligations/{one(muster, code)['obligation_id']}/{what}", body, role, **caller)


def test_everybody_it_belongs_to_can_put_a_report_off(kenya: Any) -> None:
    for number, (role, scope) in enumerate(THEIRS, start=2):
        answer = do(kenya, "snooze", {**SNOOZE, "until": due_in(number)}, role, **scope)
        assert answer.status_code == 201, answer.text
        assert answer.get_json() == {"receipt": f"KEN-{number:06}", "warnings": []}
        assert one(kenya)["snoozed_until"] == due_in(number)


def test_a_snooze_shows_in_the_history_with_who_and_why_and_in_ingest(kenya: Any) -> None:
    do(kenya, "snooze", SNOOZE, "project_manager", name=OWNER)
    newest = one(kenya)["history"][-1]
    assert {"event": "snoozed", "until": due_in(5), "by": OWNER, "reason": SNOOZE["reason"]}.items() <= newest.items()
    [record] = kenya.ingest_client.get(
        "/ingest/v1/records/follow_up", headers={"Authorization": f"Bearer {kenya.token('admin')}"}
    ).get_json()["items"]
    assert (record["office"], record["updated_by"]) == ("KEN", "notify")
    assert record["fields"]["by"] == OWNER


def test_nobody_is_reminded_of_what_is_put_off_until_it_is_over(kenya: Any) -> None:
    do(kenya, "snooze", {**SNOOZE, "until": due_in(4)})
    kenya.sweep()
    assert kenya.items("/reminders?status=held&project_code=KE-001") == []
    kenya.advance("5d")
    kenya.sweep()
    assert {r["rung"] for r in kenya.items("/reminders?status=held&project_code=KE-001")} == {-7}


def test_an_acknowledgement_needs_no_reason_and_shows(kenya: Any) -> None:
    answer = do(kenya, "acknowledge", {}, "focal_point", offices=["KEN"])
    assert answer.status_code == 201, answer.text
    found = one(kenya)
    assert found["acknowledged_at"] == "2016-11-30T08:00:00Z"
    assert {"event": "acknowledged", "by": "focal_point@example.org"}.items() <= found["history"][-1].items()


def test_the_last_deed_counts_also_within_one_minute(kenya: Any) -> None:
    for day in (3, 6, 3):
        assert do(kenya, "snooze", {**SNOOZE, "until": due_in(day)}).status_code == 201
        assert one(kenya)["snoozed_until"] == due_in(day)
    do(kenya, "acknowledge", {})
    assert one(kenya)["snoozed_until"] == due_in(3)
    assert [event["event"] for event in one(kenya)["history"]][1:] == ["snoozed"] * 3 + ["acknowledged"]


def test_two_people_at_once_both_leave_their_mark(kenya: Any) -> None:
    path = f"/obligations/{one(kenya)['obligation_id']}/snooze"
    for name in (OWNER, ALTERNATE):  # notify has followed neither yet
        assert send(kenya, "POST", path, SNOOZE, "project_manager", name=name).status_code == 201
    assert [event["by"] for event in one(kenya)["history"] if event["event"] == "snoozed"] == [OWNER, ALTERNATE]


def test_the_same_asked_twice_is_one_deed(kenya: Any) -> None:
    first = do(kenya, "snooze", SNOOZE)
    assert do(kenya, "snooze", SNOOZE).get_json() == first.get_json()
    assert len(one(kenya)["history"]) == 2


def test_an_answer_lost_on_the_way_costs_nothing(kenya: Any) -> None:
    kenya.line.cut = True
    lost = do(kenya, "snooze", SNOOZE)
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "2")
    kenya.line.cut = False
    assert do(kenya, "snooze", SNOOZE).get_json()["receipt"] == "KEN-000002"
    assert len(one(kenya)["history"]) == 2


def test_while_ingest_is_away_nothing_is_half_done(kenya: Any) -> None:
    kenya.line.away = True
    before = one(kenya)
    for what, body in EVERYTHING:
        answer = do(kenya, what, body)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert one(kenya) == before


def test_a_snooze_beyond_the_donors_date_is_refused_with_the_limit(kenya: Any) -> None:
    before = one(kenya)
    beyond = {-1: "not_in_future", 0: "not_in_future", 11: "beyond_limit", 400: "beyond_limit"}
    for role, scope in (THEIRS[0], THEIRS[2], THEIRS[3]):
        for until, code in beyond.items():
            answer = do(kenya, "snooze", {**SNOOZE, "until": due_in(until)}, role, **scope)
            assert (answer.status_code, pointers(answer)) == (422, ["/until"])
            [error] = answer.get_json()["errors"]
            assert error["code"] == code
            assert until != 11 or due_in(10) in error["message"]
    assert one(kenya) == before


def test_until_the_due_date_itself_it_may_be_put_off(kenya: Any) -> None:
    assert do(kenya, "snooze", {**SNOOZE, "until": due_in(10)}, "project_manager", name=OWNER).status_code == 201


def test_the_region_puts_off_beyond_the_donors_date_but_not_for_ever(kenya: Any) -> None:
    regional_head = {"offices": ["RO-east_horn_of_africa"], "name": "head@example.org"}
    for role, scope in (*THEIRS[4:], ("head_of_office", regional_head)):
        for code in ("KE-001", "KE-002"):
            assert do(kenya, "snooze", {**SNOOZE, "until": due_in(40)}, role, code=code, **scope).status_code == 201
        answer = do(kenya, "snooze", {**SNOOZE, "until": due_in(367)}, role, **scope)
        assert (answer.status_code, pointers(answer)) == (422, ["/until"])


def test_what_is_overdue_is_put_off_by_the_reviewer_only(kenya: Any) -> None:
    answer = do(kenya, "snooze", SNOOZE, "project_manager", code="KE-002", name=OWNER)
    assert (answer.status_code, pointers(answer)) == (422, ["/until"])
    assert "only the regional reviewer" in answer.get_json()["errors"][0]["message"]


STRANGERS: list[tuple[str, dict[str, Any], int]] = [
    ("focal_point", {"offices": ["UGA"]}, 404),
    ("head_of_office", {"offices": ["UGA"]}, 404),
    ("reviewer", {"regions": ["asia_pacific"]}, 404),
    ("project_manager", {"name": "stranger@example.org"}, 404),
    ("analyst", {}, 403),
    ("service", {}, 403),
    ("donor", {"donor": "example-fund"}, 403),
    ("focal_point", {"offices": ["KEN"], "name": "focal_point-KEN"}, 403),
]


def test_somebody_elses_report_is_none_of_theirs(kenya: Any) -> None:
    before = one(kenya)
    for role, scope, status in STRANGERS:
        for what, body in EVERYTHING:
            assert do(kenya, what, body, role, **scope).status_code == status
    assert one(kenya) == before


def test_what_was_handed_in_is_not_put_off(kenya: Any) -> None:
    kenya.submit(report_on())
    answer = do(kenya, "snooze", SNOOZE)
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:muster:problem:not_owed")
    assert send(kenya, "POST", f"/obligations/{uuid4()}/snooze", SNOOZE).status_code == 404


MISTAKES: list[tuple[Any, list[str]]] = [
    ({}, ["/reason", "/until"]),
    ({"until": "tomorrow", "reason": "  "}, ["/reason", "/until"]),
    ({"until": due_in(5), "reason": 7}, ["/reason"]),
    ({"until": due_in(5), "reason": "x" * 2001}, ["/reason"]),
    ({"until": due_in(5), "reason": "a\x00b"}, ["/reason"]),
    ({"until": due_in(5), "reason": "\ud800"}, ["/reason"]),
    ({**SNOOZE, "by": OWNER, "a/b~c": 1}, ["/a~1b~0c", "/by"]),
    ([], [""]),
]


def test_every_mistake_in_a_body_is_named_with_its_pointer(kenya: Any) -> None:
    for body, expected in MISTAKES:
        answer = do(kenya, "snooze", body)
        assert (answer.status_code, sorted(pointers(answer))) == (422, expected)


def test_a_body_that_is_no_json_is_refused(kenya: Any) -> None:
    path = f"/notify/v1/obligations/{one(kenya)['obligation_id']}/snooze"
    headers = {"Authorization": f"Bearer {kenya.token('admin')}"}
    for content_type, status in (("application/json", 400), ("text/plain", 415)):
        answer = kenya.client.post(path, data=b'{"until":', content_type=content_type, headers=headers)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_ingest_is_asked_with_a_services_token_and_a_key_of_what_is_sent(kenya: Any) -> None:
    line: Line = kenya.line
    do(kenya, "snooze", SNOOZE)
    do(kenya, "snooze", {**SNOOZE, "until": due_in(6)})
    keys = [headers["Idempotency-Key"] for headers in line.sent]
    assert len(set(keys)) == 2
    assert all(key.startswith("act-") for key in keys)
