"""Notify's HTTP interface: lists and filters, pages, and who sees what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import factories
from owing import ALTERNATE, OWNER, due_in, owed, project_owing, report_on


@pytest.fixture
def busy(offices: Any) -> Any:
    """Two projects in Kenya, one in Uganda and one in Ukraine, with something of every status."""
    offices.submit(
        factories.office("UGA", time_zone="Europe/Zurich"),
        factories.office("UKR", region="see_ee_central_asia", time_zone="Europe/Zurich"),
        code="HQ",
    )
    entries = [owed(-3), owed(10, type="financial"), owed(15, type="final")]
    offices.submit(*project_owing(*entries), *project_owing(owed(-9), code="KE-002", alternate_manager=None))
    offices.submit(report_on("KE-002", donor_status="returned"))
    other = {"name": "Grace", "email": "grace@example.org"}
    offices.submit(
        *project_owing(owed(-5), code="UG-001", office="UGA", manager=other, alternate_manager=None), code="UGA"
    )
    offices.submit(report_on("UG-001", donor_status="accepted"), code="UGA")
    offices.submit(
        *project_owing(owed(-6), code="UA-001", office="UKR", manager=other, alternate_manager=None), code="UKR"
    )
    offices.submit(report_on("UA-001"), code="UKR")
    offices.sweep()
    return offices


def codes(muster: Any, path: str, role: str = "admin", **caller: Any) -> list[str]:
    return [item["project_code"] for item in muster.items(path, role, **caller)]


def test_an_obligation_tells_what_is_owed_by_whom_when_and_how_late(busy: Any) -> None:
    [found] = [o for o in busy.items("/obligations?project_code=KE-001") if o["type"] == "interim"]
    assert {name: value for name, value in found.items() if name not in {"obligation_id", "history"}} == {
        "project_code": "KE-001",
        "grant_id": "G-KE-001",
        "type": "interim",
        "period_start": "2016-01-01",
        "period_end": "2016-06-30",
        "due": due_in(-3),
        "status": "overdue",
        "days_late": 3,
        "owner": {"name": "Amina Otieno", "email": OWNER},
        "office": "KEN",
        "next_rung": {"rung": 7, "on": due_in(4), "tell": ["owner", "alternate", "head"]},
        "snoozed_until": None,
        "acknowledged_at": None,
    }
    assert busy.get(f"/obligations/{found['obligation_id']}").get_json() == found


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("overdue", ["KE-002", "KE-001"]),
        ("returned", ["KE-002"]),
        ("due_soon", ["KE-001"]),
        ("upcoming", ["KE-001"]),
        ("submitted", ["UA-001"]),
        ("closed", ["UG-001"]),
    ],
)
def test_obligations_are_filtered_by_status(busy: Any, status: str, expected: list[str]) -> None:
    assert codes(busy, f"/obligations?status={status}") == expected


def test_each_status_filter_gives_what_the_list_says(busy: Any) -> None:
    everything = busy.items("/obligations")
    for status in ("upcoming", "due_soon", "submitted", "returned", "closed"):
        assert busy.items(f"/obligations?status={status}") == [o for o in everything if o["status"] == status]
    late = [o for o in everything if o["status"] in ("overdue", "returned") and o["days_late"] > 0]
    assert busy.items("/obligations?status=overdue") == late


def test_obligations_are_filtered_by_office_and_project(busy: Any) -> None:
    assert codes(busy, "/obligations?office=UGA") == ["UG-001"]
    assert codes(busy, "/obligations?office=KEN&status=overdue&project_code=KE-002") == ["KE-002"]


def test_pages_put_together_are_the_list(busy: Any) -> None:
    for path in ("/obligations", "/reminders"):
        whole = busy.items(path)
        pages = list(every_page(busy, f"{path}?limit=2"))
        assert len(whole) > 4
        assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)
        assert [item for page in pages for item in page] == whole


def every_page(muster: Any, path: str) -> Iterator[list[dict[str, Any]]]:
    page = muster.get(path).get_json()
    yield page["items"]
    while page["next"]:
        page = muster.get(f"{path}&after={page['next']}").get_json()
        yield page["items"]


def test_everybody_sees_what_is_theirs(busy: Any) -> None:
    assert set(codes(busy, "/obligations", "focal_point", offices=["KEN"])) == {"KE-001", "KE-002"}
    assert set(codes(busy, "/obligations", "head_of_office", offices=["UGA", "UKR"])) == {"UG-001", "UA-001"}
    east = ["east_horn_of_africa"]
    assert set(codes(busy, "/obligations", "reviewer", regions=east)) == {"KE-001", "KE-002", "UG-001"}
    assert set(codes(busy, "/obligations", "project_manager", name="Grace@Example.org")) == {"UG-001", "UA-001"}
    assert set(codes(busy, "/obligations", "project_manager", name=ALTERNATE)) == {"KE-001"}
    for role in ("analyst", "admin", "service"):
        assert len(codes(busy, "/obligations", role)) == 6


def test_reminders_and_single_obligations_follow_the_same_scope(busy: Any) -> None:
    assert {r["recipient"] for r in busy.items("/reminders?status=held")} > {OWNER}
    assert busy.items("/reminders", "focal_point", offices=["UGA"]) == []
    [kenyan, *_] = busy.items("/obligations?office=KEN")
    path = f"/obligations/{kenyan['obligation_id']}"
    assert busy.get(path, "focal_point", offices=["KEN"]).status_code == 200
    assert busy.get(path, "focal_point", offices=["UGA"]).status_code == 404
    assert busy.get(f"/obligations/{uuid4()}").status_code == 404


def test_a_donor_is_refused(busy: Any) -> None:
    for path in ("/obligations", "/reminders", f"/obligations/{uuid4()}"):
        answer = busy.get(path, "donor", donor="example-fund")
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
        assert answer.get_json()["type"] == "urn:muster:problem:forbidden"


def test_reminders_are_filtered(busy: Any) -> None:
    [late] = busy.items("/obligations?project_code=KE-001&status=overdue")
    of_it = busy.items(f"/reminders?obligation_id={late['obligation_id']}")
    assert {(r["rung"], r["status"]) for r in of_it} == {
        *((days, "skipped") for days in (-30, -14, -7, -1)),
        (1, "held"),
    }
    assert {r["recipient"] for r in busy.items(f"/reminders?recipient={OWNER.upper()}")} == {OWNER}
    assert [r["obligation_ids"] for r in of_it] == [[late["obligation_id"]]] * len(of_it)
    assert {r["channel"] for r in of_it} == {"mail"}
    assert busy.items("/reminders?status=sent") == []


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/obligations?status=late", 422, "query.status"),
        ("/obligations?colour=red", 422, "query.colour"),
        ("/obligations?limit=0", 422, "query.limit"),
        ("/reminders?obligation_id=1", 422, "query.obligation_id"),
        ("/obligations?after=nonsense", 400, None),
        ("/reminders?after=AAAA", 400, None),
        ("/obligations/not-an-id", 404, None),
        ("/snoozes", 404, None),
    ],
)
def test_wrong_questions_are_answered_as_problems(offices: Any, path: str, status: int, field: str | None) -> None:
    answer = offices.get(path)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert [error["field"] for error in answer.get_json().get("errors", [])] == ([field] if field else [])


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/obligations?colour=red", "there is no such field here: leave it out, or mend its name"),
        ("/obligations?limit=many", "is not a whole number: give one, for example 20"),
        ("/reminders?obligation_id=1", "is not an id: give it as it was answered, 36 characters with hyphens"),
    ],
)
def test_a_wrong_question_hears_what_would_be_right(offices: Any, path: str, right: str) -> None:
    assert [error["message"] for error in offices.get(path).get_json()["errors"]] == [right]


def test_without_a_token_nothing_is_told_but_that_it_lives(offices: Any) -> None:
    assert offices.client.get("/notify/v1/obligations").status_code == 401
    assert offices.client.get("/notify/healthz").status_code == 200
    assert offices.client.get("/notify/readyz").get_json()["status"] == "ready"


def test_the_interface_describes_itself(offices: Any) -> None:
    document = offices.client.get(
        "/notify/openapi.json", headers={"Authorization": f"Bearer {offices.token('admin')}"}
    ).get_json()
    rules = {rule.rule for rule in offices.client.application.url_map.iter_rules()}
    described = {re.sub(r"<(?:\w+(?:\(.*?\))?:)?(\w+)>", r"{\1}", rule) for rule in rules}
    assert set(document["paths"]) == {path for path in described if path.startswith("/notify/v1/")}
    assert len(document["paths"]) > 10
