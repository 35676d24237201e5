from __future__ import annotations

import hashlib
import json
from typing import Any

import factories
from factories import envelope, grant, partner, partnership, progress_report, project, requirement


def test_an_accepted_submission_tells_what_it_changed(at_home: Any) -> None:
    receipt = at_home.accept(requirement())
    assert receipt["receipt"] == "KEN-000001"
    assert (receipt["new"], receipt["changed"], receipt["unchanged"], receipt["withdrawn"]) == (1, 0, 0, 0)
    [change] = receipt["changes"]
    assert (change["kind"], change["key"], change["action"]) == (
        "funding_requirement",
        "2016/KEN/migration_health",
        "new",
    )
    assert change["fields"]["amount"] == [None, "1000000"]


def test_the_same_content_again_makes_no_revision(at_home: Any) -> None:
    at_home.accept(requirement())
    before = at_home.get("/changes").get_json()["last"]
    again = at_home.accept(requirement(amount=1000000, note="  "))
    assert (again["unchanged"], again["changes"]) == (1, [])
    assert at_home.get("/changes").get_json()["last"] == before


def test_a_change_is_a_new_revision_and_the_old_one_stays(at_home: Any) -> None:
    at_home.accept(requirement())
    receipt = at_home.accept(requirement(amount="1500000.50"))
    assert receipt["changes"][0]["fields"] == {"amount": ["1000000", "1500000.5"]}
    history = at_home.items("/records/funding_requirement/2016/KEN/migration_health/revisions")
    assert [(row["revision"], row["fields"]["amount"], row["receipt"]) for row in history] == [
        (2, "1500000.5", "KEN-000002"),
        (1, "1000000", "KEN-000001"),
    ]
    assert history[0]["source"]["pointer"] == "/records/0"


def test_a_withdrawn_record_is_gone_and_counts_on_when_it_returns(at_home: Any) -> None:
    at_home.accept(requirement())
    key = {"kind": "funding_requirement", "year": 2016, "office": "KEN", "area": "migration_health"}
    receipt = at_home.accept({**key, "action": "withdraw"})
    assert (receipt["withdrawn"], receipt["changes"][0]["revision"]) == (1, 2)
    assert at_home.get("/records/funding_requirement/2016/KEN/migration_health").status_code == 404
    assert at_home.accept(requirement())["changes"][0]["revision"] == 3


def test_a_rejected_submission_is_kept_with_its_bytes(at_home: Any) -> None:
    body = json.dumps(envelope(requirement(area="migration_helth"))).encode()
    problem = at_home.post(body).get_json()
    kept = at_home.get(f"/submissions/{problem['submission_id']}").get_json()
    assert (kept["status"], kept["receipt"], kept["sha256"]) == (
        "rejected",
        "KEN-000001",
        hashlib.sha256(body).hexdigest(),
    )
    assert "did you mean Migration health (migration_health)?" in kept["errors"][0]["message"]
    assert at_home.get(f"/submissions/{problem['submission_id']}/original").data == body


def test_a_repeated_key_gets_the_first_receipt(at_home: Any) -> None:
    first = at_home.post(envelope(requirement()), key="a")
    again = at_home.post(envelope(requirement()), key="a")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert at_home.post(envelope(requirement(amount=5)), key="a").status_code == 409
    other = at_home.token("admin", name="another@example.org")
    assert at_home.post(envelope(requirement(amount=5)), key="a", token=other).status_code == 201


def test_a_repeated_key_gets_the_first_rejection(at_home: Any) -> None:
    first = at_home.post(envelope(requirement(amount="x")), key="b")
    again = at_home.post(envelope(requirement(amount="x")), key="b")
    assert first.status_code == again.status_code == 422
    assert first.get_json() == again.get_json()


def test_records_may_refer_to_each_other_within_a_submission(at_home: Any) -> None:
    receipt = at_home.accept(partnership(), partner())
    assert receipt["new"] == 2


def test_a_progress_report_may_leave_out_the_only_grant(at_home: Any) -> None:
    at_home.accept(project(), grant())
    report = progress_report()
    del report["grant_id"]
    assert at_home.accept(report)["changes"][0]["key"] == "KE-001/G-1/interim/2015-01-01/2015-06-30"
    at_home.accept(grant("G-2"))
    [error] = at_home.refuse({**report, "period_end": "2015-12-31"})
    assert (error["code"], error["pointer"]) == ("required", "/records/0/grant_id")


def test_a_write_on_an_older_revision_shows_both_values(at_home: Any) -> None:
    at_home.accept(requirement())
    at_home.accept(requirement(amount="2000000", base_revision=1))
    [error] = at_home.refuse(requirement(amount="3000000", base_revision=1))
    assert error["code"] == "conflict"
    assert "2000000" in error["message"]
    assert "3000000" in error["message"]


