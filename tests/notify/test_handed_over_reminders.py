"""After a handover the reminders go to whoever has the projects now, and what still waited for the old one does not."""

from __future__ import annotations

from typing import Any

from owing import ALTERNATE, OWNER, owed, project_owing

GRACE = {"name": "Grace Wanjiru", "email": "grace@example.org"}


def held(muster: Any) -> set[tuple[str, int]]:
    return {(r["recipient"], r["rung"]) for r in muster.items("/reminders?status=held")}


def test_what_waits_for_the_old_owner_goes_to_the_new_one(offices: Any) -> None:
    offices.submit(*project_owing(owed(10)), *project_owing(owed(-3), code="KE-002"))
    offices.sweep()
    assert held(offices) == {(OWNER, -14), (OWNER, 1), (ALTERNATE, 1)}
    answer = offices.ingest_client.post(
        "/ingest/v1/handovers",
        json={"from": OWNER, "to": GRACE},
        headers={"Authorization": f"Bearer {offices.token('admin')}"},
    )
    assert answer.status_code == 201, answer.text
    offices.sweep()
    assert held(offices) == {(GRACE["email"], -14), (GRACE["email"], 1), (ALTERNATE, 1)}
    left = [r for r in offices.items(f"/reminders?recipient={OWNER}") if r["rung"] in {-14, 1}]
    assert {(r["status"], bool(r["reason"])) for r in left} == {("skipped", True)}
    [found, other] = offices.items("/obligations")
    assert found["owner"] == other["owner"] == GRACE
    assert offices.items("/obligations", "project_manager", name=OWNER) == []
    assert len(offices.items("/obligations", "project_manager", name=GRACE["email"])) == 2
