"""The audit trail: what is noted, that nothing of it can be changed or taken out unseen, and finding things in it."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import factories
from muster_shared import audit
from muster_shared.auth import Caller

ANN = {"email": "ann@example.org", "name": "Ann", "role": "analyst"}


def entries(house: Any, service: str = "ingest", **query: str) -> list[dict[str, Any]]:
    client, headers = house.clients[service], {"Authorization": f"Bearer {house.token('admin')}"}
    answer = client.get(f"/{service}/v1/audit", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def verified(house: Any, head: str = "") -> dict[str, Any]:
    query = f"?head={head}" if head else ""
    return dict(house.admin("GET", f"/ingest/v1/audit/verification{query}").get_json())


def write(house: Any, count: int) -> None:
    for number in range(count):
        with house.ingest.sessions.begin() as session:
            caller = Caller(f"{number}@example.org", "admin")
            audit.note(session, caller, "tried", {"project_code": f"KE-{number}"}, at=house.ingest.clock.now())


def test_what_people_do_is_noted_with_who_and_how_it_ended(house: Any) -> None:
    house.admin("POST", "/ingest/v1/users", ANN)
    token = house.admin("POST", "/ingest/v1/tokens", {"title": "t", "role": "analyst", "name": "ann@example.org"})
    house.admin("DELETE", f"/ingest/v1/tokens/{token.get_json()['token_id']}")
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("HQ"), code="HQ"))
    house.admin("POST", "/ingest/v1/submissions", factories.envelope({"kind": "office"}, code="HQ"))
    noted = [(one["action"], one["outcome"]) for one in entries(house)]
    assert noted == [
        ("user_added", "done"),
        ("token_made", "done"),
        ("token_revoked", "done"),
        ("submission", "done"),
        ("submission", "refused"),
    ]
    assert {one["actor"] for one in entries(house)} == {"admin@example.org"}


@pytest.mark.parametrize("service", ["ingest", "report", "notify"])
def test_refused_attempts_are_noted_in_every_service(house: Any, service: str) -> None:
    house.ask("GET", f"/{service}/v1/audit", house.token("analyst"))
    house.ask("GET", f"/{service}/v1/audit", "forged")
    noted = entries(house, service, outcome="refused")
    assert [(one["actor"], one["subject"]["status"]) for one in noted] == [("analyst@example.org", 403), ("", 401)]
    assert noted[0]["address"] == "127.0.0.1"


def test_a_flood_of_refusals_is_noted_in_part(house: Any) -> None:
    for _ in range(60):
        house.ask("GET", "/ingest/v1/me", "forged")
    assert 20 <= len(entries(house)) < 60


def test_the_database_refuses_to_change_or_delete_an_entry(house: Any) -> None:
    write(house, 2)
    audit.seal(house.ingest.sessions)
    for statement in (
        "UPDATE audit_entry SET actor = 'eve@example.org'",
        "UPDATE audit_entry SET number = 7",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with pytest.raises(DBAPIError, match="never changed or deleted"), house.ingest.sessions.begin() as session:
            session.execute(text(statement))
    assert verified(house)["broken_at"] is None


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_entry SET actor = 'eve@example.org' WHERE number = 3", 3),
        ("UPDATE audit_entry SET subject = '{}' WHERE number = 2", 2),
        ("DELETE FROM audit_entry WHERE number = 4", 4),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE number = 1", 1),
        ("DELETE FROM audit_entry WHERE number = 5", 5),
    ],
)
def test_what_is_changed_behind_its_back_breaks_the_chain_there(house: Any, tampering: str, broken_at: int) -> None:
    write(house, 5)
    head = verified(house)["head"]
    whole = {"entries": 5, "head": head, "unsealed": 0, "broken_at": None, "erased": 0, "forgotten": 0}
    assert verified(house, head) == whole
    with house.ingest.sessions.begin() as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text(tampering))
        session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
    assert verified(house, head)["broken_at"] == broken_at


def test_sealers_at_the_same_time_make_one_chain(house: Any) -> None:
    write(house, 40)
    with ThreadPoolExecutor(4) as pool:
        sealed = sum(pool.map(lambda _: audit.seal(house.ingest.sessions), range(4)))
    assert sealed == 40
    assert verified(house)["entries"] == 40
    assert verified(house)["broken_at"] is None


def test_the_trail_is_searched_by_person_project_action_and_time(house: Any) -> None:
    write(house, 3)
    house.admin("POST", "/ingest/v1/users", ANN)
    assert [one["actor"] for one in entries(house, project_code="KE-1")] == ["1@example.org"]
    assert [one["action"] for one in entries(house, person="ANN@example.org")] == ["user_added"]
    assert len(entries(house, action="tried")) == 3
    assert entries(house, since="2017-01-01T00:00:00Z") == []
    assert len(entries(house, until="2017-01-01T00:00:00Z")) == 4
    page = house.admin("GET", "/ingest/v1/audit?limit=2").get_json()
    assert [one["number"] for one in page["items"]] == [1, 2]
    assert [one["number"] for one in entries(house, after=str(page["next"]))] == [3, 4]


def test_the_export_holds_the_same_and_no_formulas(house: Any) -> None:
    with house.ingest.sessions.begin() as session:
        audit.note(session, Caller("=1+1", "admin"), "tried", {}, at=house.ingest.clock.now())
    rows = list(csv.DictReader(io.StringIO(house.admin("GET", "/ingest/v1/audit.csv").text)))
    assert [(row["number"], row["actor"]) for row in rows] == [("1", "'=1+1")]
    assert house.ask("GET", "/ingest/v1/audit.csv", house.token("analyst")).status_code == 403