def test_what_others_name_cannot_be_withdrawn(at_home: Any) -> None:
    at_home.accept(partner(), partnership())
    leaving = {"kind": "partner", "partner_id": "hayat", "action": "withdraw"}
    [error] = at_home.refuse(leaving)
    assert error["code"] == "still_referenced"
    both = at_home.accept(leaving, {"kind": "partnership", "partnership_id": "p-1", "action": "withdraw"})
    assert both["withdrawn"] == 2


def test_an_office_sees_and_writes_its_own(at_home: Any) -> None:
    kenya, uganda = (at_home.token("focal_point", offices=[code]) for code in ("KEN", "UGA"))
    receipt = at_home.accept(requirement(), token=kenya)
    path = f"/submissions/{receipt['submission_id']}"
    assert at_home.get(path, token=kenya).status_code == 200
    assert at_home.get(path, token=uganda).status_code == 404
    assert at_home.get("/records/funding_requirement", token=uganda).get_json()["items"] == []
    assert at_home.get("/changes", token=kenya).status_code == 403
    assert at_home.post(envelope(requirement()), token=uganda).status_code == 403


def test_lists_come_in_pages(at_home: Any) -> None:
    areas = ("migration_health", "migrant_assistance", "migration_policy_research")
    at_home.accept(*(requirement(area=area) for area in areas))
    first = at_home.get("/records/funding_requirement?limit=2").get_json()
    rest = at_home.get(f"/records/funding_requirement?limit=2&after={first['next']}").get_json()
    assert [row["fields"]["area"] for row in first["items"] + rest["items"]] == sorted(areas)
    assert rest["next"] is None
    assert at_home.get("/submissions?limit=1").get_json()["items"][0]["receipt"] == "KEN-000001"


def test_every_kind_of_the_contract_is_taken(at_home: Any) -> None:
    at_home.accept(project(), grant(), partner(), partnership(), requirement())
    at_home.accept(
        {"kind": "initiative", "year": 2016, "slug": "a", "title": "A", "area": "migration_health", "required": "5"},
        progress_report(reached=[{"group": "returnees", "sex": "male", "count": 3}]),
        {
            "kind": "follow_up",
            "project_code": "KE-001",
            "type": "interim",
            "period_end": "2015-06-30",
            "at": "2015-08-01T09:00:00+03:00",
            "action": "snooze",
            "until": "2015-08-08",
            "reason": "audit",
            "by": "amina.otieno@example.org",
        },
        {
            "kind": "extension",
            "project_code": "KE-001",
            "requested_on": "2016-10-01",
            "new_end": "2017-03-31",
            "reason": "floods",
        },
        {
            "kind": "field_activity",
            "activity_id": "a-1",
            "offices": ["KEN", "UGA"],
            "title": "Course",
            "level": "activity",
            "types": ["training"],
            "start": "2002-05",
            "people": [{"group": "officers", "target": 20}],
            "source": "test",
        },
        {
            "kind": "indicator_value",
            "indicator": "returns",
            "place": "La Chorrera, Colombia",
            "period": "2001/2002",
            "value": 12.5,
            "unit": "percent",
            "source": "test",
        },
    )
    receipt = at_home.accept(
        {"kind": "exchange_rate", "currency": "EUR", "month": "2016-11", "usd_rate": "0.93", "source": "test"},
        {
            "kind": "published_total",
            "report": "funding-requirements",
            "year": 2016,
            "table": "overview",
            "region": "all",
            "area": "all",
            "printed": "0",
            "currency": "USD",
        },
        code="HQ",
    )
    assert receipt["new"] == 2
    [row] = at_home.items("/records/indicator_value")
    assert row["key"] == "returns/La Chorrera, Colombia/2001%2F2002"
    assert row["fields"]["value"] == "12.5"


def test_an_upsert_states_the_whole_record(at_home: Any) -> None:
    at_home.accept(requirement(note="for two camps"))
    receipt = at_home.accept(requirement())
    assert receipt["changes"][0]["fields"] == {"note": ["for two camps", None]}


def test_a_project_keeps_its_status_and_only_an_import_sets_it(at_home: Any) -> None:
    kenya = at_home.token("focal_point", offices=["KEN"])
    [error] = at_home.refuse(project(status="active"), token=kenya)
    assert error["code"] == "status_by_transition"
    at_home.accept(project(status="active"))
    at_home.accept(project(title="Shelter and health"), token=kenya)
    assert at_home.get("/records/project/KE-001").get_json()["fields"]["status"] == "active"
    assert factories.project()["title"] != "Shelter and health"
