"""A change that notify cannot apply, and a project of which it cannot tell what it owes, hold up nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

import factories
from browsing import browser
from muster_notify import alarms, mending, troubles_heard
from muster_notify.rebuild import rebuild
from muster_notify.standing import standing
from muster_shared.names import REPORT_FAILS, SET_ASIDE
from owing import HOME_DAY, owed, project_owing

PAGE = "/notify/admin"


def without(name: str, key: str) -> Callable[[dict[str, Any]], None]:
    """Spoil changes of a record by leaving out a field, or what every change has."""

    def spoil(change: dict[str, Any]) -> None:
        if change["key"] == key:
            (change if name in change else change["fields"]).pop(name, None)

    return spoil


def with_a_manager_nobody_can_write_to(change: dict[str, Any]) -> None:
    if change["key"] == "KE-001":
        change["fields"]["manager"] = {"name": "Amina", "email": 7}


def listed(muster: Any) -> list[dict[str, Any]]:
    return list(muster.items("/set-aside"))


def codes(muster: Any) -> list[str]:
    return sorted({one["project_code"] for one in muster.items("/obligations")})


def mend(muster: Any) -> None:
    muster.log.spoil = lambda _change: None
    with muster.context.sessions.begin() as session:
        session.execute(text("UPDATE set_aside SET try_at = try_at - interval '2 days'"))
    muster.follow()


@pytest.fixture
def two(offices: Any) -> Any:
    """Two projects that each owe a report which is overdue."""
    offices.submit(*project_owing(owed(-3)), *project_owing(owed(-3), code="KE-002"))
    return offices


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fields", "not readable: fields"),
        ("occurred_at", "not readable: occurred_at"),
        ("title", "KeyError at muster_notify.project_news:"),
    ],
)
def test_what_cannot_be_applied_is_set_aside_and_the_others_are_reminded(two: Any, name: str, reason: str) -> None:
    two.follow()
    handed = {"manager": {"name": "Grace", "email": "grace@example.org"}, "alternate_manager": None}
    two.log.spoil = without(name, "KE-001")
    two.submit(*(factories.project(code, status="active", **handed) for code in ("KE-001", "KE-002")))
    two.sweep()
    [one] = listed(two)
    assert (one["kind"], one["key"], one["reason"][: len(reason)]) == ("project", "KE-001", reason)
    assert standing(two.context)["set_aside"] == 1
    by_code = {one["project_code"]: one["owner"]["name"] for one in two.items("/obligations")}
    assert by_code == {"KE-001": "Amina Otieno", "KE-002": "Grace"}
    assert len(two.told("held")) == 3, "two people of the one, one of the other"
    mend(two)
    assert (listed(two), standing(two.context)["set_aside"]) == ([], 0)
    assert {one["owner"]["name"] for one in two.items("/obligations")} == {"Grace"}
    assert rebuild(two.context, two.log).differing == ()


def test_a_later_change_takes_its_place_and_is_never_overwritten_by_it(two: Any) -> None:
    two.log.spoil = without("fields", "KE-001")
    two.follow()
    assert codes(two) == ["KE-002"]
    two.log.spoil = lambda _change: None
    newer = {"name": "Grace", "email": "grace@example.org"}
    two.submit(factories.project(status="active", manager=newer))
    two.follow()
    assert [one["superseded_by"] is not None for one in listed(two)] == [True]
    mend(two)
    assert codes(two) == ["KE-001", "KE-002"]
    assert {one["owner"]["name"] for one in two.items("/obligations?project_code=KE-001")} == {"Grace"}
    path = f"/notify/v1/set-aside/{listed(two)[0]['position']}/retry"
    headers = {"Authorization": f"Bearer {two.token('admin')}"}
    assert two.client.post(path, headers=headers).status_code == 409


def test_a_project_that_cannot_be_worked_out_holds_up_no_other_one(two: Any) -> None:
    two.log.spoil = with_a_manager_nobody_can_write_to
    two.sweep()
    [one] = listed(two)
    assert (one["position"], one["kind"], one["key"]) == (0, mending.OBLIGATIONS, "KE-001")
    assert codes(two) == ["KE-002"]
    assert two.told("held"), "the log counts as applied: what is known is judged"
    assert rebuild(two.context, two.log).differing == ()
    two.log.spoil = lambda _change: None
    two.submit(factories.project(status="active", title="Mended"))
    two.follow()
    assert (codes(two), listed(two)) == (["KE-001", "KE-002"], [])


def test_one_alarm_stands_while_anything_is_set_aside(two: Any) -> None:
    two.log.spoil = without("fields", "KE-001")
    two.follow()
    two.follow()
    [alarm] = two.items("/alarms")
    assert (alarm["kind"], alarm["subject"]) == (SET_ASIDE, "notify")
    assert "KE-001" in browser(two).read(PAGE)
    with two.context.sessions.begin() as session:
        alarms.clear(session, kind=SET_ASIDE, subject="notify", now=two.clock.now(), by="ann@example.org")
    two.follow()
    assert two.items("/alarms") == [], "somebody has seen to it"
    mend(two)
    two.log.spoil = without("fields", "KE-001")
    two.advance("1h")
    two.submit(factories.project(status="active", title="Once more"))
    two.follow()
    assert [one["kind"] for one in two.items("/alarms")] == [SET_ASIDE], "another spell"
    mend(two)
    assert two.items("/alarms") == [], "it cleared itself"


def test_a_change_is_tried_again_at_the_word_of_an_administrator(two: Any) -> None:
    two.log.spoil = without("fields", "KE-001")
    two.follow()
    [one] = listed(two)
    two.log.spoil = lambda _change: None
    page = browser(two)
    answer = page.send(PAGE, {}, to=f"{PAGE}/set-aside/{one['position']}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}#set-aside")
    two.follow()
    assert (listed(two), codes(two)) == ([], ["KE-001", "KE-002"])


def test_what_is_wrong_in_report_is_one_alarm_until_it_is_over(muster: Any) -> None:
    told = {"kind": REPORT_FAILS, "subject": "donor (until 2016-11-30)", "detail": "KeyError", "since": str(HOME_DAY)}
    for _ in range(2):
        assert troubles_heard.hear(muster.context, [{**told, "stands": True}]) == [{**told, "stands": True}]
    [alarm] = muster.items("/alarms")
    assert (alarm["kind"], alarm["office"], alarm["subject"]) == (REPORT_FAILS, "", told["subject"])
    assert "The report donor (until 2016-11-30) cannot be made and is tried again" in browser(muster).read(PAGE)
    troubles_heard.hear(muster.context, [{**told, "stands": False}])
    assert muster.items("/alarms") == []
